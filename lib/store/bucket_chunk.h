/* Private to bucket: some rows of a block, all in one bucket. */
#ifndef STORE_BUCKET_CHUNK_H
#define STORE_BUCKET_CHUNK_H

#include "store/block_parts.h"
#include "store/bucket_parts.h"

#define CHUNK_ROWS 256 /* rows at a time */
#define CHUNK_MADE 12 /* columns that derive from others */

/* The next rows, all in one bucket, and the row before them as well. */
struct chunk {
	const struct bucket_plan *plan;
	struct bucket_track *track;
	struct bucket *here;
	const struct block *block;
	size_t from, count;
	uint64_t keep;
	int64_t before_ms; /* when the row before was */
	int64_t
	    length[CHUNK_ROWS]; /* ms since the row before it, 0 for a gap */
	int64_t covered_ms;
	const int64_t *value[MEASUREMENT_COUNT]; /* of the rows, or NULL */
	int64_t made[CHUNK_MADE][CHUNK_ROWS];
	size_t made_count;
};

static inline bool
chunk_keeps(const struct chunk *chunk, int id)
{
	return (chunk->keep >> id & 1) != 0;
}

/*
 * Fill it from plan, track, here, block, from, count and before_ms. Can the
 * rows be added together, going on from the row before? Nothing is changed
 * before that is known.
 */
bool chunk_prepare(struct chunk *chunk);

#endif
