/*
 * Plausibility over stored rows: what one reading alone cannot show. Its
 * verdicts (table suspects) and events (fault_events) follow from the rows
 * alone, whatever order and batches they came in: tenant-db-judge(1).
 */
#ifndef STORE_JUDGE_H
#define STORE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "store/tenant.h"

/* A row's neighbours: so many rows before and behind it, within an hour. */
#define JUDGE_NEAR 4
#define JUDGE_NEAR_MS HOUR_MS
/* A value that so many of them (itself included) hold is believed. */
#define JUDGE_HELD 3

struct judge_counts {
	int64_t changes; /* entries of `touched` followed */
	int64_t suspects; /* rows of suspects added or taken away */
	int64_t events; /* rows of fault_events added, changed, taken away */
};

/*
 * Judge what was touched since the last time; with `rebuild` all anew. Goes
 * in steps, each a transaction with its cursor. An hour whose verdicts
 * change is touched again, so that other followers do it over. `stop` (may
 * be NULL) is asked between steps. 0, or -1 with a failure.
 */
int judge_follow(struct tenant *tenant, bool rebuild, bool (*stop)(void),
    struct judge_counts *counts, struct failure *why);

#endif
