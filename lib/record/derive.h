/* The formulas of what derives from other measurements of one reading. */
#ifndef RECORD_DERIVE_H
#define RECORD_DERIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "record/measurement.h"

/* Beyond this a battery counts as charging or discharging: 0.1 A in mA.
 * Below it is within the offset of common current sensors. */
#define DERIVE_MODE_CURRENT 100
/* mV times mA is microwatts; a power is kept at 0.01 W. */
#define DERIVE_POWER_UNIT 10000

/* Rounded, halves away from zero. */
static inline int64_t
derive_divide(int64_t number, int64_t by)
{
	int64_t half = number < 0 ? -(by / 2) : by / 2;

	return (number + half) / by;
}

/* The power of a pack; false where both at their limits make more than a
 * pack can have. */
static inline bool
derive_power_of(int64_t voltage, int64_t current, int64_t *power)
{
	const struct measurement *row =
	    &measurement_table[MEASUREMENT_pack_power];

	*power = derive_divide(voltage * current, DERIVE_POWER_UNIT);
	return *power >= row->low && *power <= row->high;
}

static inline int
derive_mode_of(int64_t current)
{
	return current > DERIVE_MODE_CURRENT ? MODE_CHARGING
	    : current < -DERIVE_MODE_CURRENT ? MODE_DISCHARGING
					     : MODE_IDLE;
}

#endif
