/* How the rows of a battery are divided into blocks: for seal.c. */
#ifndef STORE_SEAL_PART_H
#define STORE_SEAL_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "store/block.h"

/* How many of the next rows go into one block: as many as should, but no
 * minute is divided, as the next block begins in another one. */
size_t seal_next_part(const struct readings_row *rows, size_t count);
/* For qsort: rows by (time, kind). */
int seal_by_key(const void *a, const void *b);

#endif
