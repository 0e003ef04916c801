/*
 * What retention has taken away. History is made from readings, and longer
 * periods from shorter ones: where those are gone, what was made of them is
 * all there is, and is never made anew.
 */
#ifndef STORE_RETAINED_H
#define STORE_RETAINED_H

#include <stdint.h>

#include "store/sql.h"

/* What can be taken away by itself, the finest first. */
enum retained_tier {
	RETAINED_READINGS,
	RETAINED_HOURLY,
	RETAINED_DAILY,
	RETAINED_TIERS
};

/*
 * Note that of this tier of a battery nothing before `before_ms` is left:
 * readings of an earlier time, or periods that start before it. Call it in
 * the transaction that takes them away. The mark only moves forward. What
 * stands beside the tier goes with it: of readings their hours in `touched`
 * and old states of counters, of periods their cells, and of hours they
 * themselves (history_drop). 0, or -1 with a failure.
 */
int retained_mark(struct sql *sql, int64_t battery_id, enum retained_tier tier,
    int64_t before_ms, struct failure *why);

#endif
