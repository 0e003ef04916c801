/*
 * trackingbms.so: bms_data and bms_data_history for any program that has
 * SQLite and a tenant's database open, such as the sqlite3 shell. It only
 * reads.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "store/bms_cell_history.h"
#include "store/extension.h"
#include "store/sqlite.h"

/* Set once, before any other call, by the one who loads us. */
const sqlite3_api_routines *sqlite3_api;

/* The name by which SQLite finds it in trackingbms.so. */
__attribute__((visibility("default"))) int sqlite3_trackingbms_init(
    sqlite3 *db, char **message, const sqlite3_api_routines *api);

static void
forget(void *data)
{
	struct sql *sql = data;

	free(sql->path);
	free(sql);
}

int
sqlite3_trackingbms_init(
    sqlite3 *db, char **message, const sqlite3_api_routines *api)
{
	struct sql *sql;

	(void)message;
	sqlite3_api = api;
	sql = mem_zero(1, sizeof(*sql));
	sql->db = db; /* stays the loader's */
	sql->path = mem_copy_text("bms_data");
	if (history_table_module(db) != SQLITE_OK ||
	    bms_cell_history_module(sql) != SQLITE_OK) {
		forget(sql);
		return SQLITE_ERROR;
	}
	return bms_data_module(sql, forget);
}
