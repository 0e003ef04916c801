/*
 * The end of a replay: what it could have made again, and did not, was a
 * slip of a profile that is mended by now. It is looked for without a lock,
 * and taken away in steps, so that others can write meanwhile.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/again.h"
#include "store/readings.h"
#include "store/seal.h"
#include "store/stored.h"

/* What one transaction takes away at most: rows, and days of a battery whose
 * block may have to be lifted. */
#define STEP_ROWS 1000
#define STEP_DAYS 16

struct key {
	int64_t time_ms, battery_id;
	enum reading_kind kind;
};

struct close {
	struct sql *sql;
	const struct mark_replay *replay;
	bool full;
	struct lifter *lifter;
	struct sql_query *device, *battery, *remove, *touch, *late, *again;
	int64_t device_id; /* that was asked for last, ... */
	bool told; /* ... and whether it is one of the replay's */
	struct key stale[STEP_ROWS];
	size_t count, days;
};

/* ---- is it stale? ----------------------------------------------------- */

#define OF_REPLAY "(?1 = '' OR d.device = ?1) AND (?2 = '' OR d.profile = ?2)"
static const char ask_device[] =
    "SELECT 1 FROM devices d WHERE d.id = ?3 AND " OF_REPLAY;
/* Where it is not known what device said it: one that a device outside the
 * replay measured as well keeps all. */
static const char ask_battery[] =
    "SELECT min(" OF_REPLAY ")"
    " FROM device_batteries b JOIN devices d ON d.id = b.device_id"
    " WHERE b.battery_id = ?3 AND b.valid_from <= ?4"
    " AND NOT EXISTS (SELECT 1 FROM device_batteries later"
    " WHERE later.device_id = b.device_id"
    " AND later.valid_from > b.valid_from"
    " AND later.valid_from <= ?4)";

static void
bind_replay(struct sql_query *query, const struct mark_replay *replay)
{
	sql_bind_text(query, 1, replay->device);
	sql_bind_text(query, 2, replay->profile);
}

/* 1 it is one of the replay's, 0 not, -1 with a failure. */
static int
is_device(struct close *close, int64_t device_id, struct failure *why)
{
	int got;

	if (device_id == close->device_id)
		return close->told;
	bind_replay(close->device, close->replay);
	sql_bind_integer(close->device, 3, device_id);
	got = sql_step(close->device, why);
	sql_reset(close->device);
	close->device_id = device_id;
	close->told = got == 1;
	return got;
}

static int
is_battery(
    struct close *close, const struct readings_row *row, struct failure *why)
{
	int got;

	bind_replay(close->battery, close->replay);
	sql_bind_integer(close->battery, 3, row->battery_id);
	sql_bind_integer(close->battery, 4, row->time_ms);
	got = sql_step(close->battery, why);
	if (got == 1)
		got = sql_integer(close->battery, 0) == 1;
	sql_reset(close->battery);
	return got;
}

static int
is_stale(
    struct close *close, const struct readings_row *row, struct failure *why)
{
	if (!row->made || row->gen >= close->replay->gen)
		return 0;
	return row->device_id != 0 ? is_device(close, row->device_id, why)
				   : is_battery(close, row, why);
}

/* ---- taking it away --------------------------------------------------- */

static int
note(struct close *close, const struct key *key, struct failure *why)
{
	sql_bind_integer(close->touch, 1, key->battery_id);
	sql_bind_integer(
	    close->touch, 2, key->time_ms - key->time_ms % HOUR_MS);
	sql_bind_integer(close->late, 1, key->battery_id);
	sql_bind_integer(close->again, 1, key->battery_id);
	sql_bind_integer(close->again, 2, key->time_ms);
	if (sql_done(close->touch, why) == -1 ||
	    sql_done(close->late, why) == -1)
		return -1;
	return sql_done(close->again, why);
}

static int
remove_all(struct close *close, struct failure *why)
{
	for (size_t i = 0; i < close->count; i++) {
		const struct key *key = &close->stale[i];

		if (lifter_look(close->lifter, key->battery_id, key->time_ms,
			why) == -1)
			return -1;
		sql_bind_integer(close->remove, 1, key->time_ms);
		sql_bind_integer(close->remove, 2, key->battery_id);
		sql_bind_integer(close->remove, 3, key->kind);
		sql_bind_integer(close->remove, 4, close->replay->gen);
		if (sql_done(close->remove, why) == -1)
			return -1;
		if (sql_changes(close->sql) > 0 && note(close, key, why) == -1)
			return -1;
	}
	return 0;
}

/* What was found so far, in one transaction. */
static int
step(struct close *close, struct failure *why)
{
	if (close->count == 0)
		return 0;
	if (sql_begin(close->sql, why) == -1)
		return -1;
	if (remove_all(close, why) == -1) {
		sql_rollback(close->sql);
		return -1;
	}
	close->count = close->days = 0;
	return sql_commit(close->sql, close->full, why);
}

static int
keep(struct close *close, const struct readings_row *row, struct failure *why)
{
	const struct key *last =
	    close->count > 0 ? &close->stale[close->count - 1] : NULL;

	if (last == NULL || last->battery_id != row->battery_id ||
	    last->time_ms / DAY_MS != row->time_ms / DAY_MS)
		close->days++;
	close->stale[close->count++] =
	    (struct key){ row->time_ms, row->battery_id, row->kind };
	return close->count == STEP_ROWS || close->days > STEP_DAYS
	    ? step(close, why)
	    : 0;
}

/* ---- looking for it --------------------------------------------------- */

static int
walk(struct close *close, struct failure *why)
{
	struct stored *stored = stored_open(close->sql, 0,
	    close->replay->from_ms, close->replay->to_ms, false, why);
	struct stored_row row;
	int got = stored == NULL ? -1 : 1;

	while (got == 1 && (got = stored_next(stored, &row, why)) == 1) {
		int stale = is_stale(close, &row.row, why);

		if (stale == -1 ||
		    (stale == 1 && keep(close, &row.row, why) == -1))
			got = -1;
	}
	stored_close(stored);
	return got == -1 ? -1 : step(close, why);
}

static bool
open_all(struct close *close, struct failure *why)
{
	struct sql *sql = close->sql;

	close->lifter = lifter_open(sql, why);
	return close->lifter != NULL &&
	    sql_prepare_into(&close->device, sql, ask_device, why) &&
	    sql_prepare_into(&close->battery, sql, ask_battery, why) &&
	    sql_prepare_into(&close->remove, sql,
		"DELETE FROM readings WHERE time = ?1 AND battery_id = ?2"
		" AND kind = ?3 AND gen < ?4 AND made = 1",
		why) &&
	    sql_prepare_into(&close->touch, sql,
		"INSERT OR REPLACE INTO touched (battery_id, hour)"
		" VALUES (?1, ?2)",
		why) &&
	    sql_prepare_into(&close->late, sql,
		"UPDATE judged SET dirty = 1 WHERE battery_id = ?1", why) &&
	    sql_prepare_into(&close->again, sql, AGAIN_NOTE, why);
}

int
readings_open_replay(struct tenant *tenant, const struct mark_replay *replay,
    struct failure *why)
{
	int64_t last = cursor_get(tenant, READINGS_REPLAY, why);

	if (last == -1)
		return -1;
	if (last > replay->gen) /* one after it was opened already */
		return 0;
	if (cursor_set(tenant, READINGS_REPLAY, replay->gen, why) == -1)
		return -1;
	return cursor_set(tenant, READINGS_REPLAY_TO, replay->to_ms, why);
}

int
readings_close_replay(struct tenant *tenant, const struct mark_replay *replay,
    bool full, struct failure *why)
{
	struct close *close = mem_zero(1, sizeof(*close));
	int got = -1;

	close->sql = tenant_sql(tenant);
	close->replay = replay;
	close->full = full;
	if (open_all(close, why))
		got = walk(close, why);
	lifter_close(close->lifter);
	sql_query_free(close->device);
	sql_query_free(close->battery);
	sql_query_free(close->remove);
	sql_query_free(close->touch);
	sql_query_free(close->late);
	sql_query_free(close->again);
	free(close);
	return got;
}
