/* Watching readings by rules: alerts stored, and told as alert(5) lines. */
#ifndef STORE_ALERTS_H
#define STORE_ALERTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/io.h"
#include "store/rules.h"

struct alerts_counts {
	int64_t readings, raised, cleared;
};

/*
 * Look at every reading that came since the last time, in order of time,
 * and with `all` also at how long batteries have been silent at now_ms, and
 * at rules that are off or gone. What is raised or cleared is stored with
 * the cursor in one transaction, and after that told on `out`. Readings that
 * are older than the newest one looked at of their battery change nothing
 * any more, nor do those more than an hour ahead of now_ms. `stop` (may be
 * NULL) is asked between steps. 0, or -1 with a failure.
 */
int alerts_follow(struct tenant *tenant, struct rules *rules, int64_t now_ms,
    bool all, bool (*stop)(void), struct io_writer *out,
    struct alerts_counts *counts, struct failure *why);

/* Put the rule `silence` there if it never was. */
int alerts_prepare(struct tenant *tenant, struct failure *why);

#endif
