/*
 * The history of one battery as rollup has written it, by hour, day, week
 * and month, with the periods that have no data put in between.
 */
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "dashboard.h"
#include "store/sql.h"

#define ROWS_MAX 400

const char *const unit_words[UNIT_COUNT] = { "hour", "day", "week", "month" };

static const struct {
	const char *period_type;
	int64_t reach_ms;
} units[UNIT_COUNT] = { { "hourly", 7 * DAY_MS }, { "daily", 365 * DAY_MS },
	{ "weekly", 731 * DAY_MS }, { "monthly", 1827 * DAY_MS } };

/* The start of the period after the one that starts at `start`. */
static int64_t
next_start(const struct zone *zone, enum unit unit, int64_t start)
{
	int64_t from, end = start;
	struct zone_time local;

	if (unit == UNIT_HOUR) {
		zone_hour(zone, start, &from, &end);
		return end;
	}
	for (int day = 0; day < (unit == UNIT_DAY ? 1 : 31); day++) {
		zone_day(zone, end, &from, &end);
		zone_local(zone, end, &local);
		if ((unit == UNIT_WEEK && day == 6) ||
		    (unit == UNIT_MONTH && local.day == 1))
			break;
	}
	return end;
}

static double
real_or_nan(struct sql_query *q, int n)
{
	return sql_column_type(q, n) == SQL_TYPE_NULL ? NAN : sql_real(q, n);
}

static struct period
read_period(struct sql_query *q, int64_t now_ms)
{
	struct period p = { .start_ms = sql_integer(q, 0),
		.end_ms = sql_integer(q, 1),
		.in = real_or_nan(q, 2),
		.out = real_or_nan(q, 3),
		.soc_min = real_or_nan(q, 4),
		.soc_avg = real_or_nan(q, 5),
		.soc_max = real_or_nan(q, 6),
		.temp_min = real_or_nan(q, 7),
		.temp_max = real_or_nan(q, 8) };
	int64_t end = p.end_ms < now_ms ? p.end_ms : now_ms;
	double minutes =
	    sql_column_type(q, 9) == SQL_TYPE_NULL ? 0 : sql_real(q, 9);

	p.covered = end <= p.start_ms
	    ? 0
	    : fmin(1, fmax(0, minutes * 60000 / (double)(end - p.start_ms)));
	return p;
}

struct rows {
	struct period row[ROWS_MAX];
	size_t count;
};

static struct period *
add(struct rows *rows)
{
	if (rows->count == ROWS_MAX) /* the oldest goes */
		for (rows->count = 0; rows->count < ROWS_MAX - 1; rows->count++)
			rows->row[rows->count] = rows->row[rows->count + 1];
	return &rows->row[rows->count++];
}

/* Empty periods from `from` up to, not including, `to`. */
static void
add_gaps(struct rows *rows, const struct zone *zone, enum unit unit,
    int64_t from, int64_t to)
{
	for (int n = 0; from < to && n < ROWS_MAX; n++) {
		int64_t end = next_start(zone, unit, from);

		*add(rows) = (struct period){ .start_ms = from,
			.end_ms = end,
			.in = NAN,
			.out = NAN,
			.soc_min = NAN,
			.soc_avg = NAN,
			.soc_max = NAN,
			.temp_min = NAN,
			.temp_max = NAN };
		if (end <= from)
			break;
		from = end;
	}
}

static int
read_unit(struct sql_query *q, const struct fleet *fleet,
    const struct battery *battery, enum unit unit, struct rows *rows,
    struct failure *why)
{
	struct period period;
	int64_t next = 0;
	int got;

	rows->count = 0;
	sql_reset(q);
	sql_bind_integer(q, 1, battery->id);
	sql_bind_text(q, 2, units[unit].period_type);
	sql_bind_integer(q, 3, fleet->now_ms - units[unit].reach_ms);
	sql_bind_integer(q, 4, fleet->now_ms);
	while ((got = sql_step(q, why)) == 1) {
		period = read_period(q, fleet->now_ms);
		if (next != 0)
			add_gaps(rows, battery->place->zone, unit, next,
			    period.start_ms);
		*add(rows) = period;
		next = period.end_ms;
	}
	if (next != 0)
		add_gaps(rows, battery->place->zone, unit, next, fleet->now_ms);
	return got;
}

int
history_load(const struct fleet *fleet, const struct battery *battery,
    struct arena *arena, struct history *history, struct failure *why)
{
	struct sql_query *q = sql_prepare(tenant_sql(fleet->tenant),
	    "SELECT period_start, period_end, energy_charged_wh,"
	    " energy_discharged_wh, soc_min, soc_avg, soc_max, temp_min,"
	    " temp_max, time_covered FROM bms_data_history"
	    " WHERE battery_id = ? AND period_type = ?"
	    " AND period_start >= ? AND period_start <= ?"
	    " ORDER BY period_start",
	    why);
	struct rows *rows;
	int got = 0;

	if (q == NULL)
		return -1;
	rows = mem_alloc(sizeof(*rows));
	for (int u = 0; u < UNIT_COUNT && got != -1; u++) {
		got = read_unit(q, fleet, battery, (enum unit)u, rows, why);
		history->count[u] = rows->count;
		history->row[u] =
		    arena_alloc(arena, (rows->count + 1) * sizeof(*rows->row));
		for (size_t i = 0; i < rows->count; i++)
			history->row[u][i] = rows->row[i];
	}
	free(rows);
	sql_query_free(q);
	return got;
}
