/*
 * A lithium iron phosphate battery beside a solar plant. What it measures
 * is a function of its key, its scenario and the time alone: there is no
 * state that runs on, so that a live server and a month printed at once
 * agree, and each run gives the same.
 */
#ifndef BMS_SIM_MODEL_H
#define BMS_SIM_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "record/reading.h"
#include "scenario.h"

#define MODEL_CELLS_MAX 256
#define MODEL_TEMPERATURES_MAX 256

struct model {
	uint64_t key; /* of model_key */
	unsigned cells;
	unsigned temperatures;
	double capacity_ah; /* when it was new */
	int64_t noon_ms; /* of the day in UTC when the sun is highest */
	/* for the counters: what was charged up to each day since it was
	 * built, in capacities; grown as needed */
	double *charged, *discharged;
	int64_t days;
};

/* One number of a seed and a name. */
uint64_t model_key(uint64_t seed, const char *name);
/* Fill a reading of kind battery but for its names; lists and texts go to
 * the arena. Derived measurements are filled. */
void model_reading(struct model *model, const struct scenario_now *now,
    int64_t time_ms, struct arena *arena, struct reading *reading);
void model_free(struct model *model);

#endif
