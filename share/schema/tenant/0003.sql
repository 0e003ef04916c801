-- Sealed blocks: hours, and later days, that are over. tenant(5).

-- id: battery_id * 2^32 + the minute since 1970 in which it begins. data:
-- the rows from `first` to `last`, of which none stands in readings.
CREATE TABLE blocks (
	id INTEGER PRIMARY KEY,
	first INTEGER NOT NULL CHECK (first BETWEEN 0 AND 253402300799999),
	last INTEGER NOT NULL CHECK (last BETWEEN 0 AND 253402300799999),
	count INTEGER NOT NULL CHECK (count > 0),
	data BLOB NOT NULL
) STRICT;
