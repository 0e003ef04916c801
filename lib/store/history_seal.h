/*
 * Hours of history that are long over: the rows of a battery and 28 days
 * become a sheet in the table history_blocks, and rows again where one of
 * them changes. The virtual table bms_data_history reads both.
 */
#ifndef STORE_HISTORY_SEAL_H
#define STORE_HISTORY_SEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/sql.h"

#define HISTORY_WINDOW_MS (INT64_C(28) * 24 * 3600 * 1000)
/* So long after its end a window is sealed: most of what comes late is in. */
#define HISTORY_GRACE_MS (INT64_C(7) * 24 * 3600 * 1000)

/* Key of the sheet that has the hour of a battery that begins then. */
static inline int64_t
history_key(int64_t battery_id, int64_t start_ms)
{
	return (int64_t)((uint64_t)battery_id << 32) +
	    start_ms / HISTORY_WINDOW_MS;
}

/* Seal what is due, each window of a battery in a transaction of its own.
 * `stop` (or NULL) says when to end early; *sheets counts what was written.
 * 0, or -1 with a failure: what was committed stays. */
int history_seal_due(struct sql *sql, int64_t now_ms, bool (*stop)(void),
    uint64_t *sheets, struct failure *why);

/* The way back, within transactions. */
struct history_lifter;
struct history_lifter *history_lifter_open(
    struct sql *sql, struct failure *why);
void history_lifter_close(struct history_lifter *lifter);
/* The hours of a battery that begin from <= start < to stand as rows
 * afterwards. 0, or -1 with a failure. */
int history_lift(struct history_lifter *lifter, int64_t battery_id,
    int64_t from_ms, int64_t to_ms, struct failure *why);

#endif
