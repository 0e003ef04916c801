/* What the files of this room share about an open database. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>

#include "store/sql.h"

struct sql {
	sqlite3 *db;
	char *path;
	uint64_t transactions;
	int64_t limit_ms; /* of a guarded statement; 0: not guarded */
	int64_t deadline_ms; /* monotonic, of the statement that runs */
	void *keys; /* of sealed columns; a function's of the database */
	bool copying; /* VACUUM INTO attaches its target */
	int busy_ms; /* patience with locks */
	int log_tried; /* pages when it was last waited for readers */
};

struct sql_query {
	sqlite3_stmt *statement;
	struct sql *sql;
};

/* Fill a failure with what SQLite says about its last error; -1. */
int sqlite_failure(struct sql *sql, int code, struct failure *why);

/* SQLite asks it about each action that a new statement would take. */
int sqlite_authorize(void *sql, int action, const char *first,
    const char *second, const char *database, const char *trigger);
/* Keep the log of a database that is written from growing (sql_log.c). */
void sqlite_log_bound(struct sql *sql);
/* Sync the file or folder `beside` and let it take the place of `path`. */
int sqlite_file_keep(const char *beside, const char *path, struct failure *why);
/* Remove a database that nobody has open, with what lies beside it. */
void sqlite_file_remove(const char *path);

/* Does a constraint of a virtual table compare texts byte by byte? Any other
 * is left to SQLite. */
static inline bool
sqlite_compares_bytes(sqlite3_index_info *info, int constraint)
{
	return sqlite3_stricmp(
		   sqlite3_vtab_collation(info, constraint), "BINARY") == 0;
}

/* What a virtual table tells SQLite of a failure: its own code for it. */
int sqlite_table_failed(sqlite3_vtab *table, const struct failure *why);
/* The slug of a battery as a value, by a statement that *slug keeps (NULL at
 * first; the caller's). A code of SQLite. */
int sqlite_result_slug(sqlite3 *db, sqlite3_stmt **slug,
    sqlite3_int64 battery_id, sqlite3_context *context);

/* Make bms_data known; `forget` (or NULL) is called with `sql` when SQLite
 * needs it no more, also on failure. A code of SQLite. */
int bms_data_module(struct sql *sql, void (*forget)(void *));
/* The same for the tables of sheeted.h. */
int history_table_module(sqlite3 *db);

#endif
