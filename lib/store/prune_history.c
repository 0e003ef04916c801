/* Retention of history: what one step takes away of a battery. */
#include "base/clock.h"
#include "store/history_seal.h"
#include "store/prune_parts.h"
#include "store/retained.h"
#include "store/zones.h"

static int
remove_hours(struct prune *p, enum sheeted_table table, int64_t *count,
    struct failure *why)
{
	int64_t hours = 0;

	if (history_drop(
		p->sql, table, p->battery_id, p->before_ms, &hours, why) == -1)
		return -1;
	p->removed += hours;
	*count += hours;
	return 0;
}

static int
remove_cells(struct prune *p, enum period period, struct failure *why)
{
	int64_t removed = p->removed;

	if (period == PERIOD_HOUR)
		return remove_hours(p, SHEETED_CELLS, &p->counts->cells, why);
	sql_bind_integer(p->cells, 1, p->battery_id);
	sql_bind_integer(p->cells, 2, period);
	sql_bind_integer(p->cells, 3, p->before_ms);
	if (prune_run(p, p->cells, why) == -1)
		return -1;
	p->counts->cells += p->removed - removed;
	return 0;
}

/* A day whose hours can still be made anew is made of all of them: two days
 * more than are asked for stay, and what else a sheet has. */
int
prune_cells(struct prune *p, struct failure *why)
{
	int64_t before_ms = p->before_ms;
	int result;

	p->before_ms -= 2 * DAY_MS;
	p->before_ms -= p->before_ms % HISTORY_WINDOW_MS;
	result = remove_cells(p, PERIOD_HOUR, why);
	p->before_ms = before_ms;
	return result;
}

int
prune_hours(struct prune *p, struct failure *why)
{
	if (remove_hours(p, SHEETED_HISTORY, &p->counts->hours, why) == -1 ||
	    remove_cells(p, PERIOD_HOUR, why) == -1)
		return -1;
	return p->removed == 0 ? 0
			       : retained_mark(p->sql, p->battery_id,
				     RETAINED_HOURLY, p->before_ms, why);
}

static int
remove_periods(
    struct prune *p, enum period period, int64_t *count, struct failure *why)
{
	sql_bind_integer(p->periods, 1, p->battery_id);
	sql_bind_text(p->periods, 2, period_word(period));
	sql_bind_integer(p->periods, 3, p->before_ms);
	if (prune_run(p, p->periods, why) == -1)
		return -1;
	*count += p->removed;
	return remove_cells(p, period, why);
}

int
prune_days(struct prune *p, struct failure *why)
{
	if (remove_periods(p, PERIOD_DAY, &p->counts->days, why) == -1)
		return -1;
	return p->removed == 0 ? 0
			       : retained_mark(p->sql, p->battery_id,
				     RETAINED_DAILY, p->before_ms, why);
}

int
prune_weeks(struct prune *p, struct failure *why)
{
	return remove_periods(p, PERIOD_WEEK, &p->counts->weeks, why);
}

int
prune_months(struct prune *p, struct failure *why)
{
	return remove_periods(p, PERIOD_MONTH, &p->counts->months, why);
}
