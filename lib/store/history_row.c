/* What a history row holds, and how rows make the row of a longer period. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "store/history.h"

#define HOUR_MS 3600000.0
#define MINUTE_MS 60000.0
#define SOC_SAME 5.0 /* percent points */

/* The columns that belong to no single measurement. */
static const struct {
	const char *name, *unit;
	enum history_fold fold;
	unsigned decimals;
} extra_columns[] = {
	{ "energy_charged_wh", "Wh", FOLD_SUM, 2 },
	{ "energy_discharged_wh", "Wh", FOLD_SUM, 2 },
	{ "energy_production_wh", "Wh", FOLD_SUM, 2 },
	{ "energy_consumption_wh", "Wh", FOLD_SUM, 2 },
	{ "energy_grid_import_wh", "Wh", FOLD_SUM, 2 },
	{ "energy_grid_export_wh", "Wh", FOLD_SUM, 2 },
	{ "energy_storage_wh", "Wh", FOLD_SUM, 2 },
	{ "efficiency_percent", "%", FOLD_EFFICIENCY, 2 },
	{ "partial_cycles", "", FOLD_SUM, 4 },
	{ "time_idle", "min", FOLD_SUM, 2 },
	{ "time_charging", "min", FOLD_SUM, 2 },
	{ "time_discharging", "min", FOLD_SUM, 2 },
	{ "time_balancing", "min", FOLD_SUM, 2 },
	{ "time_fault", "min", FOLD_SUM, 2 },
	{ "time_covered", "min", FOLD_SUM, 2 },
	{ "data_points_count", "", FOLD_SUM, 0 },
	{ "data_quality_avg", "", FOLD_QUALITY, 1 },
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

static void
add_column(struct history_columns *columns, const char *stem,
    const char *suffix, enum history_fold fold, int id)
{
	struct history_column *column = &columns->column[columns->count];

	if (columns->count == HISTORY_COLUMNS_MAX)
		return;
	*column = (struct history_column){ .fold = fold, .measurement = id };
	snprintf(column->name, sizeof(column->name), "%s%s%s", stem,
	    *suffix == '\0' ? "" : "_", suffix);
	if (id >= 0) {
		column->unit = measurement_table[id].unit;
		column->decimals = measurement_table[id].decimals;
	}
	columns->count++;
}

void
history_columns_fill(struct history_columns *columns)
{
	columns->count = 0;
	for (int id = 0; id < MEASUREMENT_COUNT; id++) {
		const struct measurement *row = &measurement_table[id];

		for (size_t i = 0; i < SUFFIXES; i++)
			if ((row->roll & suffixes[i].roll) != 0 &&
			    row->history != NULL)
				add_column(columns, row->history,
				    suffixes[i].suffix, suffixes[i].fold, id);
	}
	for (size_t i = 0; i < EXTRAS; i++) {
		add_column(columns, extra_columns[i].name, "",
		    extra_columns[i].fold, -1);
		columns->column[columns->count - 1].unit =
		    extra_columns[i].unit;
		columns->column[columns->count - 1].decimals =
		    extra_columns[i].decimals;
	}
}

int
history_column(const struct history_columns *columns, const char *name)
{
	for (size_t i = 0; i < columns->count; i++)
		if (strcmp(columns->column[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* Six decimals: finer than any measurement, and short when printed. */
static double
rounded(double value)
{
	return round(value * 1e6) / 1e6;
}

static void
set(struct history_row *row, size_t i, double value)
{
	row->value[i] = rounded(value);
	row->known |= UINT64_C(1) << i;
}

static void
set_named(const struct history_columns *columns, struct history_row *row,
    const char *name, double value)
{
	int i = history_column(columns, name);

	if (i != -1)
		set(row, (size_t)i, value);
}

static bool
value_of(const struct history_columns *columns, const struct history_row *row,
    const char *name, double *value)
{
	int i = history_column(columns, name);

	if (i == -1 || (row->known >> i & 1) == 0)
		return false;
	*value = row->value[i];
	return true;
}

/* A column that a measurement's line tells. */
static void
set_line(struct history_row *row, size_t i, const struct bucket_line *line,
    enum history_fold fold, double scale)
{
	if (fold == FOLD_AVG && line->covered_ms > 0)
		set(row, i, line->area / (double)line->covered_ms / scale);
	else if (fold == FOLD_AVG || !line->seen)
		return;
	else if (fold == FOLD_MIN)
		set(row, i, (double)line->least / scale);
	else if (fold == FOLD_MAX)
		set(row, i, (double)line->most / scale);
	else if (fold == FOLD_FIRST)
		set(row, i, (double)line->first / scale);
	else if (fold == FOLD_LAST)
		set(row, i, (double)line->last / scale);
}

static double
scale_of(int id)
{
	return (double)num_power10(measurement_table[id].decimals);
}

static void
set_energies(const struct history_columns *columns, const struct bucket *bucket,
    struct history_row *row)
{
	static const char *const names[BUCKET_SOURCES] = {
		"energy_production_wh", "energy_consumption_wh",
		"energy_grid_import_wh", "energy_grid_export_wh",
		"energy_storage_wh"
	};
	double unit = scale_of(MEASUREMENT_pack_power) * HOUR_MS;

	if (bucket->has_power) {
		set_named(
		    columns, row, "energy_charged_wh", bucket->charged / unit);
		set_named(columns, row, "energy_discharged_wh",
		    bucket->discharged / unit);
	}
	unit = scale_of(MEASUREMENT_power_w) * HOUR_MS;
	for (size_t i = 0; i < BUCKET_SOURCES; i++)
		if (bucket->has_source[i])
			set_named(
			    columns, row, names[i], bucket->source[i] / unit);
}

static void
set_times(const struct history_columns *columns, const struct bucket *bucket,
    struct history_row *row)
{
	static const char *const names[BUCKET_MODES] = { "time_idle",
		"time_charging", "time_discharging", "time_balancing",
		"time_fault" };
	int64_t covered_ms = bucket->covered_ms[0] > bucket->covered_ms[1]
	    ? bucket->covered_ms[0]
	    : bucket->covered_ms[1];

	for (size_t i = 0; i < BUCKET_MODES; i++)
		set_named(columns, row, names[i],
		    (double)bucket->mode_ms[i] / MINUTE_MS);
	set_named(columns, row, "time_covered", (double)covered_ms / MINUTE_MS);
}

static void
set_cycles(const struct history_columns *columns, const struct bucket *bucket,
    double capacity_ah, struct history_row *row)
{
	double amperes = scale_of(MEASUREMENT_pack_current) * HOUR_MS;

	if (bucket->full_capacity > 0)
		capacity_ah = (double)bucket->full_capacity /
		    scale_of(MEASUREMENT_full_capacity_ah);
	if (capacity_ah > 0 && (bucket->charge > 0 || bucket->discharge > 0))
		set_named(columns, row, "partial_cycles",
		    (bucket->charge + bucket->discharge) / amperes / 2 /
			capacity_ah);
}

/* Only where both directions flowed and about as much is stored at the end
 * as at the start: else what was stored looks like a loss or a gain. */
static void
set_efficiency(const struct history_columns *columns, struct history_row *row)
{
	double in, out, first, last;

	if (value_of(columns, row, "energy_charged_wh", &in) &&
	    value_of(columns, row, "energy_discharged_wh", &out) &&
	    value_of(columns, row, "soc_start", &first) &&
	    value_of(columns, row, "soc_end", &last) &&
	    fabs(last - first) <= SOC_SAME && out > 0 && out <= in)
		set_named(columns, row, "efficiency_percent", 100 * out / in);
}

void
history_from_bucket(const struct history_columns *columns,
    const struct bucket_plan *plan, const struct bucket *bucket,
    double capacity_ah, struct history_row *row)
{
	row->known = 0;
	if (bucket_empty(bucket))
		return;
	for (size_t i = 0; i < columns->count; i++) {
		int id = columns->column[i].measurement;

		if (id >= 0 && columns->column[i].fold != FOLD_SUM)
			set_line(row, i, &bucket->line[plan->line[id]],
			    columns->column[i].fold, scale_of(id));
	}
	set_energies(columns, bucket, row);
	set_efficiency(columns, row);
	set_cycles(columns, bucket, capacity_ah, row);
	set_times(columns, bucket, row);
	set_named(columns, row, "data_points_count", (double)bucket->points);
	set_named(
	    columns, row, "communication_errors_total", (double)bucket->errors);
	if (bucket->quality_count > 0)
		set_named(columns, row, "data_quality_avg",
		    (double)bucket->quality_sum /
			(double)bucket->quality_count);
}

/* How much one average weighs against others of its column. */
static double
weight_of(const struct history_columns *columns, const struct history_row *row,
    enum history_fold fold)
{
	double weight = 0;

	value_of(columns, row,
	    fold == FOLD_AVG ? "time_covered" : "data_points_count", &weight);
	return weight;
}

static double
fold_two(enum history_fold fold, double had, double value)
{
	switch (fold) {
	case FOLD_MIN:
		return value < had ? value : had;
	case FOLD_MAX:
		return value > had ? value : had;
	case FOLD_LAST:
		return value;
	case FOLD_SUM:
		return had + value;
	default:
		return had;
	}
}

static void
fold_mean(struct history_row *row, size_t i, double value, double weight)
{
	double sum = row->weight[i] + weight;

	if (sum > 0)
		row->value[i] += (value - row->value[i]) * weight / sum;
	row->weight[i] = sum;
}

static void
fold_one(struct history_row *row, size_t i, enum history_fold fold,
    double value, double weight)
{
	uint64_t bit = UINT64_C(1) << i;

	if ((row->known & bit) == 0) {
		row->value[i] = value;
		row->weight[i] = weight;
		row->known |= bit;
	} else if (fold == FOLD_AVG || fold == FOLD_QUALITY) {
		fold_mean(row, i, value, weight);
	} else {
		row->value[i] = fold_two(fold, row->value[i], value);
	}
}

void
history_fold(const struct history_columns *columns, struct history_row *row,
    const struct history_row *part)
{
	double covered = weight_of(columns, part, FOLD_AVG);
	double points = weight_of(columns, part, FOLD_QUALITY);

	for (size_t i = 0; i < columns->count; i++) {
		enum history_fold fold = columns->column[i].fold;

		if ((part->known >> i & 1) != 0 && fold != FOLD_EFFICIENCY)
			fold_one(row, i, fold, part->value[i],
			    fold == FOLD_AVG ? covered : points);
	}
}

void
history_fold_end(const struct history_columns *columns, struct history_row *row)
{
	for (size_t i = 0; i < columns->count; i++)
		if ((row->known >> i & 1) != 0)
			row->value[i] = rounded(row->value[i]);
	set_efficiency(columns, row);
}
