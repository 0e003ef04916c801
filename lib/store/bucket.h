/*
 * Summing up readings of one battery, in order of time, into buckets: the
 * arithmetic of rollup(1), without a database.
 *
 * Between two readings that are not further apart than the gap limit a
 * value runs in a straight line; the mode is the earlier one's. Averages are
 * the area under that line over the time that it covers, energies likewise,
 * split where the power changes its sign. A stretch that crosses the edge
 * of a bucket is cut there. Longer stretches are gaps and count for nothing.
 * Readings of quality poor or invalid count only as points, for the quality
 * and the errors; of one that has suspect measurements all others count.
 * What counters counted falls to the bucket of the later reading, over gaps
 * as well.
 *
 * Sums of whole stretches are integers, so that it does not matter in which
 * portions readings come.
 */
#ifndef STORE_BUCKET_H
#define STORE_BUCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "record/reading.h"
#include "store/block.h"
#include "store/counter.h"

#define BUCKET_LINES 24 /* measurements that can be summed up */
#define BUCKET_MODES 5
#define BUCKET_SOURCES 5

/* One measurement; values scaled by its decimals. */
struct bucket_line {
	int64_t area2; /* of whole stretches: twice value times ms */
	double edges; /* of stretches that were cut: value times ms */
	int64_t covered_ms;
	int64_t least, most, first, last;
	/* when first, in ms from the start: an hour has less than 2^32 */
	uint32_t least_at, most_at;
	bool seen; /* a reading within the bucket had it */
};
static inline double
bucket_area(const struct bucket_line *line)
{
	return (double)line->area2 / 2 + line->edges;
}

/* Above zero and below, each positive; as the area of a line. */
struct bucket_flow {
	int64_t in2, out2;
	double in, out; /* also of stretches that cross zero */
	bool any;
};
static inline double
bucket_in(const struct bucket_flow *flow)
{
	return (double)flow->in2 / 2 + flow->in;
}
static inline double
bucket_out(const struct bucket_flow *flow)
{
	return (double)flow->out2 / 2 + flow->out;
}

/* Items of a list: each cell's voltage, each sensor's temperature. */
enum bucket_lists { BUCKET_CELLS, BUCKET_TEMPS, BUCKET_LISTS };
struct bucket_item {
	double area2, edges; /* the first a whole number */
	int64_t covered_ms;
	int32_t least, most;
	bool seen;
};
struct bucket_list {
	struct bucket_item *item; /* the arena's */
	size_t count;
};

enum bucket_counters {
	BUCKET_CYCLES,
	BUCKET_CHARGE,
	BUCKET_DISCHARGE,
	BUCKET_ENERGY_IN,
	BUCKET_ENERGY_OUT,
	BUCKET_ENERGY, /* energy_wh_total, one for each source */
	BUCKET_COUNTERS = BUCKET_ENERGY + BUCKET_SOURCES
};

/* Sums of one stretch of time. Zero-initialise, then set start and end. */
struct bucket {
	int64_t start_ms, end_ms;
	struct bucket_line line[BUCKET_LINES];
	struct bucket_flow power, current, source[BUCKET_SOURCES];
	struct bucket_list list[BUCKET_LISTS];
	int64_t counted[BUCKET_COUNTERS];
	bool has_counter[BUCKET_COUNTERS];
	bool begun; /* a reading that counts came */
	/* counters as they stood after it, packed (counter_pack one behind
	 * the other); the arena's, NULL where it has none */
	const uint8_t *state;
	size_t state_size;
	int64_t resets, wraps, doubts;
	int64_t mode_ms[BUCKET_MODES];
	int64_t covered_ms; /* by readings of whatever kind */
	int64_t points;
	int64_t quality_sum, quality_count; /* 4 excellent to 0 invalid */
	int64_t errors;
	int64_t full_capacity; /* scaled; 0 not told */
};

/* Which measurement has which line. */
struct bucket_plan {
	uint64_t mask; /* bit per measurement id */
	uint64_t all; /* those and what else buckets look at */
	uint8_t line[MEASUREMENT_COUNT];
	size_t count;
};
void bucket_plan_fill(struct bucket_plan *plan);

/* What is carried from one reading of a battery to its next. */
struct bucket_point {
	int64_t time_ms, value;
};
struct bucket_points {
	struct bucket_point *item; /* the arena's */
	size_t count;
};
struct bucket_track {
	struct bucket_point line[BUCKET_LINES];
	struct bucket_point source[BUCKET_SOURCES];
	struct bucket_points list[BUCKET_LISTS];
	struct bucket_point mode;
	struct bucket_point any; /* reading */
	struct counter counter[BUCKET_COUNTERS];
	const struct counter_limits *limits; /* BUCKET_COUNTERS of them */
	struct arena *arena;
	int64_t gap_ms;
	size_t at; /* buckets before this one are complete */
	struct bucket *begun; /* the last that was begun, or NULL */
	/* Before the first reading of a bucket: puts the counters as they
	 * stood before it; or NULL. */
	void (*begin)(void *context, const struct bucket *bucket);
	void *context;
};
/* No reading yet; the caller sets limits, arena, gap and begin. */
void bucket_track_start(struct bucket_track *track);

/*
 * Add the next reading of a battery to its buckets, which are in order of
 * time and do not overlap.
 */
void bucket_add(const struct bucket_plan *plan, struct bucket_track *track,
    struct bucket *buckets, size_t count, const struct reading *reading);
/* Add the next rows of a block, which are alike: of one kind, with the same
 * measurements, none of them doubted or of quality poor or invalid. */
void bucket_add_run(const struct bucket_plan *plan, struct bucket_track *track,
    struct bucket *buckets, size_t count, const struct block *block,
    size_t from, size_t to);
/* No reading comes any more. */
void bucket_track_end(struct bucket_track *track);
/* Nothing fell into it? */
bool bucket_empty(const struct bucket *bucket);

#endif
