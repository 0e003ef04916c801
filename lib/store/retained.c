#include "store/retained.h"

#include <stddef.h>

#include "store/history_seal.h"

static const char *const words[RETAINED_TIERS] = { "readings", "hourly",
	"daily" };

/*
 * What goes with a tier. Hours without readings are no more in `touched`:
 * followers that begin anew would take what they once made of them for
 * wrong; but the newest row, which the next number follows, is kept as that
 * of an hour that is there. Of the counters the last that the rest counts on
 * from stays.
 */
#define ALONG 3
static const char *const along[RETAINED_TIERS][ALONG] = {
	{ "UPDATE OR REPLACE touched SET hour = ?2 - ?2 % 3600000"
	  " WHERE seq = (SELECT max(seq) FROM touched)"
	  " AND battery_id = ?1 AND hour <= ?2 - 3600000",
	    "DELETE FROM touched WHERE battery_id = ?1"
	    " AND hour <= ?2 - 3600000",
	    "DELETE FROM counter_state WHERE battery_id = ?1"
	    " AND hour < (SELECT max(hour) FROM counter_state"
	    "   WHERE battery_id = ?1 AND hour < ?2)" },
	{ NULL, NULL, NULL }, /* drop_hours */
	{ "DELETE FROM cell_rows WHERE battery_id = ?1 AND period = 1"
	  " AND start < ?2",
	    NULL },
};

static int
put(struct sql *sql, int64_t battery_id, enum retained_tier tier,
    int64_t before_ms, struct failure *why)
{
	struct sql_query *query = sql_prepare(sql,
	    "INSERT INTO retained (battery_id, tier, before)"
	    " VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE"
	    " SET before = excluded.before WHERE before < excluded.before",
	    why);
	int result;

	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, battery_id);
	sql_bind_text(query, 2, words[tier]);
	sql_bind_integer(query, 3, before_ms);
	result = sql_done(query, why);
	sql_query_free(query);
	return result;
}

static int
drop_hours(
    struct sql *sql, int64_t battery_id, int64_t before_ms, struct failure *why)
{
	int64_t hours = 0;

	if (history_drop(
		sql, SHEETED_HISTORY, battery_id, before_ms, &hours, why) == -1)
		return -1;
	return history_drop(
	    sql, SHEETED_CELLS, battery_id, before_ms, &hours, why);
}

int
retained_mark(struct sql *sql, int64_t battery_id, enum retained_tier tier,
    int64_t before_ms, struct failure *why)
{
	int64_t values[] = { battery_id, before_ms };
	int result = put(sql, battery_id, tier, before_ms, why);

	if (result == 0 && tier == RETAINED_HOURLY)
		result = drop_hours(sql, battery_id, before_ms, why);
	for (size_t i = 0; result == 0 && i < ALONG; i++)
		if (along[tier][i] != NULL)
			result =
			    sql_run_with(sql, along[tier][i], values, 2, why);
	return result;
}
