/* When a device's turn comes: whole multiples of an interval. */
#ifndef WIRE_SLOTS_H
#define WIRE_SLOTS_H

#include <stdint.h>

/*
 * Slots are multiples of the interval on the wall clock; timers go by the
 * monotonic one. Each slot is reckoned from the wall clock as it is then,
 * so nothing adds up over a day, and after the clock was set the slots
 * follow it, with at least half an interval between two.
 */

/* The first slot of a device that enters service: at once, unless the next
 * whole slot is so near that the two would be in each other's way. */
int64_t slot_first(int64_t now_ms, int64_t wall_ms, int64_t interval_ms);
/*
 * The slot after that of `due_ms`, which begins at `now_ms`. *missed is the
 * number of whole slots in between that are over already.
 */
int64_t slot_next(int64_t due_ms, int64_t now_ms, int64_t wall_ms,
    int64_t interval_ms, uint64_t *missed);

#endif
