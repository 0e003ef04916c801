/*
 * Sealing: rows of hours that are over move from the table readings into
 * blocks, and the blocks of a day that is over become one. Lifting is the
 * way back, for a row that comes late. Neither changes what is stored: what
 * follows `touched` need not know.
 */
#ifndef STORE_SEAL_H
#define STORE_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/sql.h"

/* Late rows of an hour are waited for so long. */
#define SEAL_GRACE_MS (INT64_C(15) * 60 * 1000)

struct seal_counts {
	uint64_t rows; /* that were sealed or packed anew */
	uint64_t blocks; /* written */
	uint64_t bytes; /* of them */
	uint64_t sheets; /* of history (store/history_seal.h) */
};

/*
 * Seal all hours that ended `grace_ms` before now_ms, the oldest first, an
 * hour in a transaction; then pack the days that are over. `stop` (or NULL)
 * says when to end early, which loses nothing. Counts are added to. 0, or -1
 * with a failure: what was committed stays.
 */
int seal_due(struct sql *sql, int64_t now_ms, int64_t grace_ms,
    bool (*stop)(void), struct seal_counts *counts, struct failure *why);

/* Lifts the blocks that writing meets; used within transactions. */
struct lifter;
struct lifter *lifter_open(struct sql *sql, struct failure *why);
void lifter_close(struct lifter *lifter);
/* Before a row of this time is written: where it lies in the time of a
 * block, the block becomes rows again. 0, or -1 with a failure. */
int lifter_look(struct lifter *lifter, int64_t battery_id, int64_t time_ms,
    struct failure *why);

#endif
