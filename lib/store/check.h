/* Is a tenant's database whole? What is found wrong is told line by line. */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct check {
	/* Told of each thing that is wrong, without a line end. */
	void (*say)(void *context, const char *text);
	void *context;
	bool (*stop)(void); /* or NULL: ends it early, with a failure */
	/* what was found, added to */
	uint64_t wrong;
	uint64_t batteries, fresh, blocks, sealed;
	uint64_t hours; /* of history, sealed */
};

/*
 * Look at the database in the file `path`, that of tenant `slug`: pages,
 * constraints and references as SQLite sees them; each block with its
 * checksum, key, times and count; each fresh row. Only reads, in short
 * statements: others may write meanwhile. 0 when all of it was looked at,
 * wrong or not; -1 with a failure: EXIT_WRONG for another schema, EXIT_AGAIN
 * for what cannot be read now.
 */
int check_file(struct check *check, const char *path, const char *slug,
    struct failure *why);

#endif
