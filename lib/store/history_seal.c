/* See history_seal.h. */
#include "store/history_seal.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/sheet.h"
#include "store/sheeted.h"

/* ---- sealing ---------------------------------------------------------- */

/* One of the tables. */
struct sealing {
	struct sql *sql;
	const struct sheeted *table;
	struct sql_query *battery, *oldest, *rows, *insert, *remove;
	struct buf sheet;
	uint64_t *sheets;
};

/* The tail of statements on the hours of a battery. */
static void
put_hours(const struct sheeted *table, struct buf *text)
{
	buf_print(text, " FROM %s WHERE %s = ?1 AND %s = %s", table->rows,
	    table->bound[SHEETED_BATTERY], table->bound[SHEETED_PERIOD],
	    table->hour);
}

static void
put_window(const struct sheeted *table, struct buf *text)
{
	const char *start = table->bound[SHEETED_START];

	put_hours(table, text);
	buf_print(text, " AND %s >= ?2 AND %s < ?3", start, start);
}

/* All columns but an id, the one first that others are compared with. */
static bool
put_columns(struct sealing *s, struct buf *text, struct failure *why)
{
	const char *start = s->table->bound[SHEETED_START];
	struct sql_query *all;

	buf_print(text, "SELECT * FROM %s LIMIT 0", s->table->rows);
	all = sql_prepare(s->sql, text->data, why);
	if (all == NULL)
		return false;
	buf_clear(text);
	buf_print(text, "SELECT %s", start);
	for (int i = 0; i < sql_columns(all); i++) {
		const char *name = sql_column_name(all, i);

		if (strcmp(name, start) != 0 && strcmp(name, "id") != 0)
			buf_print(text, ", \"%s\"", name);
	}
	sql_query_free(all);
	return true;
}

/* The statements that the table's names are in; names are ours. */
static bool
prepare_table(struct sealing *s, struct buf *text, struct failure *why)
{
	const char *start = s->table->bound[SHEETED_START];

	if (!put_columns(s, text, why))
		return false;
	put_window(s->table, text);
	buf_text(text, " ORDER BY 1");
	if (!sql_prepare_into(&s->rows, s->sql, text->data, why))
		return false;
	buf_clear(text);
	buf_print(text, "SELECT %s", start);
	put_hours(s->table, text);
	buf_print(text, " AND %s < ?2 ORDER BY %s LIMIT 1", start, start);
	if (!sql_prepare_into(&s->oldest, s->sql, text->data, why))
		return false;
	buf_clear(text);
	buf_text(text, "DELETE");
	put_window(s->table, text);
	if (!sql_prepare_into(&s->remove, s->sql, text->data, why))
		return false;
	buf_clear(text);
	buf_print(text, "INSERT INTO %s (id, count, data) VALUES (?1, ?2, ?3)",
	    s->table->blocks);
	return sql_prepare_into(&s->insert, s->sql, text->data, why);
}

static int
open_sealing(struct sealing *s, struct failure *why)
{
	struct buf text = { 0 };
	bool good = prepare_table(s, &text, why) &&
	    sql_prepare_into(&s->battery, s->sql,
		"SELECT id FROM batteries WHERE id > ?1 ORDER BY id LIMIT 1",
		why);

	buf_free(&text);
	return good ? 0 : -1;
}

static void
close_sealing(struct sealing *s)
{
	sql_query_free(s->battery);
	sql_query_free(s->oldest);
	sql_query_free(s->rows);
	sql_query_free(s->insert);
	sql_query_free(s->remove);
	buf_free(&s->sheet);
}

/* The number of a statement with one, or -1 none, -2 a failure. */
static int64_t
first_of(struct sql_query *query, struct failure *why)
{
	int got = sql_step(query, why);
	int64_t number = got == 1 ? sql_integer(query, 0) : -1;

	sql_reset(query);
	return got == -1 ? -2 : number;
}

static void
bind_window(struct sql_query *query, int64_t battery_id, int64_t start_ms)
{
	sql_bind_integer(query, 1, battery_id);
	sql_bind_integer(query, 2, start_ms);
	sql_bind_integer(query, 3, start_ms + HISTORY_WINDOW_MS);
}

/* Within a transaction: what stands as rows, beside no sheet of the same
 * window, as writing lifts that. */
static int
seal_window(struct sealing *s, int64_t battery_id, int64_t start_ms,
    struct failure *why)
{
	size_t count;

	buf_clear(&s->sheet);
	bind_window(s->rows, battery_id, start_ms);
	if (sheet_make(s->rows, &s->sheet, &count, why) == -1)
		return -1;
	if (count == 0)
		return 0;
	sql_bind_integer(s->insert, 1, history_key(battery_id, start_ms));
	sql_bind_integer(s->insert, 2, (int64_t)count);
	sql_bind_blob(s->insert, 3, s->sheet.data, s->sheet.size);
	if (sql_done(s->insert, why) == -1)
		return -1;
	bind_window(s->remove, battery_id, start_ms);
	return sql_done(s->remove, why);
}

static int
commit_window(struct sealing *s, int64_t battery_id, int64_t start_ms,
    struct failure *why)
{
	if (sql_begin(s->sql, why) == -1)
		return -1;
	if (seal_window(s, battery_id, start_ms, why) == 0 &&
	    sql_commit(s->sql, false, why) == 0) {
		++*s->sheets;
		return 0;
	}
	sql_rollback(s->sql);
	return -1;
}

static int
seal_battery(struct sealing *s, int64_t battery_id, int64_t before_ms,
    bool (*stop)(void), struct failure *why)
{
	for (;;) {
		int64_t oldest_ms;

		sql_bind_integer(s->oldest, 1, battery_id);
		sql_bind_integer(s->oldest, 2, before_ms);
		oldest_ms = first_of(s->oldest, why);
		if (oldest_ms < 0)
			return oldest_ms == -2 ? -1 : 0;
		if (stop != NULL && stop())
			return 0;
		if (commit_window(s, battery_id,
			oldest_ms - oldest_ms % HISTORY_WINDOW_MS, why) == -1)
			return -1;
	}
}

static int
seal_table(struct sealing *s, int64_t before_ms, bool (*stop)(void),
    struct failure *why)
{
	int64_t battery_id = 0;
	int result = open_sealing(s, why);

	while (result == 0) {
		sql_bind_integer(s->battery, 1, battery_id);
		battery_id = first_of(s->battery, why);
		if (battery_id < 0) {
			result = battery_id == -2 ? -1 : 0;
			break;
		}
		result = seal_battery(s, battery_id, before_ms, stop, why);
	}
	close_sealing(s);
	return result;
}

int
history_seal_due(struct sql *sql, int64_t now_ms, bool (*stop)(void),
    uint64_t *sheets, struct failure *why)
{
	int64_t before_ms = now_ms - HISTORY_GRACE_MS;
	int result = 0;

	before_ms -= before_ms % HISTORY_WINDOW_MS;
	for (size_t i = 0; i < SHEETED_COUNT && result == 0 && before_ms > 0;
	     i++) {
		struct sealing s = { .sql = sql,
			.table = &sheeted_tables[i],
			.sheets = sheets };

		result = seal_table(&s, before_ms, stop, why);
	}
	return result;
}
