#include "store/seal.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/block.h"
#include "store/seal_part.h"
#include "store/stored.h"

#define DAY_MINUTES (24 * 60)
#define SORT_ROWS 16384

struct sealing {
	struct sql *sql;
	struct sql_query *oldest, *number, *rows, *remove_rows;
	struct sql_query *blocks, *remove_block, *insert, *fresh, *battery;
	struct seal_counts *counts;
	int64_t battery_id; /* that is packed */
	struct readings_row *row; /* of one battery; bytes in `bytes` */
	size_t *start;
	size_t count, room;
	int64_t last_ms; /* the latest of them */
	struct buf bytes, block;
	struct block_maker *maker;
	struct block *open; /* the last one that was read */
};

static const struct sql_text statements[] = {
	{ offsetof(struct sealing, oldest),
	    "SELECT time FROM readings WHERE time < ?1 ORDER BY time LIMIT 1" },
	{ offsetof(struct sealing, number),
	    "SELECT count(*) FROM readings WHERE time >= ?1 AND time < ?2" },
	{ offsetof(struct sealing, rows),
	    "SELECT time, kind, gen, quality, packed, made, device_id,"
	    " battery_id FROM readings WHERE time >= ?1 AND time < ?2"
	    " ORDER BY battery_id, time, kind" },
	{ offsetof(struct sealing, remove_rows),
	    "DELETE FROM readings WHERE time >= ?1 AND time < ?2" },
	{ offsetof(struct sealing, blocks),
	    "SELECT id, count, data FROM blocks WHERE id BETWEEN ?1 AND ?2"
	    " ORDER BY id" },
	{ offsetof(struct sealing, remove_block),
	    "DELETE FROM blocks WHERE id BETWEEN ?1 AND ?2" },
	{ offsetof(struct sealing, insert),
	    "INSERT INTO blocks (id, first, last, count, data)"
	    " VALUES (?1, ?2, ?3, ?4, ?5)" },
	{ offsetof(struct sealing, fresh),
	    "SELECT EXISTS (SELECT 1 FROM readings WHERE time >= ?1"
	    " AND time < ?2 AND battery_id = ?3)" },
	{ offsetof(struct sealing, battery),
	    "SELECT id FROM batteries WHERE id > ?1 ORDER BY id LIMIT 1" },
};

#define STATEMENTS (sizeof(statements) / sizeof(*statements))

static void
close_sealing(struct sealing *s)
{
	sql_free_all(s, statements, STATEMENTS);
	free(s->row);
	free(s->start);
	buf_free(&s->bytes);
	buf_free(&s->block);
	block_maker_close(s->maker);
	block_close(s->open);
}

static int
open_sealing(struct sealing *s, struct sql *sql, struct failure *why)
{
	s->sql = sql;
	if (sql_prepare_all(sql, s, statements, STATEMENTS, why) == -1)
		return -1;
	s->maker = block_maker_open(why);
	return s->maker == NULL ? -1 : 0;
}

static void
forget_rows(struct sealing *s)
{
	s->count = 0;
	s->last_ms = 0;
	buf_clear(&s->bytes);
}

static void
keep_row(struct sealing *s, const struct readings_row *row)
{
	if (s->count == s->room) {
		s->room = s->room == 0 ? 512 : s->room * 2;
		s->row = mem_grow(s->row, s->room, sizeof(*s->row));
		s->start = mem_grow(s->start, s->room, sizeof(*s->start));
	}
	if (row->time_ms > s->last_ms)
		s->last_ms = row->time_ms;
	s->row[s->count] = *row;
	s->start[s->count++] = s->bytes.size;
}

static int
insert_block(struct sealing *s, const struct readings_row *rows, size_t count,
    struct failure *why)
{
	const struct readings_row *last = &rows[count - 1];

	buf_clear(&s->block);
	if (block_make(s->maker, rows, count, &s->block, why) == -1)
		return -1;
	sql_bind_integer(
	    s->insert, 1, block_key(rows->battery_id, rows->time_ms));
	sql_bind_integer(s->insert, 2, rows->time_ms);
	sql_bind_integer(s->insert, 3, last->time_ms);
	sql_bind_integer(s->insert, 4, (int64_t)count);
	sql_bind_blob(s->insert, 5, s->block.data, s->block.size);
	s->counts->blocks++;
	s->counts->rows += count;
	s->counts->bytes += s->block.size;
	return sql_done(s->insert, why);
}

/* The blocks that stand in a stretch of keys become rows in hand. */
static int
take_blocks(struct sealing *s, int64_t battery_id, int64_t from_key,
    int64_t to_key, struct failure *why)
{
	int got;

	sql_bind_integer(s->blocks, 1, from_key);
	sql_bind_integer(s->blocks, 2, to_key);
	while ((got = sql_step(s->blocks, why)) == 1) {
		size_t size;
		const void *data = sql_blob(s->blocks, 2, &size);
		struct block *block = block_open_in(s->open, data, size, why);

		s->open = block;
		if (block == NULL)
			break;
		for (size_t i = 0; i < block_count(block); i++) {
			struct readings_row row;

			block_row(block, i, &row);
			row.battery_id = battery_id;
			keep_row(s, &row);
			block_packed(block, i, &s->bytes);
			s->row[s->count - 1].size =
			    s->bytes.size - s->start[s->count - 1];
		}
	}
	sql_reset(s->blocks);
	if (got != 0)
		return -1;
	sql_bind_integer(s->remove_block, 1, from_key);
	sql_bind_integer(s->remove_block, 2, to_key);
	return sql_done(s->remove_block, why);
}

/* The rows in hand, all of one battery, as blocks. */
static int
put_blocks(struct sealing *s, struct failure *why)
{
	for (size_t i = 0; i < s->count; i++)
		s->row[i].packed = s->bytes.data + s->start[i];
	qsort(s->row, s->count, sizeof(*s->row), seal_by_key);
	for (size_t at = 0; at < s->count;) {
		size_t part = seal_next_part(s->row + at, s->count - at);

		if (insert_block(s, s->row + at, part, why) == -1)
			return -1;
		at += part;
	}
	forget_rows(s);
	return 0;
}

/* The rows of one battery and hour, and what blocks begin among them: among
 * those of such blocks as well, as they may be divided anew. */
static int
seal_rows(struct sealing *s, struct failure *why)
{
	int64_t battery_id, key, last_key;

	if (s->count == 0)
		return 0;
	battery_id = s->row[0].battery_id;
	key = block_key(battery_id, s->row[0].time_ms);
	while (key <= (last_key = block_key(battery_id, s->last_ms))) {
		if (take_blocks(s, battery_id, key, last_key, why) == -1)
			return -1;
		key = last_key + 1;
	}
	return put_blocks(s, why);
}

static int
seal_span(
    struct sealing *s, int64_t from_ms, int64_t to_ms, struct failure *why)
{
	int got;

	sql_bind_integer(s->rows, 1, from_ms);
	sql_bind_integer(s->rows, 2, to_ms);
	while ((got = sql_step(s->rows, why)) == 1) {
		struct readings_row row = {
			.time_ms = sql_integer(s->rows, 0),
			.kind = (enum reading_kind)sql_integer(s->rows, 1),
			.gen = sql_integer(s->rows, 2),
			.quality = sql_integer(s->rows, 3),
			.made = sql_integer(s->rows, 5) != 0,
			.device_id = sql_integer(s->rows, 6),
			.battery_id = sql_integer(s->rows, 7),
		};
		const void *data;

		if (s->count > 0 && s->row[0].battery_id != row.battery_id &&
		    (got = seal_rows(s, why)) == -1)
			break;
		data = sql_blob(s->rows, 4, &row.size);
		keep_row(s, &row);
		buf_put(&s->bytes, data, row.size);
	}
	sql_reset(s->rows);
	if (got == -1 || seal_rows(s, why) == -1)
		return -1;
	sql_bind_integer(s->remove_rows, 1, from_ms);
	sql_bind_integer(s->remove_rows, 2, to_ms);
	return sql_done(s->remove_rows, why);
}

/* An hour with very many rows in parts of some minutes each: they are sorted
 * in memory. When its day is over they are packed together. */
static int
seal_hour(struct sealing *s, int64_t hour_ms, struct failure *why)
{
	int64_t parts, step_ms, end_ms = hour_ms + HOUR_MS;

	sql_bind_integer(s->number, 1, hour_ms);
	sql_bind_integer(s->number, 2, end_ms);
	if (sql_step(s->number, why) == -1)
		return -1;
	parts = sql_integer(s->number, 0) / SORT_ROWS + 1;
	sql_reset(s->number);
	step_ms = (parts < 60 ? 60 / parts : 1) * MINUTE_MS;
	for (int64_t at = hour_ms; at < end_ms; at += step_ms) {
		int64_t to = at + step_ms < end_ms ? at + step_ms : end_ms;

		if (seal_span(s, at, to, why) == -1)
			return -1;
	}
	return 0;
}

/* Would packing the blocks of a day anew halve their number? */
static int
worth_packing(struct sealing *s, int64_t day_ms, struct failure *why)
{
	int64_t from_key = block_key(s->battery_id, day_ms);
	int64_t blocks = 0, rows = 0;
	int got;

	sql_bind_integer(s->blocks, 1, from_key);
	sql_bind_integer(s->blocks, 2, from_key + DAY_MINUTES - 1);
	while ((got = sql_step(s->blocks, why)) == 1) {
		blocks++;
		rows += sql_integer(s->blocks, 1);
	}
	sql_reset(s->blocks);
	if (got == -1)
		return -1;
	return blocks >= 2 * ((rows + BLOCK_ROWS - 1) / BLOCK_ROWS) &&
	    blocks > 1;
}

/* Where rows of the day came since its hours were sealed, or were lifted, the
 * blocks between which they lie must stay apart: the next run seals them and
 * packs the day. */
static int
pack_day(struct sealing *s, int64_t day_ms, struct failure *why)
{
	int64_t from_key = block_key(s->battery_id, day_ms), fresh;

	sql_bind_integer(s->fresh, 1, day_ms);
	sql_bind_integer(s->fresh, 2, day_ms + DAY_MS);
	sql_bind_integer(s->fresh, 3, s->battery_id);
	fresh = sql_answer(s->fresh, why);
	if (fresh != 0)
		return fresh == -1 ? -1 : 0;
	if (take_blocks(s, s->battery_id, from_key, from_key + DAY_MINUTES - 1,
		why) == -1)
		return -1;
	return put_blocks(s, why);
}

/* One step in a transaction of its own. */
static int
commit(struct sealing *s,
    int (*step)(struct sealing *, int64_t, struct failure *), int64_t time_ms,
    struct failure *why)
{
	forget_rows(s);
	if (sql_begin(s->sql, why) == -1)
		return -1;
	if (step(s, time_ms, why) == 0 && sql_commit(s->sql, false, why) == 0)
		return 0;
	sql_rollback(s->sql);
	return -1;
}

/* Each battery in a transaction of its own, where there is something to do:
 * others may write in between. */
static int
pack_batteries(struct sealing *s, int64_t day_ms, struct failure *why)
{
	int got, worth;

	s->battery_id = 0;
	for (;;) {
		sql_bind_integer(s->battery, 1, s->battery_id);
		got = sql_step(s->battery, why);
		if (got == 1)
			s->battery_id = sql_integer(s->battery, 0);
		sql_reset(s->battery);
		if (got != 1)
			return got;
		worth = worth_packing(s, day_ms, why);
		if (worth == -1 ||
		    (worth == 1 && commit(s, pack_day, day_ms, why) == -1))
			return -1;
	}
}

/* The oldest hour that has fresh rows and is over; -1 none, -2 a failure. */
static int64_t
oldest_hour(struct sealing *s, int64_t before_ms, struct failure *why)
{
	int64_t time_ms = -1;
	int got;

	sql_bind_integer(s->oldest, 1, before_ms);
	got = sql_step(s->oldest, why);
	if (got == 1)
		time_ms = sql_integer(s->oldest, 0);
	sql_reset(s->oldest);
	return got == -1 ? -2 : time_ms < 0 ? -1 : time_ms - time_ms % HOUR_MS;
}

static int
seal_all(struct sealing *s, int64_t before_ms, bool (*stop)(void),
    struct failure *why)
{
	int64_t day_ms = before_ms - before_ms % DAY_MS, hour_ms;
	/* the day before is packed whoever sealed its hours */
	int64_t packing_ms = day_ms - DAY_MS;

	while ((hour_ms = oldest_hour(s, before_ms, why)) >= 0) {
		int64_t of_ms = hour_ms - hour_ms % DAY_MS;

		if (stop != NULL && stop())
			return 0;
		if (of_ms > packing_ms && packing_ms >= 0 &&
		    pack_batteries(s, packing_ms, why) == -1)
			return -1;
		packing_ms = of_ms;
		if (commit(s, seal_hour, hour_ms, why) == -1)
			return -1;
	}
	if (hour_ms == -2)
		return -1;
	if (packing_ms >= 0 && packing_ms < day_ms)
		return pack_batteries(s, packing_ms, why);
	return 0;
}

int
seal_due(struct sql *sql, int64_t now_ms, int64_t grace_ms, bool (*stop)(void),
    struct seal_counts *counts, struct failure *why)
{
	struct sealing s = { .counts = counts };
	int64_t before_ms = now_ms - grace_ms;
	int result = open_sealing(&s, sql, why);

	before_ms -= before_ms % HOUR_MS;
	if (result == 0)
		result = seal_all(&s, before_ms, stop, why);
	close_sealing(&s);
	return result;
}
