/* Prepared statements: their values and their rows. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/sqlite.h"

struct sql_query *
sql_prepare(struct sql *sql, const char *text, struct failure *why)
{
	struct sql_query *query;
	sqlite3_stmt *statement;
	const char *rest;
	int code;

	code = sqlite3_prepare_v3(sql->db, text, -1, 0, &statement, &rest);
	if (code != SQLITE_OK) {
		sqlite_failure(sql, code, why);
		return NULL;
	}
	if (statement == NULL || rest[strspn(rest, " \t\r\n;")] != '\0') {
		sqlite3_finalize(statement);
		failure_set(why, EXIT_WRONG, "%s: not one statement: %s",
		    sql->path, text);
		return NULL;
	}
	query = mem_alloc(sizeof(*query));
	query->statement = statement;
	query->sql = sql;
	return query;
}

bool
sql_prepare_into(struct sql_query **query, struct sql *sql, const char *text,
    struct failure *why)
{
	*query = sql_prepare(sql, text, why);
	return *query != NULL;
}

static struct sql_query **
query_at(void *all, size_t place)
{
	return (struct sql_query **)(void *)((char *)all + place);
}

int
sql_prepare_all(struct sql *sql, void *all, const struct sql_text *texts,
    size_t count, struct failure *why)
{
	for (size_t i = 0; i < count; i++)
		if (!sql_prepare_into(
			query_at(all, texts[i].place), sql, texts[i].text, why))
			return -1;
	return 0;
}

void
sql_free_all(void *all, const struct sql_text *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sql_query_free(*query_at(all, texts[i].place));
}

void
sql_query_free(struct sql_query *query)
{
	if (query == NULL)
		return;
	sqlite3_finalize(query->statement);
	free(query);
}

void
sql_reset(struct sql_query *query)
{
	sqlite3_reset(query->statement);
	sqlite3_clear_bindings(query->statement);
}

void
sql_bind_null(struct sql_query *query, int n)
{
	sqlite3_bind_null(query->statement, n);
}

void
sql_bind_integer(struct sql_query *query, int n, int64_t value)
{
	sqlite3_bind_int64(query->statement, n, value);
}

void
sql_bind_real(struct sql_query *query, int n, double value)
{
	sqlite3_bind_double(query->statement, n, value);
}

void
sql_bind_text(struct sql_query *query, int n, const char *text)
{
	sqlite3_bind_text(query->statement, n, text, -1, SQLITE_STATIC);
}

void
sql_bind_blob(struct sql_query *query, int n, const void *data, size_t size)
{
	sqlite3_bind_blob64(query->statement, n, data, size, SQLITE_STATIC);
}

void
sql_bind(struct sql_query *query, int n, const struct sql_value *value)
{
	switch (value->type) {
	case SQL_TYPE_INTEGER:
		sql_bind_integer(query, n, value->integer);
		break;
	case SQL_TYPE_REAL:
		sql_bind_real(query, n, value->real);
		break;
	case SQL_TYPE_TEXT:
		sql_bind_text(query, n, value->text);
		break;
	case SQL_TYPE_BLOB:
		sql_bind_blob(query, n, value->blob, value->size);
		break;
	default:
		sql_bind_null(query, n);
		break;
	}
}

int
sql_parameter(struct sql_query *query, const char *name)
{
	return sqlite3_bind_parameter_index(query->statement, name);
}

int
sql_step(struct sql_query *query, struct failure *why)
{
	struct sql *sql = query->sql;
	int code;

	if (sql->limit_ms > 0 && !sqlite3_stmt_busy(query->statement))
		sql->deadline_ms = clock_monotonic_ms() + sql->limit_ms;
	code = sqlite3_step(query->statement);
	if (code == SQLITE_ROW)
		return 1;
	if (code == SQLITE_DONE)
		return 0;
	return sqlite_failure(sql, code, why);
}

int
sql_done(struct sql_query *query, struct failure *why)
{
	int got = sql_step(query, why);

	sql_reset(query);
	if (got == 1)
		return failure_set(why, EXIT_WRONG,
		    "%s: a row where none belongs", query->sql->path);
	return got;
}

int64_t
sql_answer(struct sql_query *query, struct failure *why)
{
	int got = sql_step(query, why);
	int64_t number = got == 1 ? sql_integer(query, 0) : got;

	sql_reset(query);
	return number;
}

static struct sql_query *
prepare_with(struct sql *sql, const char *text, const int64_t *values,
    int count, struct failure *why)
{
	struct sql_query *query = sql_prepare(sql, text, why);

	for (int i = 0; query != NULL && i < count; i++)
		sql_bind_integer(query, i + 1, values[i]);
	return query;
}

int
sql_run_with(struct sql *sql, const char *text, const int64_t *values,
    int count, struct failure *why)
{
	struct sql_query *query = prepare_with(sql, text, values, count, why);
	int result = query == NULL ? -1 : sql_done(query, why);

	sql_query_free(query);
	return result;
}

int
sql_run_text(
    struct sql *sql, const char *text, const char *value, struct failure *why)
{
	struct sql_query *query = sql_prepare(sql, text, why);
	int result;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, value);
	result = sql_done(query, why);
	sql_query_free(query);
	return result;
}

int64_t
sql_ask(struct sql *sql, const char *text, const int64_t *values, int count,
    struct failure *why)
{
	struct sql_query *query = prepare_with(sql, text, values, count, why);
	int64_t number = query == NULL ? -1 : sql_answer(query, why);

	sql_query_free(query);
	return number;
}

int
sql_columns(struct sql_query *query)
{
	return sqlite3_column_count(query->statement);
}

const char *
sql_column_name(struct sql_query *query, int n)
{
	return sqlite3_column_name(query->statement, n);
}

enum sql_type
sql_column_type(struct sql_query *query, int n)
{
	switch (sqlite3_column_type(query->statement, n)) {
	case SQLITE_INTEGER:
		return SQL_TYPE_INTEGER;
	case SQLITE_FLOAT:
		return SQL_TYPE_REAL;
	case SQLITE_TEXT:
		return SQL_TYPE_TEXT;
	case SQLITE_BLOB:
		return SQL_TYPE_BLOB;
	default:
		return SQL_TYPE_NULL;
	}
}

int64_t
sql_integer(struct sql_query *query, int n)
{
	return sqlite3_column_int64(query->statement, n);
}

double
sql_real(struct sql_query *query, int n)
{
	return sqlite3_column_double(query->statement, n);
}

const char *
sql_text(struct sql_query *query, int n)
{
	return (const char *)sqlite3_column_text(query->statement, n);
}

const void *
sql_blob(struct sql_query *query, int n, size_t *size)
{
	const void *data = sqlite3_column_blob(query->statement, n);

	*size = (size_t)sqlite3_column_bytes(query->statement, n);
	return data;
}

int64_t
sql_last_id(struct sql *sql)
{
	return sqlite3_last_insert_rowid(sql->db);
}

int64_t
sql_changes(struct sql *sql)
{
	return sqlite3_changes64(sql->db);
}
