#include "store/prune_parts.h"

#include <stddef.h>

#include "base/clock.h"
#include "store/history_seal.h"
#include "store/retained.h"
#include "store/space.h"
#include "store/stored.h"

#define BLOCKS 16 /* at most so many days of a battery in a step */
#define ROWS 1000 /* of other tables */

static const struct sql_text statements[] = {
	{ offsetof(struct prune, battery),
	    "SELECT min(id) FROM batteries WHERE id > ?1" },
	/* Has anything changed that history does not have yet, and could not
	 * have afterwards? Hours of the day behind reach over the cut. */
	{ offsetof(struct prune, behind),
	    "SELECT ifnull((SELECT seq FROM cursors WHERE follower = 'rollup'),"
	    " 0) = 0 OR EXISTS (SELECT 1 FROM touched WHERE battery_id = ?1"
	    " AND hour < ?2 + 86400000 AND seq > (SELECT seq FROM cursors"
	    " WHERE follower = 'rollup'))" },
	{ offsetof(struct prune, count),
	    "SELECT ifnull(sum(count), 0) FROM (SELECT count FROM blocks"
	    " WHERE id BETWEEN ?1 AND ?2 AND last < ?3 ORDER BY id LIMIT ?4)" },
	{ offsetof(struct prune, blocks),
	    "DELETE FROM blocks WHERE id IN (SELECT id FROM blocks"
	    " WHERE id BETWEEN ?1 AND ?2 AND last < ?3 ORDER BY id LIMIT ?4)" },
	{ offsetof(struct prune, suspects),
	    "DELETE FROM suspects WHERE battery_id = ?1 AND until < ?2" },
	{ offsetof(struct prune, periods),
	    "DELETE FROM history_rows WHERE battery_id = ?1"
	    " AND period_type = ?2 AND period_start < ?3" },
	{ offsetof(struct prune, cells),
	    "DELETE FROM cell_rows WHERE battery_id = ?1"
	    " AND period = ?2 AND start < ?3" },
	/* the last one is what later hours count on from */
	{ offsetof(struct prune, counters),
	    "DELETE FROM counter_state WHERE battery_id = ?1 AND hour <"
	    " (SELECT max(hour) FROM counter_state WHERE battery_id = ?1"
	    " AND hour < ?2)" },
};

#define STATEMENTS (sizeof(statements) / sizeof(*statements))

static int
open_prune(struct prune *p, struct failure *why)
{
	return sql_prepare_all(p->sql, p, statements, STATEMENTS, why);
}

static void
close_prune(struct prune *p)
{
	sql_free_all(p, statements, STATEMENTS);
}

static bool
stopped(const struct prune *p)
{
	return p->stop != NULL && p->stop();
}

int
prune_run(struct prune *p, struct sql_query *query, struct failure *why)
{
	if (sql_done(query, why) == -1)
		return -1;
	p->removed += sql_changes(p->sql);
	return 0;
}

/* ---- readings --------------------------------------------------------- */

static void
bind_blocks(const struct prune *p, struct sql_query *query)
{
	sql_bind_integer(query, 1, block_key(p->battery_id, 0));
	sql_bind_integer(query, 2, block_key(p->battery_id, p->before_ms));
	sql_bind_integer(query, 3, p->before_ms);
	sql_bind_integer(query, 4, BLOCKS);
}

static int
step_readings(struct prune *p, struct failure *why)
{
	int64_t rows;

	bind_blocks(p, p->count);
	rows = sql_answer(p->count, why);
	if (rows == -1)
		return -1;
	if (rows == 0)
		return 0;
	bind_blocks(p, p->blocks);
	sql_bind_integer(p->suspects, 1, p->battery_id);
	sql_bind_integer(p->suspects, 2, p->before_ms);
	sql_bind_integer(p->counters, 1, p->battery_id);
	sql_bind_integer(p->counters, 2, p->before_ms);
	if (prune_run(p, p->blocks, why) == -1 ||
	    sql_done(p->suspects, why) == -1 ||
	    sql_done(p->counters, why) == -1)
		return -1;
	p->counts->readings += rows;
	p->counts->readings_before_ms = p->before_ms;
	return retained_mark(
	    p->sql, p->battery_id, RETAINED_READINGS, p->before_ms, why);
}

/* ---- steps ------------------------------------------------------------ */

/* 1 done, and there may be more; 0 nothing was there; 2 its history is not
 * up to date; -1 with a failure. */
static int
step(struct prune *p, int (*work)(struct prune *, struct failure *),
    struct failure *why)
{
	int64_t behind;
	int result = -1;

	p->removed = 0;
	if (sql_begin(p->sql, why) == -1)
		return -1;
	sql_bind_integer(p->behind, 1, p->battery_id);
	sql_bind_integer(p->behind, 2, p->before_ms);
	behind = sql_answer(p->behind, why);
	if (behind == 0)
		result = work(p, why);
	if (result == 0 && p->removed > 0)
		return sql_commit(p->sql, false, why) == -1 ? -1 : 1;
	sql_rollback(p->sql);
	return behind == 1 ? 2 : result;
}

static const struct {
	enum keep_tier tier;
	int (*work)(struct prune *p, struct failure *why);
	int64_t unit_ms; /* cut at whole ones */
} tiers[] = {
	{ KEEP_READINGS, step_readings, DAY_MS },
	{ KEEP_HOURLY, prune_hours, HISTORY_WINDOW_MS },
	{ KEEP_CELLS, prune_cells, DAY_MS },
	{ KEEP_DAILY, prune_days, DAY_MS },
	{ KEEP_WEEKLY, prune_weeks, DAY_MS },
	{ KEEP_MONTHLY, prune_months, DAY_MS },
};

/* One tier of all batteries up to a time. */
static int
prune_tier(struct prune *p, size_t tier, int64_t before_ms, struct failure *why)
{
	p->before_ms = before_ms - before_ms % tiers[tier].unit_ms;
	p->battery_id = 0;
	if (p->before_ms <= 0)
		return 0;
	while (!stopped(p)) {
		int got;

		sql_bind_integer(p->battery, 1, p->battery_id);
		p->battery_id = sql_answer(p->battery, why);
		if (p->battery_id <= 0)
			return p->battery_id == -1 ? -1 : 0;
		while (
		    (got = step(p, tiers[tier].work, why)) == 1 && !stopped(p))
			continue;
		if (got == -1)
			return -1;
		p->counts->behind += got == 2;
	}
	return 0;
}

/* Rows of a table that have ended, ROWS at a time. */
static int
prune_ended(struct prune *p, const char *text, int64_t before_ms,
    int64_t *count, struct failure *why)
{
	int64_t removed = ROWS;

	while (removed == ROWS && !stopped(p)) {
		int64_t values[] = { before_ms, ROWS };

		if (sql_run_with(p->sql, text, values, 2, why) == -1)
			return -1;
		removed = sql_changes(p->sql);
		*count += removed;
	}
	return 0;
}

static int
prune_events(struct prune *p, const struct keep *keep, int64_t now_ms,
    struct failure *why)
{
	int64_t faults_ms = now_ms - keep->days[KEEP_FAULTS] * DAY_MS;
	int64_t alerts_ms = now_ms - keep->days[KEEP_ALERTS] * DAY_MS;

	if (keep->days[KEEP_FAULTS] != 0 &&
	    prune_ended(p,
		"DELETE FROM fault_events WHERE id IN (SELECT id"
		" FROM fault_events WHERE cleared_at < ?1 LIMIT ?2)",
		faults_ms, &p->counts->faults, why) == -1)
		return -1;
	if (keep->days[KEEP_ALERTS] == 0)
		return 0;
	return prune_ended(p,
	    "DELETE FROM alerts WHERE id IN (SELECT id FROM alerts"
	    " WHERE status = 'resolved' AND resolved_at < ?1"
	    " AND NOT EXISTS (SELECT 1 FROM alert_state s"
	    "  WHERE s.alert_id = alerts.id) LIMIT ?2)",
	    alerts_ms, &p->counts->alerts, why);
}

int
prune_by_age(struct tenant *tenant, const struct keep *keep, int64_t now_ms,
    bool (*stop)(void), struct prune_counts *counts, struct failure *why)
{
	struct prune p = {
		.sql = tenant_sql(tenant), .stop = stop, .counts = counts
	};
	int result = open_prune(&p, why);

	for (size_t i = 0; result == 0 && i < sizeof(tiers) / sizeof(*tiers);
	     i++)
		if (keep->days[tiers[i].tier] != 0)
			result = prune_tier(&p, i,
			    now_ms - keep->days[tiers[i].tier] * DAY_MS, why);
	if (result == 0)
		result = prune_events(&p, keep, now_ms, why);
	close_prune(&p);
	return result;
}

/* When the oldest block of any battery begins; -1 with a failure. */
static int64_t
oldest_reading(struct prune *p, struct failure *why)
{
	return sql_ask(p->sql,
	    "SELECT ifnull(min((SELECT first FROM blocks"
	    " WHERE id >= b.id << 32 AND id < (b.id + 1) << 32"
	    " ORDER BY id LIMIT 1)), 9223372036854775807) FROM batteries b",
	    NULL, 0, why);
}

int
prune_by_room(struct tenant *tenant, int64_t target, int64_t now_ms,
    bool (*stop)(void), struct prune_counts *counts, struct failure *why)
{
	struct prune p = {
		.sql = tenant_sql(tenant), .stop = stop, .counts = counts
	};
	int64_t last_ms = now_ms - KEEP_READINGS_LEAST * DAY_MS;
	int64_t behind = counts->behind, oldest_ms = 0, readings = -1;
	struct space space = { .used = 0 };
	int result = open_prune(&p, why);

	while (result == 0 && !stopped(&p) && counts->behind == behind &&
	    readings != counts->readings) {
		readings = counts->readings;
		result = space_read(tenant, &space, why);
		if (result == 0 && space.used > target)
			oldest_ms = oldest_reading(&p, why);
		if (oldest_ms == -1)
			result = -1;
		if (result == -1 || space.used <= target ||
		    oldest_ms >= last_ms - DAY_MS)
			break;
		result = prune_tier(&p, 0, oldest_ms + 2 * DAY_MS, why);
	}
	close_prune(&p);
	return result;
}
