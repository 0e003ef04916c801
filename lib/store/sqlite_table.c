/* What the virtual tables of this room share. */
#include "store/sqlite.h"

int
sqlite_table_failed(sqlite3_vtab *table, const struct failure *why)
{
	sqlite3_free(table->zErrMsg);
	table->zErrMsg = sqlite3_mprintf("%s", why->message);
	return why->status == EXIT_AGAIN ? SQLITE_IOERR : SQLITE_CORRUPT_VTAB;
}

int
sqlite_result_slug(sqlite3 *db, sqlite3_stmt **slug, sqlite3_int64 battery_id,
    sqlite3_context *context)
{
	if (*slug == NULL &&
	    sqlite3_prepare_v2(db, "SELECT slug FROM batteries WHERE id = ?1",
		-1, slug, NULL) != SQLITE_OK)
		return sqlite3_extended_errcode(db);
	sqlite3_bind_int64(*slug, 1, battery_id);
	if (sqlite3_step(*slug) == SQLITE_ROW)
		sqlite3_result_value(context, sqlite3_column_value(*slug, 0));
	return sqlite3_reset(*slug);
}
