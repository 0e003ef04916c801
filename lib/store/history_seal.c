/* See history_seal.h. */
#include "store/history_seal.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/sheet.h"

/* ---- sealing ---------------------------------------------------------- */

struct sealing {
	struct sql *sql;
	struct sql_query *battery, *oldest, *rows, *insert, *remove;
	struct buf sheet;
	uint64_t *sheets;
};

/* All columns but the id, the one first that others are compared with. */
static struct sql_query *
prepare_rows(struct sql *sql, struct failure *why)
{
	struct sql_query *all =
	    sql_prepare(sql, "SELECT * FROM history_rows LIMIT 0", why);
	struct sql_query *rows = NULL;
	struct buf text = { 0 };

	if (all == NULL)
		return NULL;
	buf_text(&text, "SELECT period_start");
	for (int i = 1; i < sql_columns(all); i++)
		if (strcmp(sql_column_name(all, i), "period_start") != 0)
			buf_print(&text, ", \"%s\"", sql_column_name(all, i));
	buf_text(&text,
	    " FROM history_rows WHERE battery_id = ?1"
	    " AND period_type = 'hourly' AND period_start >= ?2"
	    " AND period_start < ?3 ORDER BY 1");
	sql_query_free(all);
	rows = sql_prepare(sql, text.data, why);
	buf_free(&text);
	return rows;
}

static int
open_sealing(struct sealing *s, struct failure *why)
{
	s->rows = prepare_rows(s->sql, why);
	return s->rows != NULL &&
		sql_prepare_into(&s->battery, s->sql,
		    "SELECT id FROM batteries WHERE id > ?1"
		    " ORDER BY id LIMIT 1",
		    why) &&
		sql_prepare_into(&s->oldest, s->sql,
		    "SELECT period_start FROM history_rows"
		    " WHERE battery_id = ?1 AND period_type = 'hourly'"
		    " AND period_start < ?2 ORDER BY period_start LIMIT 1",
		    why) &&
		sql_prepare_into(&s->insert, s->sql,
		    "INSERT INTO history_blocks (id, count, data)"
		    " VALUES (?1, ?2, ?3)",
		    why) &&
		sql_prepare_into(&s->remove, s->sql,
		    "DELETE FROM history_rows WHERE battery_id = ?1"
		    " AND period_type = 'hourly' AND period_start >= ?2"
		    " AND period_start < ?3",
		    why)
	    ? 0
	    : -1;
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

int
history_seal_due(struct sql *sql, int64_t now_ms, bool (*stop)(void),
    uint64_t *sheets, struct failure *why)
{
	struct sealing s = { .sql = sql, .sheets = sheets };
	int64_t before_ms = now_ms - HISTORY_GRACE_MS, battery_id = 0;
	int result = before_ms < 0 ? 0 : open_sealing(&s, why);

	before_ms -= before_ms % HISTORY_WINDOW_MS;
	while (result == 0 && before_ms > 0) {
		sql_bind_integer(s.battery, 1, battery_id);
		battery_id = first_of(s.battery, why);
		if (battery_id < 0) {
			result = battery_id == -2 ? -1 : 0;
			break;
		}
		result = seal_battery(&s, battery_id, before_ms, stop, why);
	}
	close_sealing(&s);
	return result;
}
