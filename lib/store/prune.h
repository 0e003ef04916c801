/*
 * Retention: what has been kept for long enough is taken away in small
 * steps, each a transaction of its own, so that others write in between and
 * being killed loses nothing else. History outlives what it was made of.
 */
#ifndef STORE_PRUNE_H
#define STORE_PRUNE_H

#include "store/keep.h"
#include "store/tenant.h"

struct prune_counts {
	int64_t readings; /* rows that were in blocks taken away */
	int64_t hours, days, weeks, months;
	int64_t cells; /* periods of all cells of a battery */
	int64_t faults, alerts;
	/* Batteries that were left alone: their history is not up to date. */
	int64_t behind;
	int64_t readings_before_ms; /* where readings were cut last; 0 not */
};

/*
 * Take away all that is older than `keep` says. Readings go by whole sealed
 * blocks: seal_due first. Those of which rollup has not yet made all history
 * stay. Counts are added to; `stop` (or NULL) ends early. 0, or -1 with a
 * failure: what was committed stays.
 */
int prune_by_age(struct tenant *tenant, const struct keep *keep, int64_t now_ms,
    bool (*stop)(void), struct prune_counts *counts, struct failure *why);

/* Take away the oldest readings, a day at a time, until the pages in use
 * take at most `target` bytes, or none is left that is older than
 * KEEP_READINGS_LEAST days. */
int prune_by_room(struct tenant *tenant, int64_t target, int64_t now_ms,
    bool (*stop)(void), struct prune_counts *counts, struct failure *why);

#endif
