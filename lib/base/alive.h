/* A sign of life of long work, for a person at a terminal: one line on
 * standard error that is written over each second and is gone at the end. */
#ifndef BASE_ALIVE_H
#define BASE_ALIVE_H

#include <stdbool.h>
#include <stdint.h>

#define ALIVE_AFTER_MS 2000 /* shorter work is done without a word */

struct alive {
	const char *slug; /* of the tenant that is worked on */
	int64_t began_ms, next_ms;
	bool on, shown;
};

/* Nothing is shown where standard error is no terminal, nor in the first
 * `after_ms`. The slug must outlive it. */
void alive_open(struct alive *alive, const char *slug, int64_t after_ms);
/* So much is done, of `what`: "readings". Call it as often as you like. */
void alive_tell(struct alive *alive, int64_t done, const char *what);
/* Take the line away: at the end, or before something is said. */
void alive_close(struct alive *alive);

#endif
