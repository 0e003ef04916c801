/*
 * Every database is opened here, with the same settings, and every result
 * code of SQLite becomes one of our exit statuses: what a later try can
 * mend is EXIT_AGAIN, what it cannot is EXIT_WRONG, and what the data did
 * against a constraint is EXIT_REFUSED.
 */
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/sqlite.h"

#define BUSY_MS 5000
#define STATEMENT_MAX (1 << 20)
#define VALUE_MAX (16 << 20)

static enum exit_status
status_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_TOOBIG:
		return EXIT_REFUSED;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
	case SQLITE_FORMAT:
	case SQLITE_ERROR:
	case SQLITE_AUTH:
	case SQLITE_SCHEMA:
	case SQLITE_MISUSE:
	case SQLITE_RANGE:
		return EXIT_WRONG;
	default:
		return EXIT_AGAIN;
	}
}

int
sqlite_failure(struct sql *sql, int code, struct failure *why)
{
	if ((code & 0xff) == SQLITE_INTERRUPT && sql->limit_ms > 0)
		return failure_set(why, EXIT_AGAIN, "%s: stopped after %d s",
		    sql->path, (int)(sql->limit_ms / 1000));
	return failure_set(why, status_of(code), "%s: %s", sql->path,
	    sql->db == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(sql->db));
}

/* ---- opening ---------------------------------------------------------- */

static const int switches[][2] = { { SQLITE_DBCONFIG_DEFENSIVE, 1 },
	{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 }, { SQLITE_DBCONFIG_DQS_DML, 0 },
	{ SQLITE_DBCONFIG_DQS_DDL, 0 }, { SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
	{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	{ SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0 } };

static bool
is_new(struct sql *sql)
{
	struct failure why;

	return sql_ask(sql, "PRAGMA page_count", NULL, 0, &why) == 0;
}

static int
configure(struct sql *sql, enum sql_mode mode, struct failure *why)
{
	sqlite3_extended_result_codes(sql->db, 1);
	sql_patience(sql, BUSY_MS);
	for (size_t i = 0; i < sizeof(switches) / sizeof(*switches); i++)
		sqlite3_db_config(
		    sql->db, switches[i][0], switches[i][1], (int *)NULL);
	sqlite3_limit(sql->db, SQLITE_LIMIT_LENGTH, VALUE_MAX);
	sqlite3_limit(sql->db, SQLITE_LIMIT_SQL_LENGTH, STATEMENT_MAX);
	sqlite3_set_authorizer(sql->db, sqlite_authorize, sql);
	if (sql_run(sql,
		"PRAGMA cell_size_check = ON;"
		"PRAGMA temp_store = MEMORY;"
		"PRAGMA synchronous = NORMAL;"
		"PRAGMA journal_size_limit = 4194304;",
		why) == -1)
		return -1;
	if (mode == SQL_READ)
		return sql_run(sql,
		    "PRAGMA query_only = ON;"
		    "SELECT 1 FROM sqlite_schema",
		    why);
	sqlite_log_bound(sql);
	/* a new file can give back what is taken out of it */
	if (mode == SQL_CREATE && is_new(sql) &&
	    sql_run(sql, "PRAGMA auto_vacuum = INCREMENTAL", why) == -1)
		return -1;
	return sql_run(sql,
	    "PRAGMA journal_mode = WAL;"
	    "SELECT 1 FROM sqlite_schema",
	    why);
}

/* A change that was cut off is to be taken back, which a reader may not. */
static bool
was_cut_off(struct sql *sql)
{
	return sqlite3_extended_errcode(sql->db) == SQLITE_READONLY_ROLLBACK;
}

static struct sql *
open_anew(struct sql *sql, const char *path, struct failure *why)
{
	sql_close(sql);
	sql = sql_open(path, SQL_WRITE, why);
	if (sql == NULL)
		return NULL;
	sql_close(sql);
	return sql_open(path, SQL_READ, why);
}

struct sql *
sql_open(const char *path, enum sql_mode mode, struct failure *why)
{
	static const int flags[] = { [SQL_READ] = SQLITE_OPEN_READONLY,
		[SQL_WRITE] = SQLITE_OPEN_READWRITE,
		[SQL_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE };
	struct sql *sql = mem_zero(1, sizeof(*sql));
	int code;

	sql->path = mem_copy_text(path);
	code = sqlite3_open_v2(path, &sql->db,
	    flags[mode] | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
	if (code != SQLITE_OK)
		sqlite_failure(sql, code, why);
	else if (configure(sql, mode, why) == 0)
		return sql;
	else if (mode == SQL_READ && was_cut_off(sql))
		return open_anew(sql, path, why);
	sql_close(sql);
	return NULL;
}

void
sql_close(struct sql *sql)
{
	if (sql == NULL)
		return;
	sqlite3_close_v2(sql->db);
	free(sql->path);
	free(sql);
}

void
sql_patience(struct sql *sql, int64_t wait_ms)
{
	sql->busy_ms = (int)wait_ms;
	sqlite3_busy_timeout(sql->db, sql->busy_ms);
}

/* ---- transactions ----------------------------------------------------- */

int
sql_run(struct sql *sql, const char *statements, struct failure *why)
{
	int code = sqlite3_exec(sql->db, statements, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : sqlite_failure(sql, code, why);
}

int
sql_begin(struct sql *sql, struct failure *why)
{
	sql->transactions++;
	return sql_run(sql, "BEGIN IMMEDIATE", why);
}

int
sql_begin_read(struct sql *sql, struct failure *why)
{
	return sql_run(sql, "BEGIN; SELECT 1 FROM sqlite_schema", why);
}

uint64_t
sql_transactions(const struct sql *sql)
{
	return sql->transactions;
}

/*
 * A commit with synchronous=NORMAL leaves its pages in the log without a
 * sync; the sync that FULL would add can as well be done behind it, and
 * then covers all commits before.
 */
int
sql_sync(struct sql *sql, struct failure *why)
{
	sqlite3_file *file = NULL;
	int code;

	code = sqlite3_file_control(
	    sql->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
	if (code == SQLITE_OK && file != NULL && file->pMethods != NULL)
		code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
	if (code == SQLITE_OK)
		return 0;
	return failure_set(
	    why, EXIT_AGAIN, "%s: sync: %s", sql->path, sqlite3_errstr(code));
}

int
sql_commit(struct sql *sql, bool full, struct failure *why)
{
	if (sql_run(sql, "COMMIT", why) == -1) {
		sql_rollback(sql);
		return -1;
	}
	return full ? sql_sync(sql, why) : 0;
}

void
sql_rollback(struct sql *sql)
{
	if (!sqlite3_get_autocommit(sql->db))
		sqlite3_exec(sql->db, "ROLLBACK", NULL, NULL, NULL);
}
