/* What a history row holds, and how rows make the row of a longer period. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "store/history.h"

#define HOUR_MS 3600000.0
#define MINUTE_MS 60000.0
#define SOC_SAME 5.0 /* percent points */
#define ENERGY_LEAST 1e-6 /* Wh: less is what rounding leaves of none */

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
	history_set(row, i, line->area / (double)line->covered_ms / scale);
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

	if (bucket->has_power) {
		set_named(columns, row, NAMED_energy_charged_wh,
		    bucket->charged / unit);
		set_named(columns, row, NAMED_energy_discharged_wh,
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
	static const enum history_named names[BUCKET_MODES] = { NAMED_time_idle,
		NAMED_time_charging, NAMED_time_discharging,
		NAMED_time_balancing, NAMED_time_fault };
	int64_t covered_ms = bucket->covered_ms[0] > bucket->covered_ms[1]
	    ? bucket->covered_ms[0]
	    : bucket->covered_ms[1];

	for (size_t i = 0; i < BUCKET_MODES; i++)
		set_named(columns, row, names[i],
		    (double)bucket->mode_ms[i] / MINUTE_MS);
	set_named(
	    columns, row, NAMED_time_covered, (double)covered_ms / MINUTE_MS);
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
		set_named(columns, row, NAMED_partial_cycles,
		    (bucket->charge + bucket->discharge) / amperes / 2 /
			capacity_ah);
}

/* Only where both directions flowed and about as much is stored at the end
 * as at the start: else what was stored looks like a loss or a gain. */
static void
set_efficiency(const struct history_columns *columns, struct history_row *row)
{
	double in, out, first, last;

	if (value_of(columns, row, NAMED_energy_charged_wh, &in) &&
	    value_of(columns, row, NAMED_energy_discharged_wh, &out) &&
	    value_of(columns, row, NAMED_soc_start, &first) &&
	    value_of(columns, row, NAMED_soc_end, &last) &&
	    fabs(last - first) <= SOC_SAME && out > ENERGY_LEAST && out <= in)
		set_named(
		    columns, row, NAMED_efficiency_percent, 100 * out / in);
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
	set_efficiency(columns, row);
	set_cycles(columns, bucket, capacity_ah, row);
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
