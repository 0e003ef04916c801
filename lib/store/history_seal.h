/*
 * Hours of history that are long over: in each of the tables of sheeted.h,
 * the rows of a battery and 28 days become a sheet, and rows again where one
 * of them changes.
 */
#ifndef STORE_HISTORY_SEAL_H
#define STORE_HISTORY_SEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "store/sheeted.h"
#include "store/sql.h"

#define HISTORY_WINDOW_MS (28 * DAY_MS)
/* So long after its end a window is sealed: most of what comes late is in. */
#define HISTORY_GRACE_MS (7 * DAY_MS)

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

/* The way back for one of the tables, within transactions. */
struct history_lifter;
struct history_lifter *history_lifter_open(
    struct sql *sql, enum sheeted_table table, struct failure *why);
void history_lifter_close(struct history_lifter *lifter);
/* The hours of a battery that begin from <= start < to stand as rows
 * afterwards. 0, or -1 with a failure. */
int history_lift(struct history_lifter *lifter, int64_t battery_id,
    int64_t from_ms, int64_t to_ms, struct failure *why);

/* Within a transaction: all hours of a battery that begin before this time
 * are gone from one of the tables, in rows and in sheets; *hours more. 0, or
 * -1 with a failure. */
int history_drop(struct sql *sql, enum sheeted_table table, int64_t battery_id,
    int64_t before_ms, int64_t *hours, struct failure *why);

#endif
