/* What a history row holds, and how rows make the row of a longer period. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "store/history.h"

/* For an efficiency: in parts of a full battery what must have gone in, and
 * in parts of that what may be stored of it. */
#define ENERGY_LEAST 0.2
#define STORED_MOST 0.2

void
history_clear(struct history_row *row)
{
	row->any = false;
	memset(row->known, 0, sizeof(row->known));
}

void
history_set(struct history_row *row, size_t i, double value)
{
	row->value[i] = value;
	row->any = row->known[i] = true;
}

static void
set_named(const struct history_columns *columns, struct history_row *row,
    enum history_named named, double value)
{
	history_set(row, columns->named[named], value);
}

static bool
value_of(const struct history_columns *columns, const struct history_row *row,
    enum history_named named, double *value)
{
	size_t i = columns->named[named];

	*value = row->value[i];
	return row->known[i];
}

/* An average and the time that it covers. */
static void
set_average(struct history_row *row, size_t i, const struct bucket_line *line,
    double scale)
{
	if (line->covered_ms == 0)
		return;
	history_set(
	    row, i, bucket_area(line) / (double)line->covered_ms / scale);
	history_set(row, i + 1, (double)line->covered_ms / MINUTE_MS);
}

/* A column that a measurement's line tells, with what stands behind it. */
static void
set_line(struct history_row *row, size_t i, const struct bucket *bucket,
    const struct bucket_line *line, enum history_fold fold, double scale)
{
	double start = (double)bucket->start_ms;

	if (fold == FOLD_AVG) {
		set_average(row, i, line, scale);
	} else if (!line->seen) {
		return;
	} else if (fold == FOLD_MIN) {
		history_set(row, i, (double)line->least / scale);
		history_set(row, i + 1, start + line->least_at);
	} else if (fold == FOLD_MAX) {
		history_set(row, i, (double)line->most / scale);
		history_set(row, i + 1, start + line->most_at);
	} else if (fold == FOLD_FIRST) {
		history_set(row, i, (double)line->first / scale);
	} else if (fold == FOLD_LAST) {
		history_set(row, i, (double)line->last / scale);
	}
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
	static const enum history_named names[BUCKET_SOURCES] = {
		NAMED_energy_production_wh, NAMED_energy_consumption_wh,
		NAMED_energy_grid_import_wh, NAMED_energy_grid_export_wh,
		NAMED_energy_storage_wh
	};
	double unit = scale_of(MEASUREMENT_pack_power) * HOUR_MS;

	if (bucket->power.any) {
		set_named(columns, row, NAMED_energy_charged_wh,
		    bucket_in(&bucket->power) / unit);
		set_named(columns, row, NAMED_energy_discharged_wh,
		    bucket_out(&bucket->power) / unit);
	}
	unit = scale_of(MEASUREMENT_power_w) * HOUR_MS;
	for (size_t i = 0; i < BUCKET_SOURCES; i++)
		if (bucket->source[i].any)
			set_named(columns, row, names[i],
			    (bucket_in(&bucket->source[i]) -
				bucket_out(&bucket->source[i])) /
				unit);
}

/* What counters counted, and what became of them on the way. */
static void
set_counters(const struct history_columns *columns, const struct bucket *bucket,
    struct history_row *row)
{
	static const struct {
		enum history_named name;
		int id;
	} table[BUCKET_COUNTERS] = {
		{ NAMED_cycles_counted, MEASUREMENT_charge_cycles },
		{ NAMED_charge_counted_ah, MEASUREMENT_total_charge_ah },
		{ NAMED_discharge_counted_ah, MEASUREMENT_total_discharge_ah },
		{ NAMED_energy_charged_counted_wh,
		    MEASUREMENT_total_energy_charged_wh },
		{ NAMED_energy_discharged_counted_wh,
		    MEASUREMENT_total_energy_discharged_wh },
		{ NAMED_energy_production_counted_wh,
		    MEASUREMENT_energy_wh_total },
		{ NAMED_energy_consumption_counted_wh,
		    MEASUREMENT_energy_wh_total },
		{ NAMED_energy_grid_import_counted_wh,
		    MEASUREMENT_energy_wh_total },
		{ NAMED_energy_grid_export_counted_wh,
		    MEASUREMENT_energy_wh_total },
		{ NAMED_energy_storage_counted_wh,
		    MEASUREMENT_energy_wh_total },
	};

	if (bucket->state_size == 0)
		return;
	for (size_t i = 0; i < BUCKET_COUNTERS; i++)
		if (bucket->has_counter[i])
			set_named(columns, row, table[i].name,
			    (double)bucket->counted[i] / scale_of(table[i].id));
	set_named(columns, row, NAMED_counter_resets, (double)bucket->resets);
	set_named(columns, row, NAMED_counter_wraps, (double)bucket->wraps);
	set_named(columns, row, NAMED_counter_suspects, (double)bucket->doubts);
}

static void
set_times(const struct history_columns *columns, const struct bucket *bucket,
    struct history_row *row)
{
	static const enum history_named names[BUCKET_MODES] = { NAMED_time_idle,
		NAMED_time_charging, NAMED_time_discharging,
		NAMED_time_balancing, NAMED_time_fault };

	for (size_t i = 0; i < BUCKET_MODES; i++)
		set_named(columns, row, names[i],
		    (double)bucket->mode_ms[i] / MINUTE_MS);
	set_named(columns, row, NAMED_time_covered,
	    (double)bucket->covered_ms / MINUTE_MS);
}

/* Charge both ways, and in parts of the capacity. */
static void
set_charge(const struct history_columns *columns, const struct bucket *bucket,
    double capacity_ah, struct history_row *row)
{
	double unit = scale_of(MEASUREMENT_pack_current) * HOUR_MS;
	double charge = bucket_in(&bucket->current) / unit;
	double discharge = bucket_out(&bucket->current) / unit;

	if (bucket->full_capacity > 0)
		capacity_ah = (double)bucket->full_capacity /
		    scale_of(MEASUREMENT_full_capacity_ah);
	if (!bucket->current.any)
		return;
	set_named(columns, row, NAMED_charge_ah, charge);
	set_named(columns, row, NAMED_discharge_ah, discharge);
	if (capacity_ah <= 0)
		return;
	set_named(columns, row, NAMED_capacity_ah, capacity_ah);
	if (charge > 0 || discharge > 0)
		set_named(columns, row, NAMED_partial_cycles,
		    (charge + discharge) / 2 / capacity_ah);
}

/*
 * Energy out in parts of what went in, less what was stored of it. Only
 * where enough went in for a state of charge, which is exact to a percent
 * or two, to tell that.
 */
static void
set_efficiency(const struct history_columns *columns, struct history_row *row)
{
	double in, out, first, last, volts, ah, whole, stored, percent;

	if (!value_of(columns, row, NAMED_energy_charged_wh, &in) ||
	    !value_of(columns, row, NAMED_energy_discharged_wh, &out) ||
	    !value_of(columns, row, NAMED_soc_start, &first) ||
	    !value_of(columns, row, NAMED_soc_end, &last) ||
	    !value_of(columns, row, NAMED_pack_voltage_avg, &volts) ||
	    !value_of(columns, row, NAMED_capacity_ah, &ah))
		return;
	whole = volts * ah;
	stored = (last - first) / 100 * whole;
	if (out <= 0 || in < ENERGY_LEAST * whole ||
	    fabs(stored) > STORED_MOST * in)
		return;
	percent = 100 * out / (in - stored);
	if (percent <= 100)
		set_named(columns, row, NAMED_efficiency_percent, percent);
}

void
history_from_bucket(const struct history_columns *columns,
    const struct bucket_plan *plan, const struct bucket *bucket,
    double capacity_ah, struct history_row *row)
{
	history_clear(row);
	if (bucket_empty(bucket))
		return;
	for (size_t i = 0; i < columns->count; i++) {
		int id = columns->column[i].measurement;

		if (id >= 0 && columns->column[i].fold != FOLD_SUM)
			set_line(row, i, bucket, &bucket->line[plan->line[id]],
			    columns->column[i].fold, scale_of(id));
	}
	set_energies(columns, bucket, row);
	set_charge(columns, bucket, capacity_ah, row);
	set_efficiency(columns, row);
	set_counters(columns, bucket, row);
	set_times(columns, bucket, row);
	set_named(
	    columns, row, NAMED_data_points_count, (double)bucket->points);
	set_named(columns, row, NAMED_communication_errors_total,
	    (double)bucket->errors);
	if (bucket->quality_count == 0)
		return;
	set_named(columns, row, NAMED_data_quality_avg,
	    (double)bucket->quality_sum / (double)bucket->quality_count);
	set_named(columns, row, NAMED_data_quality_count,
	    (double)bucket->quality_count);
}

/* The weights stand in the column behind; the row's is added to later. */
static void
fold_mean(struct history_row *row, size_t i, const struct history_row *part)
{
	double weight = part->known[i + 1] ? part->value[i + 1] : 0;
	double sum = row->value[i + 1] + weight;

	if (sum > 0)
		row->value[i] +=
		    (part->value[i] - row->value[i]) * weight / sum;
}

/* An extreme and its time; of two the earlier one stays. */
static void
fold_extreme(struct history_row *row, size_t i, const struct history_row *part,
    bool better)
{
	if (!better)
		return;
	row->value[i] = part->value[i];
	row->value[i + 1] = part->value[i + 1];
}

static void
fold_two(enum history_fold fold, struct history_row *row, size_t i,
    const struct history_row *part)
{
	switch (fold) {
	case FOLD_AVG:
		fold_mean(row, i, part);
		break;
	case FOLD_MIN:
		fold_extreme(row, i, part, part->value[i] < row->value[i]);
		break;
	case FOLD_MAX:
		fold_extreme(row, i, part, part->value[i] > row->value[i]);
		break;
	case FOLD_LAST:
		row->value[i] = part->value[i];
		break;
	case FOLD_SUM:
		row->value[i] += part->value[i];
		break;
	default: /* the first stays; times went with their extremes */
		break;
	}
}

void
history_fold(const struct history_columns *columns, struct history_row *row,
    const struct history_row *part)
{
	for (size_t i = 0; i < columns->count; i++) {
		enum history_fold fold = columns->column[i].fold;

		if (!part->known[i] || fold == FOLD_EFFICIENCY)
			continue;
		if (row->known[i])
			fold_two(fold, row, i, part);
		else
			history_set(row, i, part->value[i]);
	}
}

void
history_fold_end(const struct history_columns *columns, struct history_row *row)
{
	set_efficiency(columns, row);
}
