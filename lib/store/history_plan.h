/* Private to history: which hours of which batteries must be made anew. */
#ifndef STORE_HISTORY_PLAN_H
#define STORE_HISTORY_PLAN_H

#include "store/alike.h"
#include "store/bucket.h"
#include "store/readings.h"
#include "store/zones.h"

/* What history must know of a battery. */
struct plan_battery {
	int64_t id;
	int64_t gap_ms;
	double capacity_ah;
	/* of what is earlier the readings, hours and days are gone */
	int64_t readings_from_ms, hours_from_ms, days_from_ms;
	struct counter_limits counter[BUCKET_COUNTERS];
};
struct plan_batteries {
	struct plan_battery *battery; /* in order of id */
	size_t count;
};
/* gap_ms 0: by the interval of the battery's device. */
int plan_batteries_load(struct tenant *tenant, int64_t gap_ms,
    struct plan_batteries *batteries, struct failure *why);

/* A battery with its hours: plan.bucket[first .. first + count - 1]. */
struct plan_job {
	const struct plan_battery *battery;
	struct zones_entry zone;
	size_t first, count;
	struct bucket_track track;
	struct alike alike; /* readings that are not added yet */
};
/* A stretch of time whose readings must be walked. */
struct plan_window {
	int64_t from_ms, to_ms;
};
struct plan {
	struct plan_job *job; /* in order of battery */
	struct bucket *bucket;
	struct plan_window *window; /* in order, apart from each other */
	size_t jobs, buckets, windows;
	size_t job_room, bucket_room, window_room;
	struct arena arena; /* of the tracks */
};

/* Plan for what was touched; `touched` is put into order. The arrays are
 * used again from plan to plan; plan_free releases them. */
void plan_make(struct plan *plan, const struct plan_batteries *batteries,
    const struct zones *zones, struct touched *touched, size_t count);
/* The job of a battery, or NULL; it is often `job` (or NULL) or the next. */
struct plan_job *plan_job_after(
    const struct plan *plan, struct plan_job *job, int64_t battery_id);
void plan_free(struct plan *plan);

#endif
