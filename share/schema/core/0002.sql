-- Values that are sealed: as in the database of a tenant, tenant(5). Of
-- system_config what is_sensitive says; its config_value is then null.
CREATE TABLE sealing (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 65535),
	clean INTEGER NOT NULL DEFAULT 0 CHECK (clean IN (0, 1))
) STRICT;

CREATE TABLE sealed_values (
	table_name TEXT NOT NULL,
	column_name TEXT NOT NULL,
	row_id INTEGER NOT NULL,
	value BLOB NOT NULL,
	PRIMARY KEY (table_name, column_name, row_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER system_config_sealed AFTER DELETE ON system_config
BEGIN DELETE FROM sealed_values
    WHERE table_name = 'system_config' AND row_id = old.id; END;
