/* What follows from other measurements of the same reading. */
#include <string.h>

#include "record/derive.h"
#include "record/reading.h"

/* Where the results of a list go. */
struct list_ids {
	int list, low, high, mean, spread; /* spread: or -1 */
};

static void
derive_list(struct reading *reading, const struct list_ids *ids)
{
	const union reading_value *value = &reading->value[ids->list];
	int64_t sum = 0, count = 0;
	int32_t low = INT32_MAX, high = INT32_MIN;

	if (!reading_has(reading, ids->list))
		return;
	for (uint32_t i = 0; i < value->list.count; i++) {
		int32_t item = value->list.item[i];

		/* without a branch: what is unknown is below all others */
		bool known = item != READING_ITEM_UNKNOWN;

		int32_t least = known ? item : INT32_MAX;

		low = least < low ? least : low;
		high = item > high ? item : high;
		sum += known ? item : 0;
		count += known;
	}
	if (count == 0)
		return;
	reading_set(reading, ids->low, low);
	reading_set(reading, ids->high, high);
	reading_set(reading, ids->mean, derive_divide(sum, count));
	if (ids->spread >= 0)
		reading_set(reading, ids->spread, high - low);
}

/* Two measurements of one quantity by its direction. */
static void
derive_directions(struct reading *reading, int64_t value, int in, int out)
{
	reading_set(reading, in, value > 0 ? value : 0);
	reading_set(reading, out, value < 0 ? -value : 0);
}

static void
derive_power(struct reading *reading)
{
	int64_t power;

	if (reading_has(reading, MEASUREMENT_pack_voltage) &&
	    reading_has(reading, MEASUREMENT_pack_current)) {
		if (!derive_power_of(
			reading->value[MEASUREMENT_pack_voltage].number,
			reading->value[MEASUREMENT_pack_current].number,
			&power))
			return;
		reading_set(reading, MEASUREMENT_pack_power, power);
	}
	if (reading_has(reading, MEASUREMENT_pack_power))
		derive_directions(reading,
		    reading->value[MEASUREMENT_pack_power].number,
		    MEASUREMENT_charge_power, MEASUREMENT_discharge_power);
}

/* An array with something in it is longer than "[]". */
static bool
has_codes(const struct reading *reading, int id)
{
	return reading_has(reading, id) && reading->value[id].text.size > 2;
}

static void
derive_mode(struct reading *reading)
{
	if (reading_has(reading, MEASUREMENT_operation_mode))
		return;
	if (has_codes(reading, MEASUREMENT_fault_codes)) {
		reading_set(reading, MEASUREMENT_operation_mode, MODE_FAULT);
		return;
	}
	if (!reading_has(reading, MEASUREMENT_pack_current))
		return;
	reading_set(reading, MEASUREMENT_operation_mode,
	    derive_mode_of(reading->value[MEASUREMENT_pack_current].number));
}

void
reading_derive(struct reading *reading)
{
	static const struct list_ids cells = { MEASUREMENT_cell_voltages,
		MEASUREMENT_cell_voltage_min, MEASUREMENT_cell_voltage_max,
		MEASUREMENT_cell_voltage_avg, MEASUREMENT_cell_voltage_diff };
	static const struct list_ids temperatures = { MEASUREMENT_temperatures,
		MEASUREMENT_temp_min, MEASUREMENT_temp_max,
		MEASUREMENT_temp_avg, -1 };

	if (reading->kind != READING_BATTERY)
		return;
	derive_list(reading, &cells);
	derive_list(reading, &temperatures);
	if (reading_has(reading, MEASUREMENT_pack_current))
		derive_directions(reading,
		    reading->value[MEASUREMENT_pack_current].number,
		    MEASUREMENT_charge_current, MEASUREMENT_discharge_current);
	derive_power(reading);
	derive_mode(reading);
	if (!reading_has(reading, MEASUREMENT_balancing_active) &&
	    reading_has(reading, MEASUREMENT_balancing_cells))
		reading_set(reading, MEASUREMENT_balancing_active,
		    reading->value[MEASUREMENT_balancing_cells].list.count > 0);
}
