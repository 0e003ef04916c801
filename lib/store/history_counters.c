/* The table counter_state: how counters stood at the end of each hour. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/history_parts.h"

struct history_counters {
	struct sql_query *before, *here, *clear, *insert, *next, *touch;
};

static const struct sql_text statements[] = {
	{ offsetof(struct history_counters, before),
	    "SELECT hour, state FROM counter_state WHERE battery_id = ?1"
	    " AND hour < ?2 AND hour >= ?3 ORDER BY hour DESC LIMIT 1" },
	{ offsetof(struct history_counters, here),
	    "SELECT hour, until, state FROM counter_state"
	    " WHERE battery_id = ?1 AND hour > ?2 - 7200000 AND hour < ?3"
	    " AND until > ?2" },
	{ offsetof(struct history_counters, clear),
	    "DELETE FROM counter_state"
	    " WHERE battery_id = ?1 AND hour > ?2 - 7200000 AND hour < ?3"
	    " AND until > ?2" },
	{ offsetof(struct history_counters, insert),
	    "INSERT INTO counter_state (battery_id, hour, until, state)"
	    " VALUES (?1, ?2, ?3, ?4)" },
	{ offsetof(struct history_counters, next),
	    "SELECT hour FROM counter_state WHERE battery_id = ?1"
	    " AND hour >= ?2 ORDER BY hour LIMIT 1" },
	{ offsetof(struct history_counters, touch),
	    "INSERT OR REPLACE INTO touched (battery_id, hour)"
	    " VALUES (?1, ?2)" },
};

#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

struct history_counters *
history_counters_open(struct sql *sql, struct failure *why)
{
	struct history_counters *store = mem_zero(1, sizeof(*store));

	if (sql_prepare_all(sql, store, statements, STATEMENTS, why) == 0)
		return store;
	history_counters_close(store);
	return NULL;
}

void
history_counters_close(struct history_counters *store)
{
	if (store == NULL)
		return;
	sql_free_all(store, statements, STATEMENTS);
	free(store);
}

static void
unpack(struct sql_query *query, struct counter counter[BUCKET_COUNTERS])
{
	size_t size;
	const void *data = sql_blob(query, 1, &size);
	struct varint_reader in = { data, (const uint8_t *)data + size, false };

	for (size_t i = 0; i < BUCKET_COUNTERS; i++)
		counter_unpack(&in, &counter[i]);
}

/* Is an hour one of those from `at` on? */
static bool
is_made(const struct history_hours *hours, size_t at, int64_t hour_ms)
{
	while (at < hours->count && hours->bucket[at].end_ms <= hour_ms)
		at++;
	return at < hours->count && hours->bucket[at].start_ms <= hour_ms;
}

/* The latest stored hour from from_ms on and before before_ms that is not
 * made anew. */
static int
load(struct history_counters *store, const struct history_hours *hours,
    int64_t from_ms, int64_t before_ms, struct counter counter[BUCKET_COUNTERS],
    struct failure *why)
{
	int got;

	do {
		sql_reset(store->before);
		sql_bind_integer(store->before, 1, hours->battery_id);
		sql_bind_integer(store->before, 2, before_ms);
		sql_bind_integer(store->before, 3, from_ms);
		got = sql_step(store->before, why);
		if (got == 1)
			before_ms = sql_integer(store->before, 0);
	} while (got == 1 && is_made(hours, 0, before_ms));
	if (got == 1)
		unpack(store->before, counter);
	sql_reset(store->before);
	return got == -1 ? -1 : 0;
}

int
history_counters_load(struct history_counters *store,
    const struct history_hours *hours, size_t at,
    struct counter counter[BUCKET_COUNTERS], struct failure *why)
{
	const struct bucket *bucket = hours->bucket;
	size_t group = at, last;

	while (group > 0 && !bucket[group - 1].begun &&
	    bucket[group - 1].end_ms == bucket[group].start_ms)
		group--;
	if (group > 0 && bucket[group - 1].end_ms == bucket[group].start_ms)
		return 0; /* they stand as the hour before left them */
	for (last = group; last > 0 && !bucket[last - 1].begun;)
		last--;
	return load(store, hours, last == 0 ? 0 : bucket[last - 1].end_ms,
	    bucket[group].start_ms, counter, why);
}

static void
bind_hour(
    struct sql_query *query, int64_t battery_id, const struct bucket *bucket)
{
	sql_bind_integer(query, 1, battery_id);
	sql_bind_integer(query, 2, bucket->start_ms);
	sql_bind_integer(query, 3, bucket->end_ms);
}

/* Does it stand there as it is? 1 yes; 0 no; -1 with a failure. */
static int
is_stored(struct history_counters *store, int64_t battery_id,
    const struct bucket *bucket, struct failure *why)
{
	int got, same = bucket->state_size == 0;
	size_t size;

	bind_hour(store->here, battery_id, bucket);
	while ((got = sql_step(store->here, why)) == 1) {
		const void *state = sql_blob(store->here, 2, &size);

		same = sql_integer(store->here, 0) == bucket->start_ms &&
		    sql_integer(store->here, 1) == bucket->end_ms &&
		    size == bucket->state_size &&
		    memcmp(state, bucket->state, size) == 0;
		if (!same)
			break;
	}
	sql_reset(store->here);
	return got == -1 ? -1 : same;
}

static int
put_state(struct history_counters *store, int64_t battery_id,
    const struct bucket *bucket, struct failure *why)
{
	bind_hour(store->clear, battery_id, bucket);
	if (sql_done(store->clear, why) == -1)
		return -1;
	if (bucket->state_size == 0)
		return 0;
	bind_hour(store->insert, battery_id, bucket);
	sql_bind_blob(store->insert, 4, bucket->state, bucket->state_size);
	return sql_done(store->insert, why);
}

/* The next hour with counters behind bucket `at` counts on from it. */
static int
touch_next(struct history_counters *store, const struct history_hours *hours,
    size_t at, struct failure *why)
{
	int64_t hour_ms = -1;
	int got;

	sql_bind_integer(store->next, 1, hours->battery_id);
	sql_bind_integer(store->next, 2, hours->bucket[at].end_ms);
	got = sql_step(store->next, why);
	if (got == 1)
		hour_ms = sql_integer(store->next, 0);
	sql_reset(store->next);
	if (got != 1 || is_made(hours, at + 1, hour_ms))
		return got == -1 ? -1 : 0;
	sql_bind_integer(store->touch, 1, hours->battery_id);
	sql_bind_integer(store->touch, 2, hour_ms - hour_ms % HOUR_MS);
	return sql_done(store->touch, why);
}

int
history_counters_put(struct history_counters *store,
    const struct history_hours *hours, struct failure *why)
{
	size_t changed = hours->count;

	for (size_t i = 0; i < hours->count; i++) {
		const struct bucket *bucket = &hours->bucket[i];
		bool next_counts = i + 1 < hours->count &&
		    hours->bucket[i + 1].start_ms == bucket->end_ms &&
		    hours->bucket[i + 1].state_size > 0;
		int same = is_stored(store, hours->battery_id, bucket, why);

		if (same == -1)
			return -1;
		if (same == 0) {
			changed = i;
			if (put_state(store, hours->battery_id, bucket, why) ==
			    -1)
				return -1;
		}
		if (changed == i && !next_counts &&
		    touch_next(store, hours, i, why) == -1)
			return -1;
	}
	return 0;
}
