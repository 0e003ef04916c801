-- Hours of history that are long over stand in sheets: tenant(5). The table
-- bms_data_history is now a virtual one that reads both.
ALTER TABLE bms_data_history RENAME TO history_rows;

-- id: battery_id * 2^32 + the number of the 28 days since 1970. data: the
-- hours that begin in them, of which none stands in history_rows.
CREATE TABLE history_blocks (
	id INTEGER PRIMARY KEY,
	count INTEGER NOT NULL CHECK (count > 0),
	data BLOB NOT NULL
) STRICT;
