/*
 * Fresh readings that are alike, put together as the rows of a block, so
 * that they are summed up column by column as those of sealed blocks are.
 */
#ifndef STORE_ALIKE_H
#define STORE_ALIKE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "record/reading.h"
#include "store/block.h"

#define ALIKE_ROWS 32

/* Those of one battery; zero-initialise. The arena owns what it holds. */
struct alike {
	struct block *block; /* NULL before the first */
	size_t count; /* rows of it */
	size_t items[2]; /* of the lists in each row */
};

/*
 * Put a reading behind the others, with those of its measurements that are
 * in `mask`: numbers and lists. False where it is of another make than they
 * are, odd (doubted, poor, of another kind than battery, with unknown items)
 * or one too many: then nothing is changed.
 */
bool alike_add(struct alike *alike, const struct reading *reading,
    uint64_t mask, struct arena *arena);

#endif
