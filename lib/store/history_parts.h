/* Private to history: what stands beside bms_data_history. */
#ifndef STORE_HISTORY_PARTS_H
#define STORE_HISTORY_PARTS_H

#include "store/cells.h"
#include "store/history.h"

/* ---- cells: history_cells.c ------------------------------------------- */

struct history_cells;
struct history_cells *history_cells_open(struct sql *sql, struct failure *why);
void history_cells_close(struct history_cells *store);
/* In place of what the period overlaps: the cells of an hour, or those of a
 * longer period made of its parts. */
int history_cells_put(struct history_cells *store, int64_t battery_id,
    const struct bucket *bucket, struct failure *why);
int history_cells_refold(struct history_cells *store, int64_t battery_id,
    enum period period, int64_t start_ms, int64_t end_ms, struct failure *why);

/* ---- counters: history_counters.c ------------------------------------- */

/* The hours of one battery that are made anew, in order of time. */
struct history_hours {
	int64_t battery_id;
	const struct bucket *bucket;
	size_t count;
};
struct history_counters;
struct history_counters *history_counters_open(
    struct sql *sql, struct failure *why);
void history_counters_close(struct history_counters *store);
/*
 * The counters of a battery as they stood before bucket `at`: where an hour
 * that is not made anew lies in between, or before the first, they are
 * replaced by what is stored.
 */
int history_counters_load(struct history_counters *store,
    const struct history_hours *hours, size_t at,
    struct counter counter[BUCKET_COUNTERS], struct failure *why);
/* Store how they stood after each bucket. Where that changed, the next hour
 * that counts on from there is touched, so that it is made anew as well. */
int history_counters_put(struct history_counters *store,
    const struct history_hours *hours, struct failure *why);

#endif
