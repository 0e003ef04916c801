/*
 * Reading readings: one battery after the other, each in order of time,
 * whichever way its rows are stored, with what is laid over them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/corrections.h"
#include "store/readings.h"
#include "store/stored.h"
#include "store/suspects.h"

/* Suspects are loaded for so long at a time. */
#define SUSPECTS_MS DAY_MS

struct readings_walk {
	struct sql *sql;
	struct stored *stored;
	struct corrections corrections;
	struct suspects suspects;
	int64_t battery_id; /* 0: all */
	int64_t suspects_from_ms, suspects_to_ms; /* those that are known */
	bool (*want)(void *, int64_t, int64_t); /* bare: NULL is not */
	void *context;
	struct arena arena;
};

struct readings_walk *
readings_walk_open(struct tenant *tenant, int64_t battery_id, int64_t from_ms,
    int64_t to_ms, struct failure *why)
{
	struct readings_walk *walk = mem_zero(1, sizeof(*walk));

	walk->sql = tenant_sql(tenant);
	walk->battery_id = battery_id;
	walk->stored =
	    stored_open(walk->sql, battery_id, from_ms, to_ms, false, why);
	if (walk->stored != NULL)
		return walk;
	readings_walk_close(walk);
	return NULL;
}

void
readings_walk_bare(struct readings_walk *walk,
    bool (*want)(void *context, int64_t battery_id, int64_t time_ms),
    void *context)
{
	walk->want = want;
	walk->context = context;
}

int
readings_walk_lean(struct readings_walk *walk, struct failure *why)
{
	return stored_lean(walk->stored, why);
}

void
readings_walk_close(struct readings_walk *walk)
{
	if (walk == NULL)
		return;
	stored_close(walk->stored);
	corrections_free(&walk->corrections);
	suspects_free(&walk->suspects);
	arena_free(&walk->arena);
	free(walk);
}

static int
load_suspects(struct readings_walk *walk, int64_t time_ms, struct failure *why)
{
	if (time_ms >= walk->suspects_from_ms && time_ms < walk->suspects_to_ms)
		return 0;
	walk->suspects_from_ms = time_ms;
	walk->suspects_to_ms = time_ms + SUSPECTS_MS;
	return suspects_load(&walk->suspects, walk->sql, walk->battery_id,
	    time_ms, walk->suspects_to_ms, why);
}

/* The next row, of those that are wanted. */
static int
next_row(
    struct readings_walk *walk, struct stored_row *row, struct failure *why)
{
	int got;

	do
		got = stored_next(walk->stored, row, why);
	while (got == 1 && walk->want != NULL &&
	    !walk->want(walk->context, row->row.battery_id, row->row.time_ms));
	return got;
}

static int
read_row(struct readings_walk *walk, const struct stored_row *row,
    int64_t *battery_id, struct reading *reading, struct failure *why)
{
	bool bare = walk->want != NULL;

	arena_reset(&walk->arena);
	*battery_id = row->row.battery_id;
	if (corrections_reading(&walk->corrections, walk->sql, walk->battery_id,
		row, bare, &walk->arena, reading, why) == -1 ||
	    (!bare && load_suspects(walk, row->row.time_ms, why) == -1))
		return -1;
	if (!bare)
		suspects_apply(&walk->suspects, row->row.battery_id,
		    &walk->arena, reading);
	return 1;
}

int
readings_walk_next(struct readings_walk *walk, int64_t *battery_id,
    struct reading *reading, struct failure *why)
{
	struct stored_row row;
	int got = next_row(walk, &row, why);

	return got == 1 ? read_row(walk, &row, battery_id, reading, why) : got;
}

/* Until when nothing is laid over the rows from this one on. */
static int
quiet(struct readings_walk *walk, const struct readings_row *row,
    int64_t *until_ms, struct failure *why)
{
	int64_t doubted_ms = INT64_MAX;

	if (corrections_quiet(&walk->corrections, walk->sql, walk->battery_id,
		row, until_ms, why) == -1)
		return -1;
	if (walk->want == NULL) {
		if (load_suspects(walk, row->time_ms, why) == -1)
			return -1;
		doubted_ms = suspects_quiet(
		    &walk->suspects, row->battery_id, row->time_ms);
		if (walk->suspects_to_ms < *until_ms)
			*until_ms = walk->suspects_to_ms;
	}
	if (doubted_ms < *until_ms)
		*until_ms = doubted_ms;
	return 0;
}

int
readings_walk_run(struct readings_walk *walk, int64_t *battery_id,
    struct reading *reading, struct readings_run *run, struct failure *why)
{
	struct stored_row row;
	int64_t until_ms;
	size_t count = 0;
	int got = next_row(walk, &row, why);

	if (got != 1)
		return got;
	if (row.block != NULL) {
		if (quiet(walk, &row.row, &until_ms, why) == -1)
			return -1;
		count = block_alike(row.block, row.at,
		    row.at + stored_behind(walk->stored, &row), until_ms);
	}
	if (count < 2)
		return read_row(walk, &row, battery_id, reading, why);
	stored_skip(walk->stored, &row, count);
	*battery_id = row.row.battery_id;
	*run = (struct readings_run){ row.block, row.at, row.at + count };
	return 2;
}
