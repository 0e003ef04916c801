/* What has changed since, and how far each follower has come. */
#include "store/readings.h"

int
readings_touched(struct tenant *tenant, int64_t after, struct touched *out,
    int room, struct failure *why)
{
	struct sql_query *query = sql_prepare(tenant_sql(tenant),
	    "SELECT seq, battery_id, hour FROM touched WHERE seq > ?1"
	    " ORDER BY seq LIMIT ?2",
	    why);
	int count = 0, got;

	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, after);
	sql_bind_integer(query, 2, room);
	while ((got = sql_step(query, why)) == 1) {
		out[count].seq = sql_integer(query, 0);
		out[count].battery_id = sql_integer(query, 1);
		out[count++].hour_ms = sql_integer(query, 2);
	}
	sql_query_free(query);
	return got == -1 ? -1 : count;
}

int64_t
cursor_get(struct tenant *tenant, const char *follower, struct failure *why)
{
	struct sql_query *query = sql_prepare(tenant_sql(tenant),
	    "SELECT seq FROM cursors WHERE follower = ?1", why);
	int64_t seq;
	int got;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, follower);
	got = sql_step(query, why);
	seq = got == 1 ? sql_integer(query, 0) : got;
	sql_query_free(query);
	return seq;
}

int
cursor_set(struct tenant *tenant, const char *follower, int64_t seq,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(tenant_sql(tenant),
	    "INSERT OR REPLACE INTO cursors (follower, seq) VALUES (?1, ?2)",
	    why);
	int result;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, follower);
	sql_bind_integer(query, 2, seq);
	result = sql_done(query, why);
	sql_query_free(query);
	return result;
}

int
touched_compare(const void *a, const void *b)
{
	const struct touched *left = a, *right = b;

	if (left->battery_id != right->battery_id)
		return left->battery_id < right->battery_id ? -1 : 1;
	return (left->hour_ms > right->hour_ms) -
	    (left->hour_ms < right->hour_ms);
}
