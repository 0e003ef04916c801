-- Hours of cells that are long over stand in sheets as well: tenant(5). The
-- table cell_history is now a virtual one that reads both.
ALTER TABLE cell_history RENAME TO cell_rows;

-- id and data as in history_blocks.
CREATE TABLE cell_blocks (
	id INTEGER PRIMARY KEY,
	count INTEGER NOT NULL CHECK (count > 0),
	data BLOB NOT NULL
) STRICT;
