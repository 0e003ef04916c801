/* How much room a tenant's database takes, and giving room back. */
#ifndef STORE_SPACE_H
#define STORE_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/tenant.h"

#define SPACE_EARLY 80 /* percent: the first warning */
#define SPACE_LATE 90 /* and the second */

struct space {
	int64_t used; /* bytes of the pages in use */
	int64_t free; /* of pages that the file has and nothing uses */
	int64_t limit; /* client.max_storage_gb in bytes; 0: none */
};

/* 0, or -1 with a failure. */
int space_read(struct tenant *tenant, struct space *space, struct failure *why);
/* Of its limit, in percent rounded down; 0 where there is none. */
int64_t space_percent(int64_t used, int64_t limit);

/*
 * Give free pages back to the disk, a few at a time, each step committed by
 * itself, so that others can write in between and the log stays small. A
 * file that was not made for it (auto_vacuum) stays as it is: *fixed. `stop`
 * (or NULL) says when to end early. 0, or -1 with a failure.
 */
int space_release(
    struct sql *sql, bool (*stop)(void), bool *fixed, struct failure *why);

#endif
