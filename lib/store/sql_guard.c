/*
 * What an open database lets be prepared: our own statements without
 * ATTACH, extensions and odd pragmas; a guarded one only SELECT, and not
 * for longer than its limit.
 */
#include <string.h>

#include "base/clock.h"
#include "store/sqlite.h"

#define STEPS_PER_LOOK 10000 /* between two looks at the clock */

static bool
function_refused(const char *name)
{
	static const char *const refused[] = { "load_extension",
		"fts3_tokenizer", "readfile", "writefile", "edit" };

	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (name != NULL && strcmp(name, refused[i]) == 0)
			return true;
	return false;
}

/* The pragmas that our own code may use, all others are refused. */
static bool
pragma_refused(const char *name)
{
	static const char *const allowed[] = { "application_id", "auto_vacuum",
		"cell_size_check", "data_version", "foreign_key_check",
		"foreign_key_list", "freelist_count", "incremental_vacuum",
		"index_info", "index_list", "integrity_check", "journal_mode",
		"journal_size_limit", "page_count", "page_size", "query_only",
		"quick_check", "secure_delete", "synchronous", "table_info",
		"table_list", "table_xinfo", "temp_store", "user_version",
		"wal_checkpoint" };

	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
		if (name != NULL && sqlite3_stricmp(name, allowed[i]) == 0)
			return false;
	return true;
}

static int
authorize_guarded(int action, const char *second)
{
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return function_refused(second) ? SQLITE_DENY : SQLITE_OK;
	default:
		return SQLITE_DENY;
	}
}

int
sqlite_authorize(void *data, int action, const char *first, const char *second,
    const char *database, const char *trigger)
{
	struct sql *sql = data;

	(void)database;
	(void)trigger;
	if (sql->limit_ms > 0)
		return authorize_guarded(action, second);
	switch (action) {
	case SQLITE_ATTACH:
	case SQLITE_DETACH:
		return sql->copying ? SQLITE_OK : SQLITE_DENY;
	case SQLITE_FUNCTION:
		return function_refused(second) ? SQLITE_DENY : SQLITE_OK;
	case SQLITE_PRAGMA:
		return pragma_refused(first) ? SQLITE_DENY : SQLITE_OK;
	default:
		return SQLITE_OK;
	}
}

static int
late(void *data)
{
	struct sql *sql = data;

	return clock_monotonic_ms() > sql->deadline_ms;
}

void
sql_guard(struct sql *sql, int64_t limit_ms)
{
	/* Built-in tables are declared at their first use: now. */
	sqlite3_exec(sql->db,
	    "SELECT 1 FROM json_each('[]'), json_tree('[]')"
	    " LIMIT 0",
	    NULL, NULL, NULL);
	sql->limit_ms = limit_ms;
	sqlite3_limit(sql->db, SQLITE_LIMIT_EXPR_DEPTH, 100);
	sqlite3_limit(sql->db, SQLITE_LIMIT_COMPOUND_SELECT, 50);
	sqlite3_limit(sql->db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000);
	sqlite3_progress_handler(sql->db, STEPS_PER_LOOK, late, sql);
}
