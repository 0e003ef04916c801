/* The days of a battery: how full it is, and how much has gone through. */
#ifndef BMS_SIM_DAY_H
#define BMS_SIM_DAY_H

#include <stdint.h>

#include "scenario.h"

struct day_state {
	double soc; /* 0 to 1 */
	double rate_per_h; /* capacities an hour, positive charges */
	double ambient; /* °C */
};

/* In capacities, since the battery was built. */
struct day_counters {
	double charged, discharged;
	int64_t age_ms;
};

/* A number from 0 to below 1 for a key, a purpose and an instant. */
double day_noise(uint64_t key, uint64_t purpose, int64_t instant);
/* `sun_ms`: time shifted so that noon is in the middle of a day. */
struct day_state day_at(uint64_t key, enum scenario scenario, int64_t sun_ms);
/* The sums of whole days are kept in the two arrays, which grow. */
struct day_counters day_counters(uint64_t key, int64_t sun_ms, double **charged,
    double **discharged, int64_t *days);

#endif
