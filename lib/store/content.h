/*
 * What a tenant's database says, whatever way and order it came in and
 * however it lies there: as lines that are the same for the same content.
 */
#ifndef STORE_CONTENT_H
#define STORE_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/tenant.h"

struct content_part {
	const char *name;
	bool apart; /* hangs on when it was looked at: not in the whole */
};
/* Part n, from 0, in the order of the whole; NULL behind the last. */
const struct content_part *content_part(size_t n);

/*
 * The lines of a part, each a JSON array with its line end, in the order of
 * their keys: slugs and names where the rows have ids, and without ids,
 * generations and the times at which rows were written. `put` gets several
 * at a time and ends it with anything but 0, which is then returned;
 * a failure is -1. *rows is their count.
 */
int content_lines(struct tenant *tenant, const char *part,
    int (*put)(void *context, const char *lines, size_t size), void *context,
    uint64_t *rows, struct failure *why);

#endif
