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
 */
#ifndef STORE_BUCKET_H
#define STORE_BUCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/reading.h"

#define BUCKET_LINES 24 /* measurements that can be summed up */
#define BUCKET_MODES 5
#define BUCKET_SOURCES 5

/* One measurement; values scaled by its decimals. */
struct bucket_line {
	double area; /* value times ms */
	int64_t covered_ms;
	int64_t least, most, first, last;
	/* when first, in ms from the start: an hour has less than 2^32 */
	uint32_t least_at, most_at;
	bool seen; /* a reading within the bucket had it */
};

/* Sums of one stretch of time. Zero-initialise, then set start and end. */
struct bucket {
	int64_t start_ms, end_ms;
	struct bucket_line line[BUCKET_LINES];
	double charged, discharged; /* pack_power times ms */
	double charge, discharge; /* pack_current times ms */
	double source[BUCKET_SOURCES]; /* power_w times ms, by source_type */
	bool has_power, has_source[BUCKET_SOURCES];
	int64_t mode_ms[BUCKET_MODES];
	int64_t covered_ms[2]; /* by battery and energy readings */
	int64_t points;
	int64_t quality_sum, quality_count; /* 4 excellent to 0 invalid */
	int64_t errors;
	int64_t full_capacity; /* scaled; 0 not told */
};

/* Which measurement has which line. */
struct bucket_plan {
	uint64_t mask; /* bit per measurement id */
	uint8_t line[MEASUREMENT_COUNT];
	size_t count;
};
void bucket_plan_fill(struct bucket_plan *plan);

/* What is carried from one reading of a battery to its next. */
struct bucket_point {
	int64_t time_ms, value;
};
struct bucket_track {
	struct bucket_point line[BUCKET_LINES];
	struct bucket_point source[BUCKET_SOURCES];
	struct bucket_point mode;
	struct bucket_point kind[2];
	size_t at; /* buckets before this one are complete */
};
void bucket_track_start(struct bucket_track *track);

/*
 * Add the next reading of a battery to its buckets, which are in order of
 * time and do not overlap.
 */
void bucket_add(const struct bucket_plan *plan, struct bucket_track *track,
    struct bucket *buckets, size_t count, int64_t gap_ms,
    const struct reading *reading);
/* Nothing fell into it? */
bool bucket_empty(const struct bucket *bucket);

#endif
