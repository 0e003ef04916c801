#include "store/retained.h"

static const char *const words[RETAINED_TIERS] = { "readings", "hourly",
	"daily" };

/* Hours without readings: followers that begin anew would take what they
 * once made of them for wrong. */
static int
forget_touched(
    struct sql *sql, int64_t battery_id, int64_t before_ms, struct failure *why)
{
	struct sql_query *query = sql_prepare(sql,
	    "DELETE FROM touched WHERE battery_id = ?1"
	    " AND hour <= ?2 - 3600000",
	    why);
	int result;

	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, battery_id);
	sql_bind_integer(query, 2, before_ms);
	result = sql_done(query, why);
	sql_query_free(query);
	return result;
}

int
retained_mark(struct sql *sql, int64_t battery_id, enum retained_tier tier,
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
	if (result == 0 && tier == RETAINED_READINGS)
		return forget_touched(sql, battery_id, before_ms, why);
	return result;
}
