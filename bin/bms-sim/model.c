/* What the simulated battery measures: cells, temperatures, counters. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "day.h"
#include "model.h"

#define YEAR_MS (365.25 * DAY_MS)
/* Ohm of one cell that has 1 Ah; a larger one has less. */
#define CELL_RESISTANCE 0.09
/* How far a cell climbs away, in volts, and from which spread on the
 * battery balances. */
#define IMBALANCE_V 0.45
#define BALANCE_V 0.020
/* Alone, the imbalance starts again each day. */
#define IMBALANCE_MS DAY_MS
#define CELL_HIGH_V 3.65
#define CELL_NOMINAL_V 3.2

/* Each make has a word of its own for it; profile_encode takes the one that
 * it knows. */
#define OVERVOLTAGE                                                            \
	"[\"cell_overvoltage\",\"cell_voltage_high\","                         \
	"\"overvoltage\",\"overvoltage_rsl\"]"
#define OVERCURRENT                                                            \
	"[\"discharge_overcurrent\","                                          \
	"\"discharge_overcurrent_msl\",\"pack_overcurrent_discharge\","        \
	"\"alarm\"]"

/* Open circuit voltage of a cell over its state of charge in steps of 5 %,
 * after the usual curves of LFP cells at 25 °C. */
static const double ocv[21] = { 2.500, 3.000, 3.170, 3.210, 3.240, 3.258, 3.275,
	3.284, 3.291, 3.295, 3.299, 3.303, 3.308, 3.317, 3.327, 3.331, 3.333,
	3.335, 3.338, 3.345, 3.430 };

static double
cell_ocv(double soc)
{
	double at = fmin(fmax(soc, 0), 1) * 20;
	int step = at >= 20 ? 19 : (int)at;

	return ocv[step] + (ocv[step + 1] - ocv[step]) * (at - step);
}

static void
put(struct reading *reading, int id, double value)
{
	const struct measurement *row = &measurement_table[id];
	static const double power[4] = { 1, 10, 100, 1000 };
	int64_t scaled = llround(value * power[row->decimals]);

	if (scaled < row->low)
		scaled = row->low;
	if (scaled > row->high)
		scaled = row->high;
	reading_set(reading, id, scaled);
}

static void
put_codes(struct reading *reading, int id, const char *json)
{
	reading_set_text(reading, id, json, strlen(json));
}

/* Where the pack is in its scenario. */
struct pack {
	double soc, current;
	double ambient;
	double imbalance; /* volts of the odd cell */
	unsigned odd; /* which one */
	bool fault;
};

/* How far the imbalance has grown: all of it at two thirds of its span. */
static double
grown(const struct scenario_now *now, int64_t time_ms)
{
	bool always = now->from_ms == 0;
	double span =
	    always ? IMBALANCE_MS : (double)(now->to_ms - now->from_ms);
	double at = always ? (double)(time_ms % (int64_t)IMBALANCE_MS)
			   : (double)(time_ms - now->from_ms);

	return fmin(at / span * 1.5, 1);
}

static void
pack_at(const struct model *model, const struct scenario_now *now,
    int64_t time_ms, struct pack *pack)
{
	struct day_state day = day_at(
	    model->key, now->scenario, time_ms - model->noon_ms + DAY_MS / 2);

	memset(pack, 0, sizeof(*pack));
	pack->soc = day.soc;
	pack->current = day.rate_per_h * model->capacity_ah;
	pack->ambient = day.ambient;
	pack->odd = (unsigned)(day_noise(model->key, 7, 0) * model->cells);
	if (now->scenario == SCENARIO_IMBALANCE)
		pack->imbalance = IMBALANCE_V * grown(now, time_ms);
	pack->fault = now->scenario == SCENARIO_FAULT;
	if (pack->fault)
		pack->current = 0;
	/* the sensor and the inverter's own use */
	pack->current += 0.02 * day_noise(model->key, 8, time_ms) - 0.06;
}

static void
put_cells(const struct model *model, const struct pack *pack, int64_t time_ms,
    struct arena *arena, struct reading *reading)
{
	int32_t *cell = arena_alloc(arena, model->cells * sizeof(*cell));
	double drop = pack->current * CELL_RESISTANCE / model->capacity_ah;
	double sum = 0;

	for (unsigned i = 0; i < model->cells; i++) {
		double odd = day_noise(model->key, 1000 + i, 0) - 0.5;
		double volts = cell_ocv(pack->soc + odd * 0.01) +
		    drop * (1 + odd * 0.2) + odd * 0.006 +
		    (day_noise(model->key, 2000 + i, time_ms) - 0.5) * 0.002;

		if (i == pack->odd)
			volts += pack->imbalance;
		cell[i] = (int32_t)lround(volts * 1000);
		sum += cell[i];
	}
	reading_set_list(
	    reading, MEASUREMENT_cell_voltages, cell, model->cells);
	put(reading, MEASUREMENT_pack_voltage, sum / 1000);
}

static void
put_temperatures(const struct model *model, const struct pack *pack,
    int64_t time_ms, struct arena *arena, struct reading *reading)
{
	int32_t *item =
	    arena_alloc(arena, (model->temperatures + 1) * sizeof(*item));
	double load = pack->current / model->capacity_ah;
	/* in its cabinet a pack is warmer and steadier than the air */
	double base = 22 + (pack->ambient - 22) * 0.4 + 60 * load * load;

	for (unsigned i = 0; i < model->temperatures; i++) {
		double odd = day_noise(model->key, 3000 + i, 0) * 2 - 1;
		double noise = day_noise(model->key, 4000 + i, time_ms);

		item[i] =
		    (int32_t)lround((base + odd + (noise - 0.5) * 0.2) * 10) *
		    10;
	}
	if (model->temperatures > 0)
		reading_set_list(reading, MEASUREMENT_temperatures, item,
		    model->temperatures);
	put(reading, MEASUREMENT_ambient_temp, round(pack->ambient * 10) / 10);
}

static void
put_state(const struct pack *pack, struct arena *arena, struct reading *reading)
{
	bool high = reading->value[MEASUREMENT_cell_voltage_max].number >
	    (int64_t)(CELL_HIGH_V * 1000);
	bool balancing = pack->imbalance > BALANCE_V && !pack->fault;
	int32_t *cell = arena_alloc(arena, sizeof(*cell));

	*cell = (int32_t)pack->odd + 1;
	reading_set_list(reading, MEASUREMENT_balancing_cells, cell, balancing);
	reading_set(reading, MEASUREMENT_balancing_active, balancing);
	reading_set(
	    reading, MEASUREMENT_charging_enabled, !pack->fault && !high);
	reading_set(reading, MEASUREMENT_discharging_enabled, !pack->fault);
	put_codes(
	    reading, MEASUREMENT_warning_codes, high ? OVERVOLTAGE : "[]");
	put_codes(
	    reading, MEASUREMENT_fault_codes, pack->fault ? OVERCURRENT : "[]");
	put_codes(reading, MEASUREMENT_protection_status,
	    pack->fault ? "{\"discharge_overcurrent\":true}" : "{}");
}

static void
put_counters(struct model *model, const struct pack *pack, int64_t time_ms,
    struct reading *reading)
{
	struct day_counters total =
	    day_counters(model->key, time_ms - model->noon_ms + DAY_MS / 2,
		&model->charged, &model->discharged, &model->days);
	double years = (double)total.age_ms / YEAR_MS;
	double health = 1 - 0.018 * years - 0.004 * sqrt(years);
	double full = model->capacity_ah * fmax(health, 0.5);
	double in = total.charged * model->capacity_ah;
	double out = total.discharged * model->capacity_ah;
	double nominal = CELL_NOMINAL_V * model->cells;

	put(reading, MEASUREMENT_soc_percent, round(pack->soc * 1000) / 10);
	put(reading, MEASUREMENT_soh_percent,
	    round(fmax(health, 0.5) * 1000) / 10);
	put(reading, MEASUREMENT_full_capacity_ah, round(full * 100) / 100);
	put(reading, MEASUREMENT_remaining_capacity_ah,
	    round(full * pack->soc * 100) / 100);
	put(reading, MEASUREMENT_charge_cycles, floor(total.discharged));
	put(reading, MEASUREMENT_total_charge_ah, in);
	put(reading, MEASUREMENT_total_discharge_ah, out);
	put(reading, MEASUREMENT_total_energy_charged_wh, in * nominal * 1.04);
	put(reading, MEASUREMENT_total_energy_discharged_wh,
	    out * nominal * 1.01);
}

static void
put_limits(
    const struct model *model, const struct pack *pack, struct reading *reading)
{
	double most = pack->fault ? 0 : model->capacity_ah / 2;

	put(reading, MEASUREMENT_charge_voltage_limit, 3.55 * model->cells);
	put(reading, MEASUREMENT_discharge_voltage_limit, 2.8 * model->cells);
	put(reading, MEASUREMENT_charge_current_limit,
	    pack->soc > 0.95 ? most * 0.2 : most);
	put(reading, MEASUREMENT_discharge_current_limit,
	    pack->soc < 0.1 ? most * 0.2 : most);
}

/* What an inverter or meter beside the pack would tell: the power that the
 * sun gives to it, and all of it so far. */
static void
put_energy(
    const struct model *model, const struct pack *pack, struct reading *reading)
{
	double volts = CELL_NOMINAL_V * 1.04 * model->cells;

	put(reading, MEASUREMENT_power_w,
	    round(fmax(pack->current, 0) * volts));
	reading->value[MEASUREMENT_energy_wh_total].number =
	    reading->value[MEASUREMENT_total_energy_charged_wh].number;
	reading->present |= UINT64_C(1) << MEASUREMENT_energy_wh_total;
}

uint64_t
model_key(uint64_t seed, const char *name)
{
	uint64_t key =
	    seed * UINT64_C(0x9e3779b97f4a7c15) ^ UINT64_C(0xcbf29ce484222325);

	/* FNV-1a */
	for (; *name != '\0'; name++)
		key = (key ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	return key;
}

void
model_reading(struct model *model, const struct scenario_now *now,
    int64_t time_ms, struct arena *arena, struct reading *reading)
{
	struct pack pack;

	reading_clear(reading);
	reading->time_ms = time_ms;
	pack_at(model, now, time_ms, &pack);
	put_cells(model, &pack, time_ms, arena, reading);
	put(reading, MEASUREMENT_pack_current, round(pack.current * 100) / 100);
	put_temperatures(model, &pack, time_ms, arena, reading);
	put_counters(model, &pack, time_ms, reading);
	put_limits(model, &pack, reading);
	put_energy(model, &pack, reading);
	reading_derive(reading);
	put_state(&pack, arena, reading);
	/* the mode is told last: it hangs on the fault */
	reading_unset(reading, MEASUREMENT_operation_mode);
	reading_derive(reading);
}

void
model_free(struct model *model)
{
	free(model->charged);
	free(model->discharged);
	model->charged = model->discharged = NULL;
	model->days = 0;
}
