/*
 * Lines that a filter refuses: each is told on standard error with its file,
 * number and reason, and kept in a file where that is wished.
 */
#ifndef BASE_REFUSALS_H
#define BASE_REFUSALS_H

#include <stddef.h>
#include <stdint.h>

#include "base/io.h"

/* Zero-initialise. */
struct refusals {
	uint64_t count;
	struct io_writer kept;
	const char *path; /* NULL: they are not kept */
};

/* Keep them at the end of this file; its name must outlive it. 0, or -1 with
 * errno. */
int refusals_open(struct refusals *refusals, const char *path);
/* One line, without its end; NULL where there is none to keep. */
void refusals_line(struct refusals *refusals, const char *name, uint64_t number,
    const char *line, size_t size, const char *reason);
/* What is kept so far is written. 0, or -1 with errno. */
int refusals_flush(struct refusals *refusals);
int refusals_close(struct refusals *refusals);

#endif
