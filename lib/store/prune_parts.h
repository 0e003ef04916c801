/* Private to prune: a run, and its steps. */
#ifndef STORE_PRUNE_PARTS_H
#define STORE_PRUNE_PARTS_H

#include "store/prune.h"

struct prune {
	struct sql *sql;
	struct sql_query *battery, *behind, *count, *blocks, *suspects;
	struct sql_query *periods, *cells, *counters;
	bool (*stop)(void);
	struct prune_counts *counts;
	int64_t battery_id, before_ms; /* of the step */
	int64_t removed; /* by it */
};

/* Run a statement whose values are bound, and add what it removed. */
int prune_run(struct prune *p, struct sql_query *query, struct failure *why);

/* One step for battery_id up to before_ms, within a transaction. 0, or -1
 * with a failure. */
int prune_hours(struct prune *p, struct failure *why);
int prune_cells(struct prune *p, struct failure *why);
int prune_days(struct prune *p, struct failure *why);
int prune_weeks(struct prune *p, struct failure *why);
int prune_months(struct prune *p, struct failure *why);

#endif
