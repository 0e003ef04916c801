/* Many timers, of which the next one is at hand: a binary heap. */
#ifndef BASE_TIMERS_H
#define BASE_TIMERS_H

#include <stddef.h>
#include <stdint.h>

/* One timer, a member of what it wakes. Zero-initialise; `owner` is the
 * caller's. It must be stopped before its memory goes. */
struct timer {
	int64_t at_ms; /* INT64_MAX (or 0 before first use): not set */
	size_t place; /* private; 0: not set */
	void *owner;
};

/* Zero-initialise; timers_free releases. */
struct timers {
	struct timer **item; /* from 1 */
	size_t count, room;
};

/* Set it to go off at a time, from whatever it was set to before;
 * INT64_MAX stops it. */
void timers_set(struct timers *timers, struct timer *timer, int64_t at_ms);
void timers_stop(struct timers *timers, struct timer *timer);
/* When the next one goes off; INT64_MAX: none is set. */
int64_t timers_next(const struct timers *timers);
/* One that goes off by now, stopped; its at_ms stays. NULL: none. */
struct timer *timers_take(struct timers *timers, int64_t now_ms);
void timers_free(struct timers *timers);

#endif
