#include "feed_limits.h"

#include <stdlib.h>

#include "base/clock.h"
#include "store/space.h"
#include "store/status.h"

#define ROOM_EVERY_MS 10000

struct feed_kept {
	int64_t battery_id, before_ms;
};

static int
load_kept(struct feed *feed, struct failure *why)
{
	struct sql_query *query = sql_prepare(tenant_sql(feed->tenant),
	    "SELECT battery_id, before FROM retained WHERE tier = 'readings'"
	    " ORDER BY battery_id",
	    why);
	int got = -1;

	feed->kept_count = 0;
	while (query != NULL && (got = sql_step(query, why)) == 1) {
		if (feed->kept_count == feed->kept_room) {
			feed->kept_room =
			    feed->kept_room == 0 ? 64 : feed->kept_room * 2;
			feed->kept = mem_grow(
			    feed->kept, feed->kept_room, sizeof(*feed->kept));
		}
		feed->kept[feed->kept_count++] =
		    (struct feed_kept){ sql_integer(query, 0),
			    sql_integer(query, 1) };
	}
	sql_query_free(query);
	return got;
}

static int
look_at_room(struct feed *feed, struct failure *why)
{
	int64_t now_ms = clock_monotonic_ms();
	struct space space;

	if (feed->room_ms != 0 && now_ms - feed->room_ms < ROOM_EVERY_MS)
		return 0;
	if (space_read(feed->tenant, &space, why) == -1)
		return -1;
	if (space.limit > 0 && space.used >= space.limit)
		return failure_set(why, EXIT_AGAIN,
		    "storage is full: %.2f of %.2f GB (max_storage_gb): "
		    "new data wait",
		    (double)space.used / 1e9, (double)space.limit / 1e9);
	feed->room_ms = now_ms;
	return 0;
}

int
feed_limits_look(struct feed *feed, bool changed, struct failure *why)
{
	if (changed &&
	    (status_read(feed->tenant, &feed->status, why) == -1 ||
		load_kept(feed, why) == -1))
		return -1;
	return look_at_room(feed, why);
}

int
feed_limits_status(const struct feed *feed, struct failure *why)
{
	if (status_lets(feed->status, STATUS_STORE))
		return 0;
	return failure_set(why, EXIT_REFUSED,
	    "tenant %s is %s: it takes no new data", feed->slug,
	    status_word(feed->status));
}

static int
by_battery(const void *a, const void *b)
{
	const struct feed_kept *left = a, *right = b;

	return (left->battery_id > right->battery_id) -
	    (left->battery_id < right->battery_id);
}

int
feed_limits_age(const struct feed *feed, int64_t battery_id, int64_t time_ms,
    struct failure *why)
{
	const struct feed_kept key = { .battery_id = battery_id };
	const struct feed_kept *kept;

	if (feed->kept_count == 0)
		return 0;
	kept = bsearch(&key, feed->kept, feed->kept_count, sizeof(*feed->kept),
	    by_battery);
	if (kept == NULL || time_ms >= kept->before_ms)
		return 0;
	return failure_set(why, EXIT_REFUSED,
	    "tenant %s: is older than the readings that are kept", feed->slug);
}
