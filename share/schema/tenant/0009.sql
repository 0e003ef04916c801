-- Values that are sealed with the tenant's key: tenant(5). Where there is a
-- row in sealing, the columns below are NULL (an address: its blind index)
-- and what they hold stands in sealed_values.
CREATE TABLE sealing (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	-- of the key that all of them are sealed with
	version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 65535),
	-- 0: the file may still hold in clear what has been sealed since
	clean INTEGER NOT NULL DEFAULT 0 CHECK (clean IN (0, 1))
) STRICT;

CREATE TABLE sealed_values (
	table_name TEXT NOT NULL,
	column_name TEXT NOT NULL,
	row_id INTEGER NOT NULL,
	value BLOB NOT NULL,
	PRIMARY KEY (table_name, column_name, row_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER users_sealed AFTER DELETE ON users
BEGIN DELETE FROM sealed_values
    WHERE table_name = 'users' AND row_id = old.id; END;
CREATE TRIGGER locations_sealed AFTER DELETE ON locations
BEGIN DELETE FROM sealed_values
    WHERE table_name = 'locations' AND row_id = old.id; END;
CREATE TRIGGER batteries_sealed AFTER DELETE ON batteries
BEGIN DELETE FROM sealed_values
    WHERE table_name = 'batteries' AND row_id = old.id; END;
