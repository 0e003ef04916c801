/* History by period of the site's time: rollup(5), table bms_data_history. */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/bucket.h"
#include "store/tenant.h"
#include "store/zones.h"

#define HISTORY_COLUMNS_MAX 128

/* How a column of a longer period follows from its shorter ones. */
enum history_fold {
	FOLD_AVG, /* weighted by the column behind it, a sum */
	FOLD_MIN, /* its time is the column behind it */
	FOLD_MAX, /* likewise */
	FOLD_TIME, /* goes with the one before it; ms since 1970 */
	FOLD_FIRST,
	FOLD_LAST,
	FOLD_SUM,
	FOLD_EFFICIENCY /* from the sums of energy */
};

struct history_column {
	char name[48];
	enum history_fold fold;
	int measurement; /* whose value it is, or -1 */
	const char *unit;
	unsigned decimals; /* that are worth showing */
};

/* Columns that are computed by themselves; those of a measurement last. */
enum history_named {
	NAMED_energy_charged_wh,
	NAMED_energy_discharged_wh,
	NAMED_energy_production_wh,
	NAMED_energy_consumption_wh,
	NAMED_energy_grid_import_wh,
	NAMED_energy_grid_export_wh,
	NAMED_energy_storage_wh,
	NAMED_charge_ah,
	NAMED_discharge_ah,
	NAMED_efficiency_percent,
	NAMED_partial_cycles,
	NAMED_time_idle,
	NAMED_time_charging,
	NAMED_time_discharging,
	NAMED_time_balancing,
	NAMED_time_fault,
	NAMED_time_covered,
	NAMED_data_points_count,
	NAMED_data_quality_avg,
	NAMED_data_quality_count,
	NAMED_capacity_ah,
	NAMED_cycles_counted,
	NAMED_charge_counted_ah,
	NAMED_discharge_counted_ah,
	NAMED_energy_charged_counted_wh,
	NAMED_energy_discharged_counted_wh,
	NAMED_energy_production_counted_wh,
	NAMED_energy_consumption_counted_wh,
	NAMED_energy_grid_import_counted_wh,
	NAMED_energy_grid_export_counted_wh,
	NAMED_energy_storage_counted_wh,
	NAMED_counter_resets,
	NAMED_counter_wraps,
	NAMED_counter_suspects,
	NAMED_soc_start,
	NAMED_soc_end,
	NAMED_pack_voltage_avg,
	NAMED_communication_errors_total,
	NAMED_COUNT
};

/* The columns after battery, period and zone, in one order. */
struct history_columns {
	size_t count;
	struct history_column column[HISTORY_COLUMNS_MAX];
	size_t named[NAMED_COUNT]; /* where each stands */
};
void history_columns_fill(struct history_columns *columns);

/* One row; value[i] counts only where known[i]. */
struct history_row {
	int64_t battery_id;
	enum period period;
	int64_t start_ms, end_ms;
	const char *zone;
	bool any; /* is one known? */
	bool known[HISTORY_COLUMNS_MAX];
	double value[HISTORY_COLUMNS_MAX];
};
/* Nothing is known. */
void history_clear(struct history_row *row);
void history_set(struct history_row *row, size_t i, double value);
/* An hour's row from its sums; capacity_ah of the battery's type stands in
 * where no reading told it. */
void history_from_bucket(const struct history_columns *columns,
    const struct bucket_plan *plan, const struct bucket *bucket,
    double capacity_ah, struct history_row *row);
/* Add the next shorter period to a row that began empty. */
void history_fold(const struct history_columns *columns,
    struct history_row *row, const struct history_row *part);
void history_fold_end(
    const struct history_columns *columns, struct history_row *row);

/* ---- the table -------------------------------------------------------- */

struct history_store;
/* The tenant must outlive it. NULL with a failure. */
struct history_store *history_store_open(struct tenant *tenant,
    const struct history_columns *columns, struct failure *why);
void history_store_close(struct history_store *store);
/* Put the row in place of what overlaps it; one without anything known
 * only removes that. Within a transaction. */
int history_put(struct history_store *store, const struct history_row *row,
    struct failure *why);
/* The periods that a longer one is made of. */
enum period history_part_of(enum period period);
/* Make a longer period's row anew from the shorter ones stored. */
int history_refold(struct history_store *store, int64_t battery_id,
    enum period period, int64_t start_ms, int64_t end_ms, const char *zone,
    struct failure *why);

/* ---- following the readings ------------------------------------------- */

struct history_options {
	int64_t gap_ms; /* 0: 15 min or 3 intervals, the longer */
	bool rebuild; /* forget the cursor first */
};
struct history_counts {
	int64_t changes; /* entries of `touched` followed */
	int64_t rows; /* history rows written or removed */
};
/*
 * Bring the history up to date with the readings: every hour that was
 * touched since the last time, and the days, weeks and months above it.
 * Goes in steps; each is one transaction with its cursor, so that ending
 * at any time loses nothing. `stop` (may be NULL) is asked between steps.
 */
int history_follow(struct tenant *tenant, const struct history_options *options,
    bool (*stop)(void), struct history_counts *counts, struct failure *why);

#endif
