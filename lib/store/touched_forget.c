/*
 * What was changed long ago is forgotten once all have seen it, and told
 * again to one that begins anew. That something was forgotten is noted as a
 * follower of its own, whose number is the highest that is gone. The newest
 * row stays, as the next number follows its.
 */
#include "store/readings.h"

#define BATCH 5000 /* entries that go in one transaction */
#define FORGOTTEN "forgotten"

/* Within a transaction: how many were forgotten, or -1. */
static int64_t
forget_some(
    struct sql *sql, int64_t before_ms, int64_t seen, struct failure *why)
{
	int64_t values[] = { before_ms, seen };

	if (sql_run_with(sql,
		"DELETE FROM touched WHERE seq IN (SELECT seq FROM touched"
		" WHERE hour < ?1 AND seq <= ?2"
		" AND seq < (SELECT max(seq) FROM touched) LIMIT 5000)",
		values, 2, why) == -1)
		return -1;
	return sql_changes(sql);
}

int
touched_forget(
    struct sql *sql, int64_t before_ms, bool (*stop)(void), struct failure *why)
{
	int64_t count = BATCH, seen;

	while (count == BATCH && (stop == NULL || !stop())) {
		if (sql_begin(sql, why) == -1)
			return -1;
		/* none of those that always follow is yet to begin */
		seen = sql_ask(sql,
		    "SELECT min(seq) FROM cursors WHERE follower != '" FORGOTTEN
		    "' AND follower NOT GLOB 'replay*' AND 2 = (SELECT "
		    "count(*) FROM cursors"
		    " WHERE follower IN ('judge', 'rollup'))",
		    NULL, 0, why);
		count =
		    seen == -1 ? -1 : forget_some(sql, before_ms, seen, why);
		if (count == -1 ||
		    (count > 0 &&
			sql_run_with(sql,
			    "INSERT OR REPLACE INTO cursors VALUES"
			    " ('" FORGOTTEN "', ?1)",
			    &seen, 1, why) == -1) ||
		    sql_commit(sql, false, why) == -1) {
			sql_rollback(sql);
			return -1;
		}
	}
	return 0;
}

/* The hours of the blocks of a battery, from its first to its last row; no
 * two blocks are of one time, but of one hour they may be. */
#define HOURS                                                                  \
	"WITH RECURSIVE stretch (hour, last) AS ("                             \
	"SELECT first - first % 3600000, last FROM blocks"                     \
	" WHERE id BETWEEN ?1 << 32 AND (?1 << 32) + 4294967295"               \
	" UNION SELECT hour + 3600000, last FROM stretch"                      \
	" WHERE hour + 3600000 <= last)"                                       \
	", hours AS (SELECT DISTINCT hour FROM stretch)"

/* Those that are gone, with numbers up to `last` that nobody has any more:
 * the other followers have seen them. Where there are too few, with new
 * ones. *next is the first that is free. */
static int
recall_hours(struct sql *sql, int64_t battery_id, int64_t *next, int64_t last,
    struct failure *why)
{
	int64_t values[] = { battery_id, *next };
	int64_t count =
	    sql_ask(sql, HOURS " SELECT count(*) FROM hours", values, 1, why);

	if (count == -1)
		return -1;
	if (*next + count - 1 > last)
		return sql_run_with(sql,
		    HOURS " INSERT OR IGNORE INTO touched (battery_id, hour)"
			  " SELECT ?1, hour FROM hours",
		    values, 1, why);
	*next += count;
	return sql_run_with(sql,
	    HOURS " INSERT OR IGNORE INTO touched (seq, battery_id, hour)"
		  " SELECT ?2 + row_number() OVER (ORDER BY hour) - 1, ?1, hour"
		  " FROM hours",
	    values, 2, why);
}

static int
recall_battery(struct sql *sql, int64_t battery_id, int64_t *next, int64_t last,
    struct failure *why)
{
	if (sql_begin(sql, why) == -1)
		return -1;
	if (recall_hours(sql, battery_id, next, last, why) == 0 &&
	    sql_commit(sql, false, why) == 0)
		return 0;
	sql_rollback(sql);
	return -1;
}

int
touched_recall(struct tenant *tenant, const char *follower, struct failure *why)
{
	struct sql *sql = tenant_sql(tenant);
	int64_t cursor = cursor_get(tenant, follower, why);
	int64_t battery_id = 0, next = 1, last;

	if (cursor != 0)
		return cursor == -1 ? -1 : 0;
	last = cursor_get(tenant, FORGOTTEN, why);
	if (last <= 0)
		return last == -1 ? -1 : 0;
	last = sql_ask(sql,
	    "SELECT min(?1, coalesce(min(seq) - 1, ?1)) FROM touched", &last, 1,
	    why);
	while (last != -1) {
		battery_id =
		    sql_ask(sql, "SELECT min(id) FROM batteries WHERE id > ?1",
			&battery_id, 1, why);
		if (battery_id <= 0)
			return battery_id == -1 ? -1 : 0;
		if (recall_battery(sql, battery_id, &next, last, why) == -1)
			return -1;
	}
	return -1;
}
