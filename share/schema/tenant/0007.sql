-- What has changed, by hour: the batteries of one hour stand side by side.
-- By battery each round of a fleet wrote as many pages as it has batteries.
CREATE TABLE touched_by_hour (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	battery_id INTEGER NOT NULL,
	hour INTEGER NOT NULL,
	UNIQUE (hour, battery_id)
) STRICT;
INSERT INTO touched_by_hour (seq, battery_id, hour)
    SELECT seq, battery_id, hour FROM touched ORDER BY seq;
-- No seq is given twice.
DELETE FROM sqlite_sequence WHERE name = 'touched_by_hour';
INSERT INTO sqlite_sequence (name, seq)
    SELECT 'touched_by_hour', seq FROM sqlite_sequence WHERE name = 'touched';
DROP TABLE touched;
ALTER TABLE touched_by_hour RENAME TO touched;
