/*
 * History of each cell and each temperature sensor: least, mean and largest
 * of a period, packed. Table cell_history, shown as bms_cell_history.
 */
#ifndef STORE_CELLS_H
#define STORE_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/bucket.h"

/* Means have one decimal more than the measurement. */
#define CELLS_FINER 10

struct cells_item {
	bool seen; /* least and most count, scaled */
	int32_t least, most;
	int64_t covered_ms; /* 0: there is no mean */
	int64_t mean; /* finer */
	double sum; /* while folding: mean times ms */
};
struct cells_list {
	struct cells_item *item;
	size_t count, room;
};
/* Zero-initialise; cells_free releases. */
struct cells {
	struct cells_list list[BUCKET_LISTS];
};
void cells_free(struct cells *cells);
/* Nothing is known. */
void cells_clear(struct cells *cells);
bool cells_empty(const struct cells *cells);

void cells_from_bucket(struct cells *cells, const struct bucket *bucket);
/* Add the next shorter period to cells that began clear; then end. */
void cells_fold(struct cells *cells, const struct cells *part);
void cells_fold_end(struct cells *cells);

/*
 * For each list: the count of its items, and the time covered by the first
 * that has a mean, then for each item
 *	0	nothing is known
 *	1	a mean only
 *	2 + v	v: zigzag of least, less that of the item before
 * and where seen most less least; then 0 where there is no mean, else
 * 1 + zigzag of (mean less 10 times least or that of the item before), and
 * zigzag of its covered time less that of the first. All are varints.
 */
void cells_pack(const struct cells *cells, struct buf *out);
/* False where the bytes are none of ours. */
bool cells_unpack(const void *data, size_t size, struct cells *cells);

#endif
