/* Which columns a history row has, from the table of measurements. */
#include <stdio.h>
#include <string.h>

#include "store/history.h"

/* The columns that belong to no single measurement, by enum history_named. */
static const struct {
	const char *name, *unit;
	enum history_fold fold;
	unsigned decimals;
} extra_columns[] = {
	[NAMED_energy_charged_wh] = { "energy_charged_wh", "Wh", FOLD_SUM, 2 },
	[NAMED_energy_discharged_wh] = { "energy_discharged_wh", "Wh", FOLD_SUM,
	    2 },
	[NAMED_energy_production_wh] = { "energy_production_wh", "Wh", FOLD_SUM,
	    2 },
	[NAMED_energy_consumption_wh] = { "energy_consumption_wh", "Wh",
	    FOLD_SUM, 2 },
	[NAMED_energy_grid_import_wh] = { "energy_grid_import_wh", "Wh",
	    FOLD_SUM, 2 },
	[NAMED_energy_grid_export_wh] = { "energy_grid_export_wh", "Wh",
	    FOLD_SUM, 2 },
	[NAMED_energy_storage_wh] = { "energy_storage_wh", "Wh", FOLD_SUM, 2 },
	[NAMED_charge_ah] = { "charge_ah", "Ah", FOLD_SUM, 3 },
	[NAMED_discharge_ah] = { "discharge_ah", "Ah", FOLD_SUM, 3 },
	[NAMED_efficiency_percent] = { "efficiency_percent", "%",
	    FOLD_EFFICIENCY, 2 },
	[NAMED_partial_cycles] = { "partial_cycles", "", FOLD_SUM, 4 },
	[NAMED_time_idle] = { "time_idle", "min", FOLD_SUM, 2 },
	[NAMED_time_charging] = { "time_charging", "min", FOLD_SUM, 2 },
	[NAMED_time_discharging] = { "time_discharging", "min", FOLD_SUM, 2 },
	[NAMED_time_balancing] = { "time_balancing", "min", FOLD_SUM, 2 },
	[NAMED_time_fault] = { "time_fault", "min", FOLD_SUM, 2 },
	[NAMED_time_covered] = { "time_covered", "min", FOLD_SUM, 2 },
	[NAMED_data_points_count] = { "data_points_count", "", FOLD_SUM, 0 },
	[NAMED_data_quality_avg] = { "data_quality_avg", "", FOLD_AVG, 1 },
	[NAMED_data_quality_count] = { "data_quality_count", "", FOLD_SUM, 0 },
	[NAMED_capacity_ah] = { "capacity_ah", "Ah", FOLD_LAST, 3 },
	[NAMED_cycles_counted] = { "cycles_counted", "", FOLD_SUM, 0 },
	[NAMED_charge_counted_ah] = { "charge_counted_ah", "Ah", FOLD_SUM, 3 },
	[NAMED_discharge_counted_ah] = { "discharge_counted_ah", "Ah", FOLD_SUM,
	    3 },
	[NAMED_energy_charged_counted_wh] = { "energy_charged_counted_wh", "Wh",
	    FOLD_SUM, 2 },
	[NAMED_energy_discharged_counted_wh] = { "energy_discharged_counted_wh",
	    "Wh", FOLD_SUM, 2 },
	[NAMED_energy_production_counted_wh] = { "energy_production_counted_wh",
	    "Wh", FOLD_SUM, 2 },
	[NAMED_energy_consumption_counted_wh] = { "energy_consumption_counted_"
						  "wh",
	    "Wh", FOLD_SUM, 2 },
	[NAMED_energy_grid_import_counted_wh] = { "energy_grid_import_counted_"
						  "wh",
	    "Wh", FOLD_SUM, 2 },
	[NAMED_energy_grid_export_counted_wh] = { "energy_grid_export_counted_"
						  "wh",
	    "Wh", FOLD_SUM, 2 },
	[NAMED_energy_storage_counted_wh] = { "energy_storage_counted_wh", "Wh",
	    FOLD_SUM, 2 },
	[NAMED_counter_resets] = { "counter_resets", "", FOLD_SUM, 0 },
	[NAMED_counter_wraps] = { "counter_wraps", "", FOLD_SUM, 0 },
	[NAMED_counter_suspects] = { "counter_suspects", "", FOLD_SUM, 0 },
};

#define EXTRAS (sizeof(extra_columns) / sizeof(extra_columns[0]))

static const struct {
	unsigned roll;
	const char *suffix;
	enum history_fold fold;
} suffixes[] = {
	{ ROLL_AVG, "avg", FOLD_AVG },
	{ ROLL_MIN, "min", FOLD_MIN },
	{ ROLL_MAX, "max", FOLD_MAX },
	{ ROLL_START, "start", FOLD_FIRST },
	{ ROLL_END, "end", FOLD_LAST },
	{ ROLL_SUM, "total", FOLD_SUM },
};

#define SUFFIXES (sizeof(suffixes) / sizeof(suffixes[0]))

static struct history_column *
add_column(struct history_columns *columns, enum history_fold fold, int id)
{
	struct history_column *column = &columns->column[columns->count];

	/* one too many overwrites the last; the table's test would tell */
	if (columns->count + 1 < HISTORY_COLUMNS_MAX)
		columns->count++;
	*column = (struct history_column){ .fold = fold, .measurement = id };
	return column;
}

/* What stands behind an average or an extreme. */
static void
add_companion(struct history_columns *columns, const char *stem,
    const char *suffix, enum history_fold fold)
{
	struct history_column *column;

	if (fold == FOLD_AVG) {
		column = add_column(columns, FOLD_SUM, -1);
		column->unit = "min";
		column->decimals = 2;
		snprintf(
		    column->name, sizeof(column->name), "%s_covered", stem);
	} else if (fold == FOLD_MIN || fold == FOLD_MAX) {
		column = add_column(columns, FOLD_TIME, -1);
		column->unit = "UTC";
		snprintf(column->name, sizeof(column->name), "%s_%s_time", stem,
		    suffix);
	}
}

/* Columns of measurements that are looked for by name. */
static void
note_named(struct history_columns *columns, const char *name)
{
	static const struct {
		const char *name;
		enum history_named named;
	} wanted[] = { { "soc_start", NAMED_soc_start },
		{ "soc_end", NAMED_soc_end },
		{ "pack_voltage_avg", NAMED_pack_voltage_avg },
		{ "communication_errors_total",
		    NAMED_communication_errors_total } };

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (strcmp(wanted[i].name, name) == 0)
			columns->named[wanted[i].named] = columns->count - 1;
}

static void
add_measurement(
    struct history_columns *columns, const struct measurement *row, int id)
{
	struct history_column *column;

	for (size_t i = 0; i < SUFFIXES; i++) {
		if ((row->roll & suffixes[i].roll) == 0)
			continue;
		column = add_column(columns, suffixes[i].fold, id);
		column->unit = row->unit;
		column->decimals = row->decimals;
		snprintf(column->name, sizeof(column->name), "%s_%s",
		    row->history, suffixes[i].suffix);
		note_named(columns, column->name);
		add_companion(columns, row->history, suffixes[i].suffix,
		    suffixes[i].fold);
	}
}

void
history_columns_fill(struct history_columns *columns)
{
	struct history_column *column;

	columns->count = 0;
	for (int id = 0; id < MEASUREMENT_COUNT; id++)
		if (measurement_table[id].history != NULL)
			add_measurement(columns, &measurement_table[id], id);
	for (size_t i = 0; i < EXTRAS; i++) {
		column = add_column(columns, extra_columns[i].fold, -1);
		columns->named[i] = columns->count - 1;
		column->unit = extra_columns[i].unit;
		column->decimals = extra_columns[i].decimals;
		snprintf(column->name, sizeof(column->name), "%s",
		    extra_columns[i].name);
	}
}
