/* Sheets of history become rows again: see history_seal.h. */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/history_seal.h"
#include "store/sheet.h"

struct history_lifter {
	struct sql *sql;
	const struct sheeted *table;
	struct sql_query *find, *remove, *insert;
};

/* All columns but an id, each with a parameter of its name. */
static void
put_columns(struct sql_query *all, const char *table, struct buf *text)
{
	struct buf values = { 0 };

	buf_print(text, "INSERT INTO %s ", table);
	for (int i = 0; i < sql_columns(all); i++) {
		const char *name = sql_column_name(all, i);

		if (strcmp(name, "id") == 0)
			continue;
		buf_print(
		    text, "%s\"%s\"", values.size == 0 ? "(" : ", ", name);
		buf_print(
		    &values, "%s:%s", values.size == 0 ? "(" : ", ", name);
	}
	buf_print(text, ") VALUES %s)", values.data);
	buf_free(&values);
}

static struct sql_query *
prepare_insert(struct history_lifter *lifter, struct failure *why)
{
	struct sql_query *all, *insert = NULL;
	struct buf text = { 0 };

	buf_print(&text, "SELECT * FROM %s LIMIT 0", lifter->table->rows);
	all = sql_prepare(lifter->sql, text.data, why);
	buf_clear(&text);
	if (all != NULL) {
		put_columns(all, lifter->table->rows, &text);
		insert = sql_prepare(lifter->sql, text.data, why);
	}
	sql_query_free(all);
	buf_free(&text);
	return insert;
}

struct history_lifter *
history_lifter_open(
    struct sql *sql, enum sheeted_table table, struct failure *why)
{
	struct history_lifter *lifter = mem_zero(1, sizeof(*lifter));
	struct buf text = { 0 };
	bool good;

	lifter->sql = sql;
	lifter->table = &sheeted_tables[table];
	buf_print(&text,
	    "SELECT id, data FROM %s WHERE id BETWEEN ?1 AND ?2"
	    " ORDER BY id LIMIT 1",
	    lifter->table->blocks);
	good = sql_prepare_into(&lifter->find, sql, text.data, why);
	buf_clear(&text);
	buf_print(&text, "DELETE FROM %s WHERE id = ?1", lifter->table->blocks);
	good = good && sql_prepare_into(&lifter->remove, sql, text.data, why);
	buf_free(&text);
	if (good)
		return lifter;
	history_lifter_close(lifter);
	return NULL;
}

void
history_lifter_close(struct history_lifter *lifter)
{
	if (lifter == NULL)
		return;
	sql_query_free(lifter->find);
	sql_query_free(lifter->remove);
	sql_query_free(lifter->insert);
	mem_free(lifter);
}

/* Which parameter each column is; -1 with a failure where one is unknown. */
static int
map_columns(struct history_lifter *lifter, const struct sheet *sheet,
    int *parameter, struct failure *why)
{
	struct buf name = { 0 };
	int result = 0;

	for (size_t i = 0; i < sheet_columns(sheet) && result == 0; i++) {
		buf_clear(&name);
		buf_print(&name, ":%s", sheet_name(sheet, i));
		parameter[i] = sql_parameter(lifter->insert, name.data);
		if (parameter[i] == 0)
			result =
			    failure_set(why, EXIT_WRONG, "%s has no column %s",
				lifter->table->rows, sheet_name(sheet, i));
	}
	buf_free(&name);
	return result;
}

static int
put_rows(
    struct history_lifter *lifter, struct sheet *sheet, struct failure *why)
{
	int *parameter = mem_zero(sheet_columns(sheet), sizeof(*parameter));
	int result = map_columns(lifter, sheet, parameter, why);

	for (size_t row = 0; row < sheet_rows(sheet) && result == 0; row++) {
		for (size_t i = 0; i < sheet_columns(sheet); i++) {
			struct sql_value value;

			result = sheet_get(sheet, i, row, &value, why);
			if (result == -1)
				break;
			sql_bind(lifter->insert, parameter[i], &value);
		}
		if (result == 0)
			result = sql_done(lifter->insert, why);
	}
	mem_free(parameter);
	return result;
}

/* The sheet that `find` stands on. */
static int
lift_found(struct history_lifter *lifter, struct failure *why)
{
	int64_t id = sql_integer(lifter->find, 0);
	struct sheet *sheet;
	const void *data;
	size_t size;
	int result;

	data = sql_blob(lifter->find, 1, &size);
	sheet = sheet_open(data, size, why);
	sql_reset(lifter->find);
	if (sheet == NULL)
		return failure_prefix(
		    why, "%s %lld", lifter->table->blocks, (long long)id);
	sql_bind_integer(lifter->remove, 1, id);
	result = sql_done(lifter->remove, why);
	if (result == 0)
		result = put_rows(lifter, sheet, why);
	sheet_close(sheet);
	return result;
}

int
history_lift(struct history_lifter *lifter, int64_t battery_id, int64_t from_ms,
    int64_t to_ms, struct failure *why)
{
	int64_t first = history_key(battery_id, from_ms < 0 ? 0 : from_ms);
	int got;

	if (to_ms <= 0)
		return 0;
	for (;;) {
		sql_bind_integer(lifter->find, 1, first);
		sql_bind_integer(
		    lifter->find, 2, history_key(battery_id, to_ms - 1));
		got = sql_step(lifter->find, why);
		if (got != 1) {
			sql_reset(lifter->find);
			return got;
		}
		if (lifter->insert == NULL &&
		    (lifter->insert = prepare_insert(lifter, why)) == NULL)
			return -1;
		if (lift_found(lifter, why) == -1)
			return -1;
	}
}
