/*
 * Blocks become rows again. A row that comes late is rare; that it could be
 * one is looked at for every row, so the end of each battery's blocks is
 * remembered for as long as a transaction lasts.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "store/block.h"
#include "store/seal.h"
#include "store/stored.h"

#define SLOTS 1024 /* batteries; 2^n */

struct sealed_slot {
	uint64_t transaction;
	int64_t battery_id, last_ms;
};

struct lifter {
	struct sql *sql;
	struct sql_query *last, *find, *insert, *remove, *touch;
	struct buf packed;
	struct sealed_slot slots[SLOTS];
};

struct lifter *
lifter_open(struct sql *sql, struct failure *why)
{
	struct lifter *lifter = mem_zero(1, sizeof(*lifter));

	lifter->sql = sql;
	if (sql_prepare_into(&lifter->last, sql,
		"SELECT last FROM blocks WHERE id BETWEEN ?1 AND ?2"
		" ORDER BY id DESC LIMIT 1",
		why) &&
	    sql_prepare_into(&lifter->find, sql,
		"SELECT id, data FROM blocks"
		" WHERE id BETWEEN ?1 AND ?2 AND first <= ?3 AND last >= ?3"
		" ORDER BY id DESC LIMIT 1",
		why) &&
	    sql_prepare_into(&lifter->insert, sql,
		"INSERT INTO readings (time, battery_id, kind, gen, quality,"
		" packed, made, device_id)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
		why) &&
	    sql_prepare_into(&lifter->remove, sql,
		"DELETE FROM blocks WHERE id = ?1", why) &&
	    sql_prepare_into(&lifter->touch, sql,
		"INSERT OR IGNORE INTO touched (battery_id, hour)"
		" VALUES (?1, ?2)",
		why))
		return lifter;
	lifter_close(lifter);
	return NULL;
}

void
lifter_close(struct lifter *lifter)
{
	if (lifter == NULL)
		return;
	sql_query_free(lifter->last);
	sql_query_free(lifter->find);
	sql_query_free(lifter->insert);
	sql_query_free(lifter->remove);
	sql_query_free(lifter->touch);
	buf_free(&lifter->packed);
	free(lifter);
}

/* Each hour that has fresh rows stands in touched, by which the newest are
 * found: it may have been forgotten. */
static int
touch(struct lifter *lifter, const struct readings_row *row, int64_t *hour_ms,
    struct failure *why)
{
	if (row->time_ms - *hour_ms < HOUR_MS)
		return 0;
	*hour_ms = row->time_ms - row->time_ms % HOUR_MS;
	sql_bind_integer(lifter->touch, 1, row->battery_id);
	sql_bind_integer(lifter->touch, 2, *hour_ms);
	return sql_done(lifter->touch, why);
}

static int
put_rows(struct lifter *lifter, const struct block *block, int64_t battery_id,
    struct failure *why)
{
	int64_t hour_ms = -HOUR_MS;

	for (size_t i = 0; i < block_count(block); i++) {
		struct readings_row row;

		block_row(block, i, &row);
		row.battery_id = battery_id;
		buf_clear(&lifter->packed);
		block_packed(block, i, &lifter->packed);
		row.packed = lifter->packed.data;
		row.size = lifter->packed.size;
		readings_bind(lifter->insert, &row);
		if (sql_done(lifter->insert, why) == -1 ||
		    touch(lifter, &row, &hour_ms, why) == -1)
			return -1;
	}
	return 0;
}

/* The block whose row `find` stands on. */
static int
lift_found(struct lifter *lifter, int64_t battery_id, struct failure *why)
{
	int64_t id = sql_integer(lifter->find, 0);
	struct block *block;
	const void *data;
	size_t size;
	int result;

	data = sql_blob(lifter->find, 1, &size);
	block = block_open(data, size, why);
	sql_reset(lifter->find);
	if (block == NULL)
		return failure_prefix(why, "block %lld", (long long)id);
	sql_bind_integer(lifter->remove, 1, id);
	result = sql_done(lifter->remove, why);
	if (result == 0)
		result = put_rows(lifter, block, battery_id, why);
	block_close(block);
	return result;
}

/* The block that a time lies in, where there is one. */
static int
lift(struct lifter *lifter, int64_t battery_id, int64_t time_ms,
    struct failure *why)
{
	int got;

	sql_bind_integer(lifter->find, 1, block_key(battery_id, 0));
	sql_bind_integer(lifter->find, 2, block_key(battery_id, time_ms));
	sql_bind_integer(lifter->find, 3, time_ms);
	got = sql_step(lifter->find, why);
	if (got == 1)
		return lift_found(lifter, battery_id, why);
	sql_reset(lifter->find);
	return got;
}

/* When the last block of a battery ends; -1 where it has none. */
static int
sealed_until(struct lifter *lifter, int64_t battery_id, int64_t *last_ms,
    struct failure *why)
{
	int got;

	sql_bind_integer(lifter->last, 1, block_key(battery_id, 0));
	sql_bind_integer(lifter->last, 2, block_key(battery_id + 1, 0) - 1);
	got = sql_step(lifter->last, why);
	*last_ms = got == 1 ? sql_integer(lifter->last, 0) : -1;
	sql_reset(lifter->last);
	return got == -1 ? -1 : 0;
}

int
lifter_look(struct lifter *lifter, int64_t battery_id, int64_t time_ms,
    struct failure *why)
{
	struct sealed_slot *slot =
	    &lifter->slots[(uint64_t)battery_id & (SLOTS - 1)];
	uint64_t now = sql_transactions(lifter->sql);

	if (slot->transaction != now || slot->battery_id != battery_id) {
		if (sealed_until(lifter, battery_id, &slot->last_ms, why) == -1)
			return -1;
		slot->transaction = now;
		slot->battery_id = battery_id;
	}
	if (time_ms > slot->last_ms)
		return 0;
	return lift(lifter, battery_id, time_ms, why);
}
