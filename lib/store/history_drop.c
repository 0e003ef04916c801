/* Hours of history that retention takes away: see history_seal.h. */
#include "base/buf.h"
#include "store/history_seal.h"

/* The sheets of windows that begin before; the last of them may reach over
 * it, and has become rows. How many hours, or -1. */
static int64_t
drop_sheets(struct sql *sql, const struct sheeted *table, int64_t battery_id,
    int64_t before_ms, struct failure *why)
{
	int64_t keys[] = { history_key(battery_id, 0),
		history_key(battery_id, before_ms - 1) };
	struct buf text = { 0 };
	int64_t hours;

	buf_print(&text,
	    "SELECT ifnull(sum(count), 0) FROM %s WHERE id BETWEEN ?1 AND ?2",
	    table->blocks);
	hours = sql_ask(sql, text.data, keys, 2, why);
	buf_clear(&text);
	buf_print(
	    &text, "DELETE FROM %s WHERE id BETWEEN ?1 AND ?2", table->blocks);
	if (hours > 0 && sql_run_with(sql, text.data, keys, 2, why) == -1)
		hours = -1;
	buf_free(&text);
	return hours;
}

static int64_t
drop_rows(struct sql *sql, const struct sheeted *table, int64_t battery_id,
    int64_t before_ms, struct failure *why)
{
	int64_t values[] = { battery_id, before_ms };
	struct buf text = { 0 };
	int result;

	buf_print(&text, "DELETE FROM %s WHERE %s = ?1 AND %s = %s AND %s < ?2",
	    table->rows, table->bound[SHEETED_BATTERY],
	    table->bound[SHEETED_PERIOD], table->hour,
	    table->bound[SHEETED_START]);
	result = sql_run_with(sql, text.data, values, 2, why);
	buf_free(&text);
	return result == -1 ? -1 : sql_changes(sql);
}

/* The sheet that begins before and ends behind it becomes rows. */
static int
lift_edge(struct sql *sql, enum sheeted_table table, int64_t battery_id,
    int64_t before_ms, struct failure *why)
{
	struct history_lifter *lifter;
	int result;

	if (before_ms % HISTORY_WINDOW_MS == 0)
		return 0;
	lifter = history_lifter_open(sql, table, why);
	result = lifter == NULL
	    ? -1
	    : history_lift(lifter, battery_id, before_ms - 1, before_ms, why);
	history_lifter_close(lifter);
	return result;
}

int
history_drop(struct sql *sql, enum sheeted_table table, int64_t battery_id,
    int64_t before_ms, int64_t *hours, struct failure *why)
{
	const struct sheeted *names = &sheeted_tables[table];
	int64_t sealed, rows;

	if (before_ms <= 0)
		return 0;
	if (lift_edge(sql, table, battery_id, before_ms, why) == -1)
		return -1;
	sealed = drop_sheets(sql, names, battery_id, before_ms, why);
	rows = sealed == -1 ? -1
			    : drop_rows(sql, names, battery_id, before_ms, why);
	if (rows == -1)
		return -1;
	*hours += sealed + rows;
	return 0;
}
