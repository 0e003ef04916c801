/*
 * The end of a replay: what it could have made again, and did not, was a
 * slip of a profile that is mended by now.
 */
#include "store/block.h"
#include "store/readings.h"
#include "store/seal.h"

/* A row of which it is not known what device said it is judged by its
 * battery: one that a device outside the replay measured as well keeps all. */
#define OF_REPLAY "(?4 = '' OR d.device = ?4) AND (?5 = '' OR d.profile = ?5)"
#define STALE                                                                  \
	" FROM readings AS r WHERE time >= ?1 AND time < ?2 AND gen < ?3"      \
	" AND made = 1 AND CASE WHEN r.device_id IS NOT NULL"                  \
	" THEN EXISTS (SELECT 1 FROM devices d WHERE d.id = r.device_id"       \
	" AND " OF_REPLAY ")"                                                  \
	" ELSE (SELECT min(" OF_REPLAY ")"                                     \
	" FROM device_batteries b JOIN devices d ON d.id = b.device_id"        \
	" WHERE b.battery_id = r.battery_id AND b.valid_from <= r.time"        \
	" AND NOT EXISTS (SELECT 1 FROM device_batteries later"                \
	" WHERE later.device_id = b.device_id"                                 \
	" AND later.valid_from > b.valid_from"                                 \
	" AND later.valid_from <= r.time)) = 1 END"

static const char note_stale[] =
    "INSERT OR REPLACE INTO touched (battery_id, hour)"
    " SELECT DISTINCT battery_id, time - time % 3600000" STALE;
static const char mark_late[] =
    "UPDATE judged SET dirty = 1 WHERE battery_id IN"
    " (SELECT battery_id" STALE ")";
static const char remove_stale[] = "DELETE" STALE;

static int
run(struct sql *sql, const char *text, const struct mark_replay *replay,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(sql, text, why);
	int result;

	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, replay->from_ms);
	sql_bind_integer(query, 2, replay->to_ms);
	sql_bind_integer(query, 3, replay->gen);
	sql_bind_text(query, 4, replay->device);
	sql_bind_text(query, 5, replay->profile);
	result = sql_done(query, why);
	sql_query_free(query);
	return result;
}

/* What lies in blocks is looked at row by row: all of the batteries that
 * devices of the replay have measured. */
static int
lift(struct sql *sql, struct lifter *lifter, const struct mark_replay *replay,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(sql,
	    "SELECT DISTINCT b.battery_id FROM device_batteries b"
	    " JOIN devices d ON d.id = b.device_id"
	    " WHERE (?1 = '' OR d.device = ?1) AND (?2 = '' OR d.profile = ?2)",
	    why);
	int got;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, replay->device);
	sql_bind_text(query, 2, replay->profile);
	while ((got = sql_step(query, why)) == 1)
		if (lifter_lift(lifter, sql_integer(query, 0), replay->from_ms,
			replay->to_ms, why) == -1) {
			got = -1;
			break;
		}
	sql_query_free(query);
	return got;
}

/* Does a device of the replay tell a row that it may take away? Devices
 * follow each other seldom: `found` is asked where another one begins. */
static int
tells(const struct block *block, const struct mark_replay *replay,
    struct sql_query *found, struct failure *why)
{
	int64_t last_id = 0;
	int got = 0;

	for (size_t i = 0; got == 0 && i < block_count(block); i++) {
		struct readings_row row;

		block_row(block, i, &row);
		if (!row.made || row.gen >= replay->gen ||
		    row.device_id == last_id || row.time_ms < replay->from_ms ||
		    row.time_ms >= replay->to_ms)
			continue;
		last_id = row.device_id;
		sql_bind_integer(found, 1, last_id);
		sql_bind_text(found, 2, replay->device);
		sql_bind_text(found, 3, replay->profile);
		got = sql_step(found, why);
		sql_reset(found);
	}
	return got;
}

/* The next block: 1 it was looked at, and lifted where it must be; 0 there
 * is none. */
static int
look_at_next(struct lifter *lifter, const struct mark_replay *replay,
    struct sql_query *next, struct sql_query *found, int64_t *id,
    struct failure *why)
{
	struct block *block;
	int64_t first_ms, last_ms;
	const void *data;
	size_t size;
	int got;

	sql_bind_integer(next, 1, *id);
	sql_bind_integer(next, 2, replay->from_ms);
	sql_bind_integer(next, 3, replay->to_ms);
	got = sql_step(next, why);
	if (got != 1) {
		sql_reset(next);
		return got;
	}
	*id = sql_integer(next, 0);
	first_ms = sql_integer(next, 1);
	last_ms = sql_integer(next, 2);
	data = sql_blob(next, 3, &size);
	block = block_open(data, size, why);
	sql_reset(next);
	if (block == NULL)
		return failure_prefix(why, "block %lld", (long long)*id);
	got = tells(block, replay, found, why);
	block_close(block);
	if (got == 1)
		got =
		    lifter_lift(lifter, *id >> 32, first_ms, last_ms + 1, why);
	return got == -1 ? -1 : 1;
}

/* A device that was moved, or told the serial number of another battery, has
 * rows with batteries that are not its own. */
static int
lift_elsewhere(struct sql *sql, struct lifter *lifter,
    const struct mark_replay *replay, struct failure *why)
{
	struct sql_query *next = sql_prepare(sql,
	    "SELECT id, first, last, data FROM blocks WHERE id > ?1"
	    " AND first < ?3 AND last >= ?2 ORDER BY id LIMIT 1",
	    why);
	struct sql_query *found = next == NULL
	    ? NULL
	    : sql_prepare(sql,
		  "SELECT 1 FROM devices WHERE id = ?1"
		  " AND (?2 = '' OR device = ?2) AND (?3 = '' OR profile = ?3)",
		  why);
	int64_t id = 0;
	int got = -1;

	if (found != NULL)
		do
			got =
			    look_at_next(lifter, replay, next, found, &id, why);
		while (got == 1);
	sql_query_free(next);
	sql_query_free(found);
	return got;
}

int
readings_close_replay(struct tenant *tenant, const struct mark_replay *replay,
    struct failure *why)
{
	struct sql *sql = tenant_sql(tenant);
	struct lifter *lifter = lifter_open(sql, why);
	int got = lifter == NULL ? -1 : lift(sql, lifter, replay, why);

	if (got == 0)
		got = lift_elsewhere(sql, lifter, replay, why);
	lifter_close(lifter);
	if (got == -1 || run(sql, note_stale, replay, why) == -1 ||
	    run(sql, mark_late, replay, why) == -1)
		return -1;
	return run(sql, remove_stale, replay, why);
}
