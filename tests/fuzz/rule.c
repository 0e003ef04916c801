/* A rule's expression: what the scanner takes is at most one expression of
 * SQLite that reads no table. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "store/rule_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
authorize(void *data, int action, const char *first, const char *second,
    const char *database, const char *trigger)
{
	(void)data;
	(void)first;
	(void)database;
	(void)trigger;
	/* what is not allowed must not even be asked for */
	if (action != SQLITE_SELECT &&
	    (action != SQLITE_FUNCTION ||
		!rule_function(second, strlen(second))))
		abort();
	return SQLITE_OK;
}

static void
try_sql(sqlite3 *db, const char *expression)
{
	char *sql = sqlite3_mprintf("SELECT (%s)", expression);
	sqlite3_stmt *statement = NULL;
	const char *rest = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, &rest) == SQLITE_OK) {
		if (*rest != '\0' || sqlite3_column_count(statement) != 1 ||
		    !sqlite3_stmt_readonly(statement))
			abort();
		sqlite3_step(statement);
		sqlite3_finalize(statement);
	}
	sqlite3_free(sql);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static sqlite3 *db;
	char *text = malloc(size + 1);
	struct rule_text out;
	struct failure why;

	if (db == NULL) {
		if (sqlite3_open(":memory:", &db) != SQLITE_OK)
			abort();
		sqlite3_set_authorizer(db, authorize, NULL);
		sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, 100);
	}
	memcpy(text, data, size);
	text[size] = '\0';
	if (rule_translate(text, &out, &why) == 0) {
		try_sql(db, out.sql.data);
		if (out.left.size > 0) {
			try_sql(db, out.left.data);
			try_sql(db, out.right.data);
		}
	}
	rule_text_free(&out);
	free(text);
	return 0;
}
