/*
 * Reading readings, in batches: each batch is one short statement that goes
 * on behind the last key, so that no walk keeps the log of the database
 * from being cleared.
 */
#include <stdlib.h>
#include <string.h>

#include "store/pack.h"
#include "store/readings.h"
#include "store/suspects.h"

#define BATCH_ROWS 1000

struct row {
	int64_t time_ms, battery_id, kind, gen, quality;
	size_t start, size; /* of its bytes in `bytes` */
};

struct readings_walk {
	struct sql *sql;
	struct sql_query *query;
	struct suspects suspects; /* of the rows in hand */
	bool (*want)(void *, int64_t, int64_t); /* bare: NULL is not */
	void *context;
	int64_t battery_id, to_ms;
	int64_t time_ms, last_battery, last_kind; /* the last key read */
	struct row *rows;
	size_t count, next;
	struct buf bytes;
	struct arena arena;
	bool ended;
};

static const char select_all[] =
    "SELECT time, battery_id, kind, gen, quality, packed FROM readings"
    " WHERE (time, battery_id, kind) > (?1, ?2, ?3) AND time < ?4"
    " ORDER BY time, battery_id, kind LIMIT ?5";
static const char select_one[] =
    "SELECT time, battery_id, kind, gen, quality, packed FROM readings"
    " WHERE (time, battery_id, kind) > (?1, ?2, ?3) AND time < ?4"
    " AND battery_id = ?6 ORDER BY time, kind LIMIT ?5";

struct readings_walk *
readings_walk_open(struct tenant *tenant, int64_t battery_id, int64_t from_ms,
    int64_t to_ms, struct failure *why)
{
	struct readings_walk *walk = mem_zero(1, sizeof(*walk));

	walk->query = sql_prepare(
	    tenant_sql(tenant), battery_id == 0 ? select_all : select_one, why);
	if (walk->query == NULL) {
		free(walk);
		return NULL;
	}
	walk->sql = tenant_sql(tenant);
	walk->battery_id = battery_id;
	walk->time_ms = from_ms;
	walk->last_battery = INT64_MIN;
	walk->to_ms = to_ms;
	walk->rows = mem_alloc(BATCH_ROWS * sizeof(*walk->rows));
	return walk;
}

void
readings_walk_bare(struct readings_walk *walk,
    bool (*want)(void *context, int64_t battery_id, int64_t time_ms),
    void *context)
{
	walk->want = want;
	walk->context = context;
}

void
readings_walk_close(struct readings_walk *walk)
{
	if (walk == NULL)
		return;
	sql_query_free(walk->query);
	suspects_free(&walk->suspects);
	buf_free(&walk->bytes);
	arena_free(&walk->arena);
	free(walk->rows);
	free(walk);
}

static void
keep_row(struct readings_walk *walk)
{
	struct row *row = &walk->rows[walk->count++];
	const void *data;

	row->time_ms = sql_integer(walk->query, 0);
	row->battery_id = sql_integer(walk->query, 1);
	row->kind = sql_integer(walk->query, 2);
	row->gen = sql_integer(walk->query, 3);
	row->quality = sql_integer(walk->query, 4);
	data = sql_blob(walk->query, 5, &row->size);
	row->start = walk->bytes.size;
	buf_put(&walk->bytes, data, row->size);
}

static int
read_batch(struct readings_walk *walk, struct failure *why)
{
	int got;

	walk->count = walk->next = 0;
	buf_clear(&walk->bytes);
	sql_bind_integer(walk->query, 1, walk->time_ms);
	sql_bind_integer(walk->query, 2, walk->last_battery);
	sql_bind_integer(walk->query, 3, walk->last_kind);
	sql_bind_integer(walk->query, 4, walk->to_ms);
	sql_bind_integer(walk->query, 5, BATCH_ROWS);
	if (walk->battery_id != 0)
		sql_bind_integer(walk->query, 6, walk->battery_id);
	while ((got = sql_step(walk->query, why)) == 1)
		keep_row(walk);
	sql_reset(walk->query);
	walk->ended = walk->count < BATCH_ROWS;
	if (walk->count > 0) {
		const struct row *last = &walk->rows[walk->count - 1];

		walk->time_ms = last->time_ms;
		walk->last_battery = last->battery_id;
		walk->last_kind = last->kind;
	}
	if (got == 0 && walk->count > 0 && walk->want == NULL)
		got =
		    suspects_load(&walk->suspects, walk->sql, walk->battery_id,
			walk->rows[0].time_ms, walk->time_ms + 1, why);
	return got;
}

static void
begin_reading(
    struct reading *reading, int64_t time_ms, int64_t kind, int64_t gen)
{
	reading_clear(reading);
	reading->kind =
	    kind == READING_ENERGY ? READING_ENERGY : READING_BATTERY;
	reading->time_ms = time_ms;
	reading->gen = gen;
}

/* The next row that is wanted; NULL with *got: 0 the end, -1 a failure. */
static const struct row *
next_row(struct readings_walk *walk, int *got, struct failure *why)
{
	const struct row *row;

	*got = 0;
	do {
		if (walk->next == walk->count) {
			if (walk->ended)
				return NULL;
			*got = read_batch(walk, why);
			if (*got == -1 || walk->count == 0)
				return NULL;
		}
		row = &walk->rows[walk->next++];
	} while (walk->want != NULL &&
	    !walk->want(walk->context, row->battery_id, row->time_ms));
	return row;
}

int
readings_walk_next(struct readings_walk *walk, int64_t *battery_id,
    struct reading *reading, struct failure *why)
{
	int got;
	const struct row *row = next_row(walk, &got, why);
	const char *data;

	if (row == NULL)
		return got;
	arena_reset(&walk->arena);
	begin_reading(reading, row->time_ms, row->kind, row->gen);
	*battery_id = row->battery_id;
	data = walk->bytes.data + row->start;
	if (walk->want != NULL)
		return pack_read_bare(data, row->size, row->quality,
			   &walk->arena, reading, why) == -1
		    ? -1
		    : 1;
	if (pack_read(data, row->size, row->quality, &walk->arena, reading,
		why) == -1)
		return -1;
	suspects_apply(&walk->suspects, row->battery_id, &walk->arena, reading);
	return 1;
}

/*
 * The key begins with the time, so a battery's newest row is looked for
 * hour by hour, from the newest that `touched` knows of.
 */
static const char select_latest[] =
    "SELECT r.time, r.kind, r.gen, r.quality, r.packed"
    " FROM touched t JOIN readings r ON r.time >= t.hour"
    " AND r.time < t.hour + 3600000 AND r.battery_id = t.battery_id"
    " WHERE t.battery_id = ?1 AND t.hour < ?2 AND r.time < ?2"
    " ORDER BY t.hour DESC, r.time DESC LIMIT 1";

static int
lay_over(struct tenant *tenant, int64_t battery_id, struct arena *arena,
    struct reading *reading, struct failure *why)
{
	struct suspects suspects = { NULL, 0, 0 };
	int result = suspects_load(&suspects, tenant_sql(tenant), battery_id,
	    reading->time_ms, reading->time_ms + 1, why);

	if (result == 0)
		suspects_apply(&suspects, battery_id, arena, reading);
	suspects_free(&suspects);
	return result;
}

static int
latest_row(struct sql_query *query, struct arena *arena,
    struct reading *reading, struct failure *why)
{
	size_t size;
	const void *data;
	int got = sql_step(query, why);

	if (got != 1)
		return got;
	begin_reading(reading, sql_integer(query, 0), sql_integer(query, 1),
	    sql_integer(query, 2));
	data = sql_blob(query, 4, &size);
	return pack_read(
		   data, size, sql_integer(query, 3), arena, reading, why) == -1
	    ? -1
	    : 1;
}

int
readings_latest_before(struct tenant *tenant, int64_t battery_id,
    int64_t before_ms, struct arena *arena, struct reading *reading,
    struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(tenant_sql(tenant), select_latest, why);
	int got;

	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, battery_id);
	sql_bind_integer(query, 2, before_ms);
	got = latest_row(query, arena, reading, why);
	sql_query_free(query);
	if (got == 1 && lay_over(tenant, battery_id, arena, reading, why) == -1)
		return -1;
	return got;
}

int
readings_latest(struct tenant *tenant, int64_t battery_id, struct arena *arena,
    struct reading *reading, struct failure *why)
{
	return readings_latest_before(
	    tenant, battery_id, INT64_MAX, arena, reading, why);
}
