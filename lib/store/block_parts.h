/* What the sides of a block know. */
#ifndef STORE_BLOCK_PARTS_H
#define STORE_BLOCK_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/block.h"

#define BLOCK_EDITION 1

/* One measurement of all rows; rows without it have no meaning here. */
struct column {
	int64_t *number; /* or the place of a text */
	const int32_t **item; /* lists */
	uint32_t *length;
	const char **text; /* the different ones */
	uint32_t *size;
};

struct block {
	size_t count;
	int64_t *time_ms;
	uint64_t *kind, *gen, *quality, *made, *device_id;
	uint64_t *keep;
	struct column column[MEASUREMENT_COUNT];
	bool derived; /* what derives from others is there as well */
	struct arena arena;
};

#endif
