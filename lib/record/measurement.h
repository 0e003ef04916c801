/*
 * The one table of measurements. Normalizing, packing, rolling up,
 * exporting, the pages and reading(5) read it; a new measurement is a new
 * row of MEASUREMENTS and, where it is rolled up, a migration that adds its
 * history columns.
 */
#ifndef RECORD_MEASUREMENT_H
#define RECORD_MEASUREMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a value looks in a line. */
enum measurement_shape {
	SHAPE_NUMBER, /* scaled integer at the measurement's decimals */
	SHAPE_FLAG, /* true or false */
	SHAPE_WORD, /* one of a fixed list, kept as its index */
	SHAPE_TIME, /* RFC 3339, kept as ms since 1970 UTC */
	SHAPE_LIST, /* numbers; null where one is unknown */
	SHAPE_CODES, /* array of strings, kept as canonical JSON */
	SHAPE_MAP, /* object of booleans, numbers, strings; canonical JSON */
	SHAPE_TEXT /* a string, kept as canonical JSON with its quotes */
};

/* What a history row keeps of it; a bit set. AVG is time-weighted. */
enum measurement_roll {
	ROLL_NONE = 0,
	ROLL_AVG = 1,
	ROLL_MIN = 2,
	ROLL_MAX = 4,
	ROLL_START = 8,
	ROLL_END = 16,
	ROLL_SUM = 32,
	ROLL_ALL = ROLL_AVG | ROLL_MIN | ROLL_MAX
};

/* Which kinds of reading carry it; a bit set. */
enum { FOR_BATTERY = 1, FOR_ENERGY = 2, FOR_BOTH = 3 };

/* Names of the words, in the order of their index. */
#define WORDS_MODE "idle", "charging", "discharging", "balancing", "fault"
#define WORDS_QUALITY "excellent", "good", "fair", "poor", "invalid"
#define WORDS_SOURCE                                                           \
	"production", "consumption", "grid_import", "grid_export", "storage"

/*
 * tag: number in packed rows; never changes and is never used again.
 * low, high: the plausible range in whole units; outside it is refused.
 * derived: computed from others by reading_derive where those are there.
 * history: stem of the history columns (stem_avg with stem_covered, stem_min
 * with stem_min_time ...: store/history_columns.c), or NULL.
 * step, slew, share: how far a value may lie from its neighbours before it
 * is doubted (store/judge.h): at once, more per minute between them (both in
 * units of the last decimal), and more in percent of the value. All 0: never.
 *
 *  tag name             unit  decimals shape      for        low     high
 *                                   derived roll   history step slew share
 */
/* One row a line: table.awk reads them as well. */
/* clang-format off */
#define MEASUREMENTS(M) \
M(1, pack_voltage, "V", 3, NUMBER, BATTERY, 0, 2000, 0, ALL, "pack_voltage", 2000, 1000, 20) \
M(2, pack_current, "A", 3, NUMBER, BATTERY, -5000, 5000, 0, ALL, "pack_current", 0, 0, 0) \
M(3, cell_voltages, "V", 3, LIST, BATTERY, 0, 6, 0, NONE, NULL, 800, 100, 0) \
M(4, cell_voltage_min, "V", 3, NUMBER, BATTERY, 0, 6, 1, MIN, "cell_voltage", 800, 100, 0) \
M(5, cell_voltage_max, "V", 3, NUMBER, BATTERY, 0, 6, 1, MAX, "cell_voltage", 800, 100, 0) \
M(6, cell_voltage_avg, "V", 3, NUMBER, BATTERY, 0, 6, 1, AVG, "cell_voltage", 800, 100, 0) \
M(7, cell_voltage_diff, "V", 3, NUMBER, BATTERY, 0, 6, 1, MAX, "cell_voltage_diff", 0, 0, 0) \
M(8, charge_current, "A", 3, NUMBER, BATTERY, 0, 5000, 1, NONE, NULL, 0, 0, 0) \
M(9, discharge_current, "A", 3, NUMBER, BATTERY, 0, 5000, 1, NONE, NULL, 0, 0, 0) \
M(10, pack_power, "W", 2, NUMBER, BATTERY, -5000000, 5000000, 1, ALL, "pack_power", 0, 0, 0) \
M(11, charge_power, "W", 2, NUMBER, BATTERY, 0, 5000000, 1, NONE, NULL, 0, 0, 0) \
M(12, discharge_power, "W", 2, NUMBER, BATTERY, 0, 5000000, 1, NONE, NULL, 0, 0, 0) \
M(13, temperatures, "°C", 2, LIST, BATTERY, -60, 150, 0, NONE, NULL, 1500, 500, 0) \
M(14, temp_min, "°C", 2, NUMBER, BATTERY, -60, 150, 1, MIN, "temp", 1500, 500, 0) \
M(15, temp_max, "°C", 2, NUMBER, BATTERY, -60, 150, 1, MAX, "temp", 1500, 500, 0) \
M(16, temp_avg, "°C", 2, NUMBER, BATTERY, -60, 150, 1, AVG, "temp", 1500, 500, 0) \
M(17, ambient_temp, "°C", 2, NUMBER, BOTH, -60, 100, 0, NONE, NULL, 1500, 500, 0) \
M(18, soc_percent, "%", 2, NUMBER, BATTERY, 0, 100, 0, SOC, "soc", 1000, 500, 0) \
M(19, soh_percent, "%", 2, NUMBER, BATTERY, 0, 110, 0, SOH, "soh", 500, 0, 0) \
M(20, remaining_capacity_ah, "Ah", 3, NUMBER, BATTERY, 0, 100000, 0, NONE, NULL, 0, 0, 0) \
M(21, full_capacity_ah, "Ah", 3, NUMBER, BATTERY, 0, 100000, 0, NONE, NULL, 0, 0, 0) \
M(22, charge_cycles, "", 0, NUMBER, BATTERY, 0, 1000000, 0, NONE, NULL, 0, 0, 0) \
M(23, total_charge_ah, "Ah", 3, NUMBER, BATTERY, 0, 1000000000, 0, NONE, NULL, 0, 0, 0) \
M(24, total_discharge_ah, "Ah", 3, NUMBER, BATTERY, 0, 1000000000, 0, NONE, NULL, 0, 0, 0) \
M(25, total_energy_charged_wh, "Wh", 2, NUMBER, BATTERY, 0, 1000000000, 0, NONE, NULL, 0, 0, 0) \
M(26, total_energy_discharged_wh, "Wh", 2, NUMBER, BATTERY, 0, 1000000000, 0, NONE, NULL, 0, 0, 0) \
M(27, operation_mode, "", 0, WORD, BATTERY, 0, 4, 0, NONE, NULL, 0, 0, 0) \
M(28, balancing_active, "", 0, FLAG, BATTERY, 0, 1, 0, NONE, NULL, 0, 0, 0) \
M(29, balancing_cells, "", 0, LIST, BATTERY, 1, 4096, 0, NONE, NULL, 0, 0, 0) \
M(30, charging_enabled, "", 0, FLAG, BATTERY, 0, 1, 0, NONE, NULL, 0, 0, 0) \
M(31, discharging_enabled, "", 0, FLAG, BATTERY, 0, 1, 0, NONE, NULL, 0, 0, 0) \
M(32, charge_voltage_limit, "V", 3, NUMBER, BATTERY, 0, 2000, 0, NONE, NULL, 0, 0, 0) \
M(33, discharge_voltage_limit, "V", 3, NUMBER, BATTERY, 0, 2000, 0, NONE, NULL, 0, 0, 0) \
M(34, charge_current_limit, "A", 3, NUMBER, BATTERY, 0, 5000, 0, NONE, NULL, 0, 0, 0) \
M(35, discharge_current_limit, "A", 3, NUMBER, BATTERY, 0, 5000, 0, NONE, NULL, 0, 0, 0) \
M(36, fault_codes, "", 0, CODES, BATTERY, 0, 0, 0, NONE, NULL, 0, 0, 0) \
M(37, warning_codes, "", 0, CODES, BATTERY, 0, 0, 0, NONE, NULL, 0, 0, 0) \
M(38, protection_status, "", 0, MAP, BATTERY, 0, 0, 0, NONE, NULL, 0, 0, 0) \
M(39, source_type, "", 0, WORD, ENERGY, 0, 4, 0, NONE, NULL, 0, 0, 0) \
M(40, power_w, "W", 2, NUMBER, ENERGY, -1000000000, 1000000000, 0, ALL, "power", 0, 0, 0) \
M(41, energy_wh_total, "Wh", 2, NUMBER, ENERGY, 0, 2000000000, 0, NONE, NULL, 0, 0, 0) \
M(42, irradiance_w_m2, "W/m²", 2, NUMBER, ENERGY, 0, 2000, 0, ALL, "irradiance", 0, 0, 0) \
M(43, module_temp, "°C", 2, NUMBER, ENERGY, -60, 150, 0, ALL, "module_temp", 0, 0, 0) \
M(44, status, "", 0, TEXT, ENERGY, 0, 0, 0, NONE, NULL, 0, 0, 0) \
M(45, bms_timestamp, "", 0, TIME, BOTH, 0, 0, 0, NONE, NULL, 0, 0, 0) \
M(46, data_quality, "", 0, WORD, BOTH, 0, 4, 0, NONE, NULL, 0, 0, 0) \
M(47, signal_strength, "%", 0, NUMBER, BOTH, 0, 100, 0, NONE, NULL, 0, 0, 0) \
M(48, communication_errors, "", 0, NUMBER, BOTH, 0, 1000000000, 0, SUM, "communication_errors", 0, 0, 0) \
M(49, notes, "", 0, CODES, BOTH, 0, 0, 0, NONE, NULL, 0, 0, 0) \
M(50, serial_number, "", 0, TEXT, BOTH, 0, 0, 0, NONE, NULL, 0, 0, 0)
/* clang-format on */

#define MEASUREMENT_ID(tag, name, unit, decimals, shape, kinds, low, high,     \
    derived, roll, history, step, slew, share)                                 \
	MEASUREMENT_##name,
enum measurement_id { MEASUREMENTS(MEASUREMENT_ID) MEASUREMENT_COUNT };
#undef MEASUREMENT_ID

struct measurement {
	const char *name; /* JSON key and SQL column */
	const char *unit; /* UTF-8, "" where it has none */
	const char *history; /* stem of its history columns or NULL */
	const char *const *words; /* SHAPE_WORD: names by index */
	int64_t low, high; /* plausible, scaled by decimals */
	int32_t step, slew; /* scaled; slew per minute */
	uint8_t share; /* percent */
	uint8_t tag, decimals, shape, kinds, roll;
	uint8_t name_size;
	uint8_t word_count;
	bool derived;
};

/* In the order of the identifiers; the one place that knows them. */
extern const struct measurement measurement_table[MEASUREMENT_COUNT];

/* The row of a name, or -1. */
int measurement_find(const char *name, size_t size);
/* The row of a packed row's tag, or -1. */
int measurement_search_tag(unsigned tag);
static inline int
measurement_by_tag(unsigned tag)
{
	/* tags are given out in order, so this nearly always hits */
	if (tag >= 1 && tag <= MEASUREMENT_COUNT &&
	    measurement_table[tag - 1].tag == tag)
		return (int)tag - 1;
	return measurement_search_tag(tag);
}
/* Index of a word of a SHAPE_WORD measurement, or -1. */
int measurement_word(int id, const char *word, size_t size);

/* Indices of the words that code asks for by name. */
enum { MODE_IDLE, MODE_CHARGING, MODE_DISCHARGING, MODE_BALANCING, MODE_FAULT };
enum {
	QUALITY_EXCELLENT,
	QUALITY_GOOD,
	QUALITY_FAIR,
	QUALITY_POOR,
	QUALITY_INVALID
};

#endif
