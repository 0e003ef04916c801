-- Plausibility over time, fault events, and who a battery is: tenant(5).

-- What is not believed of the battery readings from `time` to `until`, both
-- included; the readings stay as they are. Derived from them: judge.
CREATE TABLE suspects (
	battery_id INTEGER NOT NULL
	    REFERENCES batteries (id) ON DELETE CASCADE,
	time INTEGER NOT NULL CHECK (time BETWEEN 0 AND 253402300799999),
	until INTEGER NOT NULL CHECK (until BETWEEN 0 AND 253402300799999),
	reason TEXT NOT NULL CHECK (reason IN ('step', 'stuck', 'sign')),
	-- names
	measurements TEXT NOT NULL CHECK (measurements GLOB '[[]*]'),
	PRIMARY KEY (time, battery_id, reason)
) STRICT, WITHOUT ROWID;
CREATE INDEX suspects_battery ON suspects (battery_id, time);

-- Codes of faults and warnings with their beginning and end, which is NULL
-- while they last. Derived from the readings: judge.
CREATE TABLE fault_events (
	id INTEGER PRIMARY KEY,
	battery_id INTEGER NOT NULL
	    REFERENCES batteries (id) ON DELETE CASCADE,
	kind TEXT NOT NULL CHECK (kind IN ('fault', 'warning')),
	code TEXT NOT NULL,
	raised_at INTEGER NOT NULL
	    CHECK (raised_at BETWEEN 0 AND 253402300799999),
	cleared_at INTEGER CHECK (cleared_at BETWEEN 0 AND 253402300799999),
	UNIQUE (battery_id, raised_at, kind, code)
) STRICT;

-- How far each battery is judged. Rows up to `settled` stay as judged unless
-- one comes late, before `last`, which sets `dirty`; all hours from `start`
-- on were seen; `context` is where the neighbours of what comes next begin;
-- `newest` is the newest row of any kind; `hours` sums up the last three
-- hours as of `settled`.
CREATE TABLE judged (
	battery_id INTEGER PRIMARY KEY,
	start INTEGER NOT NULL,
	context INTEGER NOT NULL,
	settled INTEGER NOT NULL,
	last INTEGER NOT NULL,
	newest INTEGER NOT NULL,
	dirty INTEGER NOT NULL DEFAULT 0 CHECK (dirty IN (0, 1)),
	hours BLOB NOT NULL
) STRICT;

-- {"soc_percent":20,"stuck":false}: steps in the unit of the measurement
-- instead of those of judge, 0 for any; a battery's before its type's.
ALTER TABLE battery_types ADD COLUMN plausibility TEXT
    CHECK (plausibility GLOB '{*}');
ALTER TABLE batteries ADD COLUMN plausibility TEXT
    CHECK (plausibility GLOB '{*}');

-- 1: it measures this battery whatever serial number it tells.
ALTER TABLE device_batteries ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0
    CHECK (pinned IN (0, 1));

-- The device that said it; NULL: not told, or not known any more.
ALTER TABLE readings ADD COLUMN device_id INTEGER;
