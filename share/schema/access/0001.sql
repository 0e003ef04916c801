-- What the web side may know: who may log in and see which trees of the
-- site. No reading, no name of a battery. Times are milliseconds since 1970
-- UTC; a prefix is '/tenant/' or '/tenant/view/'.

PRAGMA application_id = 1413631297;

CREATE TABLE logins (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL COLLATE NOCASE UNIQUE
	    CHECK (length(name) BETWEEN 1 AND 128),
	-- NULL: of no tenant (super_admin)
	tenant TEXT CHECK (length(tenant) <= 63),
	role TEXT NOT NULL CHECK (role IN ('super_admin', 'admin',
	    'operator', 'viewer', 'readonly')),
	status TEXT NOT NULL DEFAULT 'active'
	    CHECK (status IN ('active', 'inactive')),
	password_hash TEXT NOT NULL CHECK (length(password_hash) <= 127),
	password_changed_at INTEGER NOT NULL,
	-- NULL: never; a generated first password ends after a day
	password_expires_at INTEGER,
	must_change INTEGER NOT NULL DEFAULT 0 CHECK (must_change IN (0, 1)),
	created_at INTEGER NOT NULL,
	last_login_at INTEGER,
	CHECK ((tenant IS NULL) = (role = 'super_admin'))
) STRICT;

CREATE TABLE grants (
	login_id INTEGER NOT NULL REFERENCES logins (id) ON DELETE CASCADE,
	prefix TEXT NOT NULL CHECK (prefix GLOB '/*/' AND
	    length(prefix) <= 131),
	PRIMARY KEY (login_id, prefix)
) STRICT, WITHOUT ROWID;

-- hash is the SHA-256 of the token that the browser holds.
CREATE TABLE sessions (
	hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
	login_id INTEGER NOT NULL REFERENCES logins (id) ON DELETE CASCADE,
	created_at INTEGER NOT NULL,
	last_used_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	source BLOB NOT NULL CHECK (length(source) = 16)
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_login ON sessions (login_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- Failed logins; key is a digest of (account, source) or of the source.
CREATE TABLE counters (
	key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 32),
	since INTEGER NOT NULL,
	failures INTEGER NOT NULL,
	-- refused until then
	until INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX counters_since ON counters (since);
