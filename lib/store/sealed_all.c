/*
 * All sealed columns of a database at once: for the first time, or with a
 * new key. They are the small tables', so that one transaction does.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "store/sealed_parts.h"
#include "store/sqlite.h"

#define PAGE 200 /* rows in memory at once */

struct row {
	int64_t id;
	char *text; /* NULL: cannot be opened */
};

static bool
table_there(struct sql *sql, const char *table)
{
	return sqlite3_table_column_metadata(sql->db, "main", table, NULL, NULL,
		   NULL, NULL, NULL, NULL) == SQLITE_OK;
}

/* The next rows behind `id` that have a value, in clear as it is or as the
 * old key opens it. How many, or -1 with a failure. */
static int
read_rows(struct sql *sql, const struct sealed_column *column, int64_t id,
    struct row *rows, struct arena *arena, struct failure *why)
{
	const char *text = arena_print(arena,
	    "SELECT id, unsealed(\"%s\", '%s', '%s', id) v FROM \"%s\""
	    " WHERE id > ?1 AND v IS NOT NULL AND %s ORDER BY id LIMIT %d",
	    column->column, column->table, column->column, column->table,
	    column->where == NULL ? "1" : column->where, PAGE);
	struct sql_query *query = sql_prepare(sql, text, why);
	int count = 0, got;

	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, id);
	while ((got = sql_step(query, why)) == 1) {
		struct row *row = &rows[count++];
		const char *value = sql_text(query, 1);

		row->id = sql_integer(query, 0);
		row->text = sql_column_type(query, 1) == SQL_TYPE_BLOB
		    ? NULL
		    : arena_text(arena, value, strlen(value));
	}
	sql_query_free(query);
	return got == -1 ? -1 : count;
}

static int
seal_row(struct sql *sql, const struct column_keys *keys,
    struct sql_query *update, const struct sealed_column *column,
    const struct row *row, struct failure *why)
{
	struct column_place place = { column->table, column->column, row->id };
	char stand[SEALED_STAND];

	if (row->text == NULL)
		return failure_set(why, EXIT_WRONG,
		    "%s.%s of row %lld is sealed with another key",
		    column->table, column->column, (long long)row->id);
	sealed_stand_for(keys, column, row->text, stand);
	sql_bind_integer(update, 1, row->id);
	if (stand[0] == '\0')
		sql_bind_null(update, 2);
	else
		sql_bind_text(update, 2, stand);
	if (sql_done(update, why) == -1)
		return -1;
	return sealed_store(sql, keys, &place, row->text, why);
}

static int
seal_column(struct sql *sql, const struct column_keys *keys,
    const struct sealed_column *column, struct failure *why)
{
	struct arena arena = { 0 };
	struct sql_query *update = sql_prepare(sql,
	    arena_print(&arena, "UPDATE \"%s\" SET \"%s\" = ?2 WHERE id = ?1",
		column->table, column->column),
	    why);
	struct row rows[PAGE];
	int64_t id = 0;
	int count, result = update == NULL ? -1 : 0;

	do {
		count = result == -1
		    ? -1
		    : read_rows(sql, column, id, rows, &arena, why);
		for (int i = 0; i < count && result == 0; i++) {
			id = rows[i].id;
			result =
			    seal_row(sql, keys, update, column, &rows[i], why);
		}
	} while (result == 0 && count == PAGE);
	sql_query_free(update);
	arena_free(&arena);
	return count == -1 ? -1 : result;
}

static int
note_version(struct sql *sql, unsigned version, struct failure *why)
{
	return sql_run_with(sql,
	    "INSERT OR REPLACE INTO sealing (id, version, clean)"
	    " VALUES (1, ?1, 0)",
	    &(int64_t){ version }, 1, why);
}

static int
seal_columns(struct sql *sql, const struct column_keys *keys,
    int (*also)(void *context, struct sql *sql, struct failure *why),
    void *context, struct failure *why)
{
	int result = 0;

	if (sql_begin(sql, why) == -1)
		return -1;
	for (size_t i = 0; i < sealed_columns_count && result == 0; i++)
		if (table_there(sql, sealed_columns[i].table))
			result =
			    seal_column(sql, keys, &sealed_columns[i], why);
	if (result == 0)
		result = note_version(sql, column_version(keys), why);
	if (result == 0 && also != NULL)
		result = also(context, sql, why);
	if (result == 0)
		return sql_commit(sql, true, why);
	sql_rollback(sql);
	return -1;
}

/* Rows that were changed or removed may still stand in the free room of the
 * file and in its log: all of it is written anew. */
static int
clean(struct sql *sql, struct failure *why)
{
	if (sql_rewrite(sql, why) == -1 || sql_begin(sql, why) == -1)
		return -1;
	if (sql_run(sql, "UPDATE sealing SET clean = 1", why) == 0)
		return sql_commit(sql, true, why);
	sql_rollback(sql);
	return -1;
}

int
sealed_all(struct sql *sql, const struct vault_secret *key,
    int (*also)(void *context, struct sql *sql, struct failure *why),
    void *context, struct failure *why)
{
	struct column_keys *keys;
	char uuid[37];
	int version = sealed_version(sql, uuid, why);
	int64_t is_clean;

	keys = version == -1 ? NULL : column_keys_open(key, uuid, why);
	if (keys == NULL)
		return -1;
	if ((unsigned)version != column_version(keys) &&
	    (sql_run(sql, "PRAGMA secure_delete = ON", why) == -1 ||
		seal_columns(sql, keys, also, context, why) == -1)) {
		column_keys_close(keys);
		return -1;
	}
	if (sealed_keep(sql, keys, why) == -1)
		return -1;
	is_clean = sql_ask(sql, "SELECT clean FROM sealing", NULL, 0, why);
	return is_clean == 0 ? clean(sql, why) : is_clean == 1 ? 0 : -1;
}
