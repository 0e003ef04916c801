/* The table history_rows: rows in place of what they overlap. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "store/history.h"
#include "store/history_seal.h"

/* Columns before those of history_columns, in the statements below. */
enum {
	COLUMN_BATTERY,
	COLUMN_PERIOD,
	COLUMN_START,
	COLUMN_END,
	COLUMN_ZONE,
	COLUMN_FIRST
};

struct history_store {
	struct sql *sql;
	const struct history_columns *columns;
	struct sql_query *clear, *insert, *parts;
	struct history_lifter *lifter;
};

/* Names come from the table of measurements, never from data. */
static void
print_names(const struct history_columns *columns, struct buf *text)
{
	for (size_t i = 0; i < columns->count; i++)
		buf_print(text, ", %s", columns->column[i].name);
}

static struct sql_query *
prepare_insert(struct history_store *store, struct failure *why)
{
	struct buf text = { NULL, 0, 0 };
	struct sql_query *query;

	buf_text(&text,
	    "INSERT INTO history_rows (battery_id,"
	    " period_type, period_start, period_end, zone");
	print_names(store->columns, &text);
	buf_text(&text, ") VALUES (?, ?, ?, ?, ?");
	for (size_t i = 0; i < store->columns->count; i++)
		buf_text(&text, ", ?");
	buf_char(&text, ')');
	query = sql_prepare(store->sql, text.data, why);
	buf_free(&text);
	return query;
}

static struct sql_query *
prepare_parts(struct history_store *store, struct failure *why)
{
	struct buf text = { NULL, 0, 0 };
	struct sql_query *query;

	buf_text(&text,
	    "SELECT battery_id, period_type, period_start,"
	    " period_end, zone");
	print_names(store->columns, &text);
	buf_text(&text,
	    " FROM history_rows WHERE battery_id = ?"
	    " AND period_type = ? AND period_start >= ? AND period_start < ?"
	    " ORDER BY period_start");
	query = sql_prepare(store->sql, text.data, why);
	buf_free(&text);
	return query;
}

struct history_store *
history_store_open(struct tenant *tenant, const struct history_columns *columns,
    struct failure *why)
{
	struct history_store *store = mem_zero(1, sizeof(*store));

	store->sql = tenant_sql(tenant);
	store->columns = columns;
	store->clear = sql_prepare(store->sql,
	    "DELETE FROM history_rows"
	    " WHERE battery_id = ?1 AND period_type = ?2"
	    " AND period_start > ?3 - 2 * (?4 - ?3) AND period_start < ?4"
	    " AND period_end > ?3",
	    why);
	if (store->clear != NULL)
		store->insert = prepare_insert(store, why);
	if (store->insert != NULL)
		store->parts = prepare_parts(store, why);
	if (store->parts != NULL)
		store->lifter =
		    history_lifter_open(store->sql, SHEETED_HISTORY, why);
	if (store->lifter != NULL)
		return store;
	history_store_close(store);
	return NULL;
}

void
history_store_close(struct history_store *store)
{
	if (store == NULL)
		return;
	sql_query_free(store->clear);
	sql_query_free(store->insert);
	sql_query_free(store->parts);
	history_lifter_close(store->lifter);
	free(store);
}

static void
bind_period(struct sql_query *query, int64_t battery_id, enum period period,
    int64_t start_ms, int64_t end_ms)
{
	sql_bind_integer(query, COLUMN_BATTERY + 1, battery_id);
	sql_bind_text(query, COLUMN_PERIOD + 1, period_word(period));
	sql_bind_integer(query, COLUMN_START + 1, start_ms);
	sql_bind_integer(query, COLUMN_END + 1, end_ms);
}

/*
 * A few decimals more than are worth showing: what is behind them is noise
 * of the arithmetic, and does not compress. What is stored is what longer
 * periods are made of, so they follow from it to the last bit; sums have
 * more, as a month adds up 744 of them, and so have minutes, by which means
 * of a few seconds are weighted.
 */
static unsigned
decimals_of(const struct history_column *column)
{
	unsigned more = strcmp(column->unit, "min") == 0 ? 7
	    : column->fold == FOLD_SUM                   ? 5
							 : 3;

	return column->decimals + more < 5 ? 5 : column->decimals + more;
}

static double
round_value(const struct history_column *column, double value)
{
	unsigned decimals = decimals_of(column);
	int64_t scaled;

	if (!num_scale_double(value, decimals, &scaled))
		return value;
	return (double)scaled / (double)num_power10(decimals);
}

static void
bind_value(struct sql_query *query, int n, const struct history_column *column,
    double value)
{
	/* counts and times are integers in a strict table */
	if (column->fold == FOLD_TIME ||
	    (column->fold == FOLD_SUM && column->decimals == 0))
		sql_bind_integer(query, n, (int64_t)value);
	else
		sql_bind_real(query, n, round_value(column, value));
}

/* What putting a row may clear. */
static int
lift_around(struct history_store *store, const struct history_row *row,
    struct failure *why)
{
	int64_t reach_ms = 2 * (row->end_ms - row->start_ms);

	return history_lift(store->lifter, row->battery_id,
	    row->start_ms - reach_ms, row->end_ms, why);
}

int
history_put(struct history_store *store, const struct history_row *row,
    struct failure *why)
{
	if (row->period == PERIOD_HOUR && lift_around(store, row, why) == -1)
		return -1;
	bind_period(store->clear, row->battery_id, row->period, row->start_ms,
	    row->end_ms);
	if (sql_done(store->clear, why) == -1)
		return -1;
	if (!row->any)
		return 0;
	bind_period(store->insert, row->battery_id, row->period, row->start_ms,
	    row->end_ms);
	sql_bind_text(store->insert, COLUMN_ZONE + 1, row->zone);
	for (size_t i = 0; i < store->columns->count; i++)
		if (row->known[i])
			bind_value(store->insert, COLUMN_FIRST + 1 + (int)i,
			    &store->columns->column[i], row->value[i]);
	return sql_done(store->insert, why);
}

static void
read_row(const struct history_store *store, struct history_row *row)
{
	history_clear(row);
	for (size_t i = 0; i < store->columns->count; i++) {
		int n = COLUMN_FIRST + (int)i;

		if (sql_column_type(store->parts, n) != SQL_TYPE_NULL)
			history_set(row, i, sql_real(store->parts, n));
	}
}

/* Days are made of hours; weeks and months of days. */
enum period
history_part_of(enum period period)
{
	return period == PERIOD_DAY ? PERIOD_HOUR : PERIOD_DAY;
}

int
history_refold(struct history_store *store, int64_t battery_id,
    enum period period, int64_t start_ms, int64_t end_ms, const char *zone,
    struct failure *why)
{
	struct history_row row = { .battery_id = battery_id,
		.period = period,
		.start_ms = start_ms,
		.end_ms = end_ms,
		.zone = zone };
	struct history_row part;
	int got;

	if (history_part_of(period) == PERIOD_HOUR &&
	    history_lift(store->lifter, battery_id, start_ms, end_ms, why) ==
		-1)
		return -1;
	bind_period(store->parts, battery_id, history_part_of(period), start_ms,
	    end_ms);
	while ((got = sql_step(store->parts, why)) == 1) {
		read_row(store, &part);
		history_fold(store->columns, &row, &part);
	}
	sql_reset(store->parts);
	if (got == -1)
		return -1;
	history_fold_end(store->columns, &row);
	return history_put(store, &row, why);
}
