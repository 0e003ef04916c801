-- A number of touched is given once because the newest row always stays, and
-- not by AUTOINCREMENT, whose table was a page more to write in each commit.
CREATE TABLE touched_plain (
	seq INTEGER PRIMARY KEY,
	battery_id INTEGER NOT NULL,
	hour INTEGER NOT NULL,
	UNIQUE (hour, battery_id)
) STRICT;
INSERT INTO touched_plain (seq, battery_id, hour)
    SELECT seq, battery_id, hour FROM touched ORDER BY seq;
-- Where the newest row is gone, an hour that nobody has takes its number.
INSERT INTO touched_plain (seq, battery_id, hour)
    SELECT seq, (SELECT min(id) FROM batteries), 0 FROM sqlite_sequence
    WHERE name = 'touched' AND EXISTS (SELECT 1 FROM batteries)
    AND seq > (SELECT ifnull(max(seq), 0) FROM touched)
    AND NOT EXISTS (SELECT 1 FROM touched WHERE hour = 0);
DROP TABLE touched;
ALTER TABLE touched_plain RENAME TO touched;
