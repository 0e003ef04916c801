#include "store/stored.h"

#include <stdlib.h>

#include "base/clock.h"

#define BATCH_ROWS 1000
/* More than any kind. */
#define ANY_KIND 9

struct stored {
	struct sql *sql;
	struct sql_query *query;
	bool down;
	bool whole; /* all batteries at once: there are no blocks */
	int64_t *battery;
	size_t batteries, at; /* and which of them it is */
	int64_t from_ms, to_ms;
	int64_t time_ms, kind; /* the last key that was read, ... */
	int64_t last_battery; /* ... and of whom, where that is part of it */
	struct readings_row *rows; /* fresh ones; their bytes in `bytes` */
	size_t *start;
	size_t count, next;
	struct buf bytes;
	struct block *block; /* what comes behind them, or NULL */
	struct block *spare; /* memory for the next one, or NULL */
	size_t block_next;
	bool ended;
	bool lean; /* without gen, made and device */
};

/* What is read of fresh rows; each column of a million takes its time. */
#define LEAN "time, kind, quality, packed, battery_id"
#define ALL LEAN ", gen, made, device_id"

/*
 * The next fresh rows, up to the next block, and it: one statement, so that
 * no sealing comes between them. ?1 is the key of the battery's first
 * block, ?2 and ?3 the last key that was read, ?4 where to end. A block may
 * end in the minute in which another begins: the first to look at is the
 * last that begins in a minute before. That a block reaches beyond the last
 * key is a matter of kinds as well, as its rows may have been fresh.
 */
#define FRESH                                                                  \
	"SELECT * FROM (SELECT " ALL                                           \
	" FROM readings WHERE battery_id = ?1 >> 32"
#define BLOCK " UNION ALL SELECT 0, -1, 0, data, 0, 0, 0, 0 FROM block"
static const char up[] =
    "WITH block AS (SELECT first, data FROM blocks"
    " WHERE id >= ifnull((SELECT max(id) FROM blocks"
    " WHERE id BETWEEN ?1 AND ?1 + max(?2, 0) / 60000 - 1), ?1)"
    " AND id <= ?1 + ?4 / 60000 AND (last, 8) > (?2, ?3) AND first < ?4"
    " ORDER BY id LIMIT 1) " FRESH " AND (time, kind) > (?2, ?3) AND time < ?4"
    " AND time < ifnull((SELECT first FROM block), ?4)"
    " ORDER BY time, kind LIMIT ?5)" BLOCK;
static const char down[] =
    "WITH block AS (SELECT last, data FROM blocks"
    " WHERE id BETWEEN ?1 AND ?1 + ?2 / 60000"
    " AND (first, 0) < (?2, ?3) AND last >= ?4"
    " ORDER BY id DESC LIMIT 1) " FRESH
    " AND (time, kind) < (?2, ?3) AND time >= ?4"
    " AND time > ifnull((SELECT last FROM block), ?4 - 1)"
    " ORDER BY time DESC, kind DESC LIMIT ?5)" BLOCK;

/* Where there are no blocks, all rows by their key. */
#define WHOLE                                                                  \
	" FROM readings WHERE (time, battery_id, kind) > (?2, ?1, ?3)"         \
	" AND time < ?4 ORDER BY time, battery_id, kind LIMIT ?5"
static const char whole[] = "SELECT " ALL WHOLE;
static const char lean[] = "SELECT " LEAN WHOLE;

static int
list_batteries(struct stored *stored, struct sql *sql, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(sql, "SELECT id FROM batteries ORDER BY id", why);
	int got;

	if (query == NULL)
		return -1;
	while ((got = sql_step(query, why)) == 1) {
		stored->battery = mem_grow(stored->battery,
		    stored->batteries + 1, sizeof(*stored->battery));
		stored->battery[stored->batteries++] = sql_integer(query, 0);
	}
	sql_query_free(query);
	return got;
}

static void
put_aside(struct stored *stored)
{
	if (stored->block == NULL)
		return;
	block_close(stored->spare);
	stored->spare = stored->block;
	stored->block = NULL;
}

static void
begin_battery(struct stored *stored)
{
	put_aside(stored);
	stored->time_ms = stored->down ? stored->to_ms : stored->from_ms - 1;
	stored->kind = stored->down ? -1 : ANY_KIND;
	stored->count = stored->next = 0;
	stored->ended =
	    stored->from_ms >= stored->to_ms || stored->at >= stored->batteries;
}

static int
prepare_text(struct stored *stored, const char *text, struct failure *why)
{
	sql_query_free(stored->query);
	stored->query = sql_prepare(stored->sql, text, why);
	return stored->query == NULL ? -1 : 0;
}

/* Which statement, and the batteries to walk. */
static int
prepare(struct stored *stored, int64_t battery_id, struct failure *why)
{
	int blocks = 1;

	if (battery_id == 0 && !stored->down)
		blocks = stored_any_blocks(stored->sql, INT64_MIN, why);
	if (blocks == -1)
		return -1;
	stored->whole = blocks == 0;
	if (prepare_text(stored,
		stored->whole      ? (stored->lean ? lean : whole)
		    : stored->down ? down
				   : up,
		why) == -1)
		return -1;
	stored->batteries = 0;
	if (battery_id == 0 && !stored->whole)
		return list_batteries(stored, stored->sql, why);
	stored->battery =
	    mem_grow(stored->battery, 1, sizeof(*stored->battery));
	stored->battery[stored->batteries++] = battery_id;
	return 0;
}

struct stored *
stored_open(struct sql *sql, int64_t battery_id, int64_t from_ms, int64_t to_ms,
    bool newest_first, struct failure *why)
{
	struct stored *stored = mem_zero(1, sizeof(*stored));

	stored->sql = sql;
	stored->down = newest_first;
	stored->from_ms = from_ms < 0 ? 0 : from_ms;
	stored->to_ms = to_ms <= CLOCK_MAX_MS ? to_ms : CLOCK_MAX_MS + 1;
	stored->rows = mem_alloc(BATCH_ROWS * sizeof(*stored->rows));
	stored->start = mem_alloc(BATCH_ROWS * sizeof(*stored->start));
	if (prepare(stored, battery_id, why) == 0) {
		begin_battery(stored);
		return stored;
	}
	stored_close(stored);
	return NULL;
}

void
stored_close(struct stored *stored)
{
	if (stored == NULL)
		return;
	sql_query_free(stored->query);
	block_close(stored->block);
	block_close(stored->spare);
	buf_free(&stored->bytes);
	free(stored->rows);
	free(stored->start);
	free(stored->battery);
	free(stored);
}

/* What stands in the query's row: a fresh row, or the block behind them. */
static int
keep(struct stored *stored, struct failure *why)
{
	struct readings_row *row = &stored->rows[stored->count];
	size_t size;
	const void *data = sql_blob(stored->query, 3, &size);
	int64_t kind = sql_integer(stored->query, 1);

	if (kind < 0) {
		/* whether it is next is known when all rows have come */
		if (stored->count == BATCH_ROWS)
			return 0;
		stored->block = block_open_in(stored->spare, data, size, why);
		stored->spare = NULL;
		return stored->block == NULL ? -1 : 0;
	}
	*row =
	    (struct readings_row){ .battery_id = sql_integer(stored->query, 4),
		    .time_ms = sql_integer(stored->query, 0),
		    .kind = (enum reading_kind)kind,
		    .quality = sql_integer(stored->query, 2),
		    .size = size };
	if (!stored->lean) {
		row->gen = sql_integer(stored->query, 5);
		row->made = sql_integer(stored->query, 6) != 0;
		row->device_id = sql_integer(stored->query, 7);
	}
	stored->start[stored->count++] = stored->bytes.size;
	buf_put(&stored->bytes, data, size);
	return 0;
}

static int
read_batch(struct stored *stored, struct failure *why)
{
	struct sql_query *query = stored->query;
	int got, status = 0;

	stored->count = stored->next = 0;
	buf_clear(&stored->bytes);
	sql_bind_integer(query, 1,
	    stored->whole ? stored->last_battery
			  : block_key(stored->battery[stored->at], 0));
	sql_bind_integer(query, 2, stored->time_ms);
	sql_bind_integer(query, 3, stored->kind);
	sql_bind_integer(
	    query, 4, stored->down ? stored->from_ms : stored->to_ms);
	sql_bind_integer(query, 5, BATCH_ROWS);
	while ((got = sql_step(query, why)) == 1)
		if ((status = keep(stored, why)) != 0)
			break;
	sql_reset(query);
	if (got == -1 || status != 0)
		return -1;
	stored->ended = stored->count < BATCH_ROWS && stored->block == NULL;
	stored->block_next = 0;
	return 0;
}

/* As long as there are no blocks, the rows of all batteries. The first
 * sealing of a tenant's life may take some from under us: where none was
 * told yet, what came of it is walked as well. */
static int
read_whole(struct stored *stored, struct failure *why)
{
	int64_t from_ms = stored->time_ms;
	int taken = read_batch(stored, why);

	if (taken == 0)
		taken = stored_any_blocks(stored->sql, from_ms, why);
	if (taken != 1)
		return taken;
	if (from_ms >= stored->from_ms)
		return failure_set(
		    why, EXIT_AGAIN, "readings were sealed meanwhile");
	if (prepare(stored, 0, why) == -1)
		return -1;
	begin_battery(stored);
	return 0;
}

static void
note_key(struct stored *stored, const struct readings_row *row)
{
	stored->time_ms = row->time_ms;
	stored->kind = row->kind;
	stored->last_battery = row->battery_id;
}

/* Does a row of a block come behind the last one that was told? The block
 * may be of fresh rows that were told in part before they were sealed. */
static bool
is_next(const struct stored *stored, const struct readings_row *row)
{
	bool same = row->time_ms == stored->time_ms;

	if (stored->down)
		return row->time_ms >= stored->from_ms &&
		    (row->time_ms < stored->time_ms ||
			(same && row->kind < stored->kind));
	return row->time_ms < stored->to_ms &&
	    (row->time_ms > stored->time_ms ||
		(same && row->kind > stored->kind));
}

/* The next row of the block that is in the time that was asked for. */
static bool
next_of_block(struct stored *stored, struct stored_row *out)
{
	size_t count = block_count(stored->block);

	while (stored->block_next < count) {
		size_t at = stored->block_next++;

		if (stored->down)
			at = count - 1 - at;
		block_row(stored->block, at, &out->row);
		if (!is_next(stored, &out->row))
			continue;
		out->row.battery_id = stored->battery[stored->at];
		out->block = stored->block;
		out->at = at;
		return true;
	}
	return false;
}

/* Behind a block, or before it: the end of its time is the last key. */
static void
leave_block(struct stored *stored)
{
	struct readings_row last;

	block_row(stored->block,
	    stored->down ? 0 : block_count(stored->block) - 1, &last);
	note_key(stored, &last);
	stored->kind = stored->down ? -1 : ANY_KIND;
	put_aside(stored);
}

/* The next row of the battery in hand. */
static int
next_row(struct stored *stored, struct stored_row *out, struct failure *why)
{
	for (;;) {
		if (stored->next < stored->count) {
			size_t at = stored->next++;

			out->row = stored->rows[at];
			out->row.packed =
			    stored->bytes.data + stored->start[at];
			out->block = NULL;
			note_key(stored, &out->row);
			return 1;
		}
		if (stored->block != NULL) {
			if (next_of_block(stored, out))
				return 1;
			leave_block(stored);
		} else if (stored->ended) {
			return 0;
		}
		if ((stored->whole ? read_whole : read_batch)(stored, why) != 0)
			return -1;
	}
}

int
stored_next(struct stored *stored, struct stored_row *out, struct failure *why)
{
	int got;

	while ((got = next_row(stored, out, why)) == 0 &&
	    stored->at + 1 < stored->batteries) {
		stored->at++;
		begin_battery(stored);
	}
	return got;
}

int
stored_lean(struct stored *stored, struct failure *why)
{
	stored->lean = true;
	return stored->whole ? prepare_text(stored, lean, why) : 0;
}

size_t
stored_behind(const struct stored *stored, const struct stored_row *row)
{
	size_t low = row->at + 1, high = block_count(row->block);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (block_time(row->block, middle) < stored->to_ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low - row->at;
}

void
stored_skip(struct stored *stored, const struct stored_row *row, size_t count)
{
	stored->block_next = row->at + count;
}
