/*
 * Counters of devices, such as energy_wh_total: what they counted between
 * two readings. They start anew with the device, go round at the end of
 * their register, slip back a little, and now and then say nonsense; each
 * of these is told apart, and nothing is counted twice.
 */
#ifndef STORE_COUNTER_H
#define STORE_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/varint.h"

/* What is known of a counter before its readings; values are scaled. */
struct counter_limits {
	double day; /* the most that it counts in a day */
	int64_t modulus; /* where it goes round; 0: at 2^16 or 2^32 */
	int64_t unit; /* scaled 1, the grain of many registers */
};

/* Where a counter stands; all zero: nothing was read. */
struct counter {
	bool known;
	int64_t value, time_ms; /* the last that was believed */
	int64_t peak; /* largest flow read with it, per hour */
	/* what it stood at when it started anew, for as long as it may
	 * return there, and what was counted since; old_ms 0: none */
	int64_t old, old_ms, since;
	/* what was read and is not believed yet, and how often; 0 none */
	int64_t doubted, doubted_ms, held;
};

enum counter_verdict {
	COUNTER_COUNTED,
	COUNTER_DIPPED, /* a little less: counts again from where it was */
	COUNTER_RESET, /* from zero again */
	COUNTER_WRAPPED,
	COUNTER_RETURNED, /* the reset was none: as if it had not been */
	COUNTER_MOVED, /* to another level, of which nothing is counted */
	COUNTER_DOUBTED /* nothing is counted, unless it lasts */
};

/* The next reading in order of time; `counted` is what to add, never
 * negative. */
enum counter_verdict counter_add(struct counter *counter,
    const struct counter_limits *limits, int64_t time_ms, int64_t value,
    int64_t *counted);
/* The flow that the counter counts (power, current), scaled as it is, per
 * hour: it may count as much, whatever a day was thought to have. */
static inline void
counter_flow(struct counter *counter, int64_t flow)
{
	flow = flow < 0 ? -flow : flow;
	if (flow > counter->peak)
		counter->peak = flow;
}
/* So much between two readings is believed however near they are, where
 * nothing is doubted and no reset may be taken back. */
static inline bool
counter_is_plain(const struct counter *counter)
{
	return counter->known && counter->held == 0 && counter->old_ms == 0;
}
int64_t counter_small(
    const struct counter *counter, const struct counter_limits *limits);

void counter_pack(const struct counter *counter, struct buf *out);
void counter_unpack(struct varint_reader *in, struct counter *counter);

#endif
