/* Private to bucket: what readings one by one and rows of a block share. */
#ifndef STORE_BUCKET_PARTS_H
#define STORE_BUCKET_PARTS_H

#include "store/bucket.h"

/* A straight line over a stretch of time. */
struct stretch {
	int64_t from_ms, to_ms;
	double from, to;
};

/* The buckets that a reading can reach. */
struct reach {
	struct bucket *first, *here; /* here: that it lies in, or NULL */
	size_t count;
	int64_t gap_ms;
};

#define BUCKET_NEVER (INT64_MIN / 2)

static inline double
area(const struct stretch *part)
{
	return (part->from + part->to) / 2 *
	    (double)(part->to_ms - part->from_ms);
}

static inline bool
is_whole(const struct stretch *whole, const struct stretch *part)
{
	return whole->from_ms == part->from_ms && whole->to_ms == part->to_ms;
}

/* Twice the area of a whole stretch, whose ends are whole numbers. */
static inline int64_t
area2(const struct stretch *whole)
{
	return ((int64_t)whole->from + (int64_t)whole->to) *
	    (whole->to_ms - whole->from_ms);
}

/* The part of a stretch that lies in a bucket; false if none does. */
bool bucket_cut(const struct stretch *whole, const struct bucket *bucket,
    struct stretch *part);
/*
 * The stretch from the point before to this one; the point moves on. False
 * where there is none: the first point, or a gap.
 */
bool bucket_extend(struct bucket_point *point, int64_t time_ms, int64_t value,
    int64_t gap_ms, struct stretch *stretch);

void bucket_add_lists(struct bucket_track *track, const struct reach *reach,
    const struct reading *reading);
void bucket_add_counters(struct bucket_track *track, struct bucket *here,
    const struct reading *reading);

/* Measurement ids by enum bucket_lists. */
extern const uint8_t bucket_list_ids[BUCKET_LISTS];

/* A counter, and the flow that it counts (or -1) with its sign. */
struct bucket_meter {
	int id, flow, sign;
};
extern const struct bucket_meter bucket_meters[BUCKET_ENERGY];

/* A whole stretch that changes its sign, into a flow. */
void bucket_cross(
    struct bucket_flow *flow, int64_t length_ms, int64_t from, int64_t to);
/* A reading of a counter in a bucket. */
void bucket_count(struct bucket_track *track, struct bucket *here, size_t n,
    int64_t time_ms, int64_t value);

#endif
