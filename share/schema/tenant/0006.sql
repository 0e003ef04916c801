-- What a person said of stored values, laid over them on reading; the rows
-- themselves stay. tenant-db-annul(1), tenant-db-correct(1).

-- time and until are both included. kind NULL: both.
-- measurement: a name, or all. item: a place in a list from 1, NULL
-- for all of it. value is JSON; else it is old * scale + offset. Nothing is
-- deleted: one that was withdrawn has withdrawn_at. Where two speak of one
-- value the one with the greater id counts.
CREATE TABLE corrections (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	battery_id INTEGER NOT NULL
	    REFERENCES batteries (id) ON DELETE CASCADE,
	kind TEXT CHECK (kind IN ('battery', 'energy')),
	measurement TEXT NOT NULL CHECK (length(measurement) <= 63),
	item INTEGER CHECK (item BETWEEN 1 AND 1024),
	time INTEGER NOT NULL CHECK (time BETWEEN 0 AND 253402300799999),
	until INTEGER NOT NULL CHECK (until BETWEEN 0 AND 253402300799999),
	action TEXT NOT NULL CHECK (action IN ('annul', 'set', 'shift')),
	value TEXT CHECK (value GLOB '[-0-9"[{tfn]*'),
	scale REAL,
	offset REAL,
	reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
	made_by TEXT NOT NULL CHECK (length(made_by) BETWEEN 1 AND 255),
	made_at INTEGER NOT NULL CHECK (made_at BETWEEN 0 AND 253402300799999),
	withdrawn_reason TEXT
	    CHECK (length(withdrawn_reason) BETWEEN 1 AND 1000),
	withdrawn_by TEXT CHECK (length(withdrawn_by) BETWEEN 1 AND 255),
	withdrawn_at INTEGER
	    CHECK (withdrawn_at BETWEEN 0 AND 253402300799999),
	CHECK (time <= until)
) STRICT;
CREATE INDEX corrections_battery ON corrections (battery_id, until);
CREATE TRIGGER corrections_no_delete BEFORE DELETE ON corrections
WHEN EXISTS (SELECT 1 FROM batteries WHERE id = OLD.battery_id)
BEGIN SELECT RAISE(ABORT, 'corrections are withdrawn, not deleted'); END;
