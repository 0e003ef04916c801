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
#define SUSPECTS_MS (INT64_C(24) * 3600 * 1000)

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
lay_over_row(struct readings_walk *walk, const struct stored_row *row,
    struct reading *reading, struct failure *why)
{
	int64_t time_ms = row->row.time_ms;

	if (time_ms < walk->suspects_from_ms ||
	    time_ms >= walk->suspects_to_ms) {
		walk->suspects_from_ms = time_ms;
		walk->suspects_to_ms = time_ms + SUSPECTS_MS;
		if (suspects_load(&walk->suspects, walk->sql, walk->battery_id,
			time_ms, walk->suspects_to_ms, why) == -1)
			return -1;
	}
	suspects_apply(
	    &walk->suspects, row->row.battery_id, &walk->arena, reading);
	return 0;
}

int
readings_walk_next(struct readings_walk *walk, int64_t *battery_id,
    struct reading *reading, struct failure *why)
{
	bool bare = walk->want != NULL;
	struct stored_row row;
	int got;

	do {
		got = stored_next(walk->stored, &row, why);
		if (got != 1)
			return got;
	} while (bare &&
	    !walk->want(walk->context, row.row.battery_id, row.row.time_ms));
	arena_reset(&walk->arena);
	*battery_id = row.row.battery_id;
	if (corrections_reading(&walk->corrections, walk->sql, walk->battery_id,
		&row, bare, &walk->arena, reading, why) == -1 ||
	    (!bare && lay_over_row(walk, &row, reading, why) == -1))
		return -1;
	return 1;
}
