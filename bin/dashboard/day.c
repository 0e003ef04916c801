/*
 * The last 24 hours of every battery in buckets of five minutes. Readings
 * lie by time and then battery, so one walk over all is what the store does
 * best.
 */
#include <math.h>
#include <stdlib.h>

#include "dashboard.h"
#include "store/readings.h"

/* NaN where it is unknown or doubted. */
static float
scaled(const struct reading *reading, int id)
{
	return reading_has(reading, id) && (reading->suspect >> id & 1) == 0
	    ? (float)((double)reading->value[id].number /
		  pow(10, measurement_table[id].decimals))
	    : NAN;
}

/* A mean over what is there: NaN joins nothing. */
static float
joined(float mean, uint32_t n, float value)
{
	if (isnan(value))
		return mean;
	return n == 0 || isnan(mean) ? value
				     : mean + (value - mean) / (float)(n + 1);
}

static void
take(struct fine *fine, const struct reading *reading)
{
	float power = scaled(reading, MEASUREMENT_pack_power);

	if (fine->n == 0)
		fine->power = fine->power_min = fine->power_max = fine->soc =
		    fine->voltage = fine->temp = NAN;
	fine->power = joined(fine->power, fine->n, power);
	fine->power_min = fminf(fine->power_min, power);
	fine->power_max = fmaxf(fine->power_max, power);
	fine->soc = joined(
	    fine->soc, fine->n, scaled(reading, MEASUREMENT_soc_percent));
	fine->voltage = joined(
	    fine->voltage, fine->n, scaled(reading, MEASUREMENT_pack_voltage));
	fine->temp =
	    joined(fine->temp, fine->n, scaled(reading, MEASUREMENT_temp_avg));
	fine->n++;
}

int
load_day(struct fleet *fleet, struct failure *why)
{
	const int64_t step = FINE_STEP_S * INT64_C(1000);
	struct readings_walk *walk;
	struct battery *battery;
	struct reading reading;
	int64_t id;
	int got;

	fleet->fine_from_ms = (fleet->now_ms / step + 1 - FINE_COUNT) * step;
	walk = readings_walk_open(
	    fleet->tenant, 0, fleet->fine_from_ms, fleet->now_ms + 1, why);
	if (walk == NULL)
		return -1;
	while ((got = readings_walk_next(walk, &id, &reading, why)) == 1) {
		battery = find_battery(fleet, id);
		if (battery == NULL || reading.kind != READING_BATTERY)
			continue;
		if (battery->fine == NULL)
			battery->fine =
			    mem_zero(FINE_COUNT, sizeof(*battery->fine));
		take(
		    &battery
			 ->fine[(reading.time_ms - fleet->fine_from_ms) / step],
		    &reading);
	}
	readings_walk_close(walk);
	return got;
}
