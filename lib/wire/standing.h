/* How a device stands: when it answered last, and when it is asked again. */
#ifndef WIRE_STANDING_H
#define WIRE_STANDING_H

#include <stdbool.h>
#include <stdint.h>

/* No device that fails is left alone for longer. */
#define STANDING_WAIT_MAX_MS INT64_C(300000)

/* Times of the wall clock; zero-initialised is a device nobody knows. */
struct standing {
	int64_t good_ms; /* last answer, 0 none */
	uint64_t failures; /* in a row */
	int64_t since_ms; /* the first of them */
	int64_t next_ms; /* not asked before; 0: at its next slot */
	char reason[200]; /* of the last failure */
};

/* It answered: all failures are forgotten. */
void standing_good(struct standing *standing, int64_t now_ms);
/* One more failure of a poll that began at `now_ms`. `backs_off`: it is
 * asked, not listened to, so that the next try can be put off. */
void standing_failed(struct standing *standing, int64_t now_ms, bool backs_off,
    const char *reason);
/* Is it to be left alone now? A wait longer than the longest there is comes
 * from a clock that was set back, and counts as none. */
bool standing_waits(const struct standing *standing, int64_t now_ms);
/* How long so many failures in a row put off the next try: one costs
 * nothing, then 10 s, 20 s, 40 s … up to the limit. */
int64_t standing_wait_ms(uint64_t failures);

#endif
