-- What the web side must know of a client: may its logins come in, and how
-- many of them may there be (0: any number). A tenant that is not here is
-- active and has no limit. Written by tenant-db and by tenant-user init.
CREATE TABLE tenants (
	slug TEXT NOT NULL PRIMARY KEY CHECK (length(slug) <= 63),
	status TEXT NOT NULL
	    CHECK (status IN ('active', 'suspended', 'trial', 'archived')),
	max_users INTEGER NOT NULL CHECK (max_users >= 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX logins_tenant ON logins (tenant);
CREATE TRIGGER logins_quota AFTER INSERT ON logins
WHEN (SELECT count(*) FROM logins WHERE tenant = NEW.tenant AND
	status = 'active') >
    (SELECT max_users FROM tenants WHERE slug = NEW.tenant AND max_users > 0)
BEGIN SELECT RAISE(ABORT, 'quota: no more users (max_users)'); END;
