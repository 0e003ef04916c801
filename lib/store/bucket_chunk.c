/* What the rows of a block say, column by column, and whether that can be
 * added up as it stands. */
#include <string.h>

#include "record/derive.h"
#include "store/bucket_chunk.h"

/* ---- what the rows say ------------------------------------------------ */

static void
measure_time(struct chunk *chunk)
{
	const int64_t *time_ms = chunk->block->time_ms + chunk->from;
	int64_t before_ms = chunk->before_ms, gap_ms = chunk->track->gap_ms;

	chunk->covered_ms = 0;
	for (size_t i = 0; i < chunk->count; i++) {
		int64_t length = time_ms[i] - before_ms;

		chunk->length[i] = length <= gap_ms ? length : 0;
		chunk->covered_ms += chunk->length[i];
		before_ms = time_ms[i];
	}
}

static int64_t *
make(struct chunk *chunk, int id)
{
	int64_t *value = chunk->made[chunk->made_count++];

	chunk->value[id] = value;
	return value;
}

static void
take_columns(struct chunk *chunk)
{
	memset(chunk->value, 0, sizeof(chunk->value));
	chunk->made_count = 0;
	for (uint64_t left = chunk->keep; left != 0; left &= left - 1) {
		int id = __builtin_ctzll(left);
		const struct column *column = &chunk->block->column[id];

		if (column->item == NULL && column->text == NULL)
			chunk->value[id] = column->number + chunk->from;
	}
}

/* Least, greatest, mean and, with spread >= 0, what lies between; false for
 * a list in which something is unknown, or of another length than `size`. */
static bool
make_extremes(struct chunk *chunk, int list, int id, int spread, uint32_t size)
{
	const struct column *column = &chunk->block->column[list];
	int64_t *low = make(chunk, id), *high = make(chunk, id + 1);
	int64_t *mean = make(chunk, id + 2), *apart = NULL;

	if (spread >= 0)
		apart = make(chunk, spread);
	for (size_t i = 0; i < chunk->count; i++) {
		const int32_t *item = column->item[chunk->from + i];
		int32_t least = INT32_MAX, most = INT32_MIN;
		int64_t sum = 0;

		if (column->length[chunk->from + i] != size)
			return false;
		for (uint32_t k = 0; k < size; k++) {
			least = item[k] < least ? item[k] : least;
			most = item[k] > most ? item[k] : most;
			sum += item[k];
		}
		if (least == READING_ITEM_UNKNOWN)
			return false;
		low[i] = least;
		high[i] = most;
		mean[i] = derive_divide(sum, size);
		if (apart != NULL)
			apart[i] = (int64_t)most - least;
	}
	return true;
}

_Static_assert(
    MEASUREMENT_cell_voltage_max == MEASUREMENT_cell_voltage_min + 1 &&
	MEASUREMENT_cell_voltage_avg == MEASUREMENT_cell_voltage_min + 2 &&
	MEASUREMENT_temp_max == MEASUREMENT_temp_min + 1 &&
	MEASUREMENT_temp_avg == MEASUREMENT_temp_min + 2,
    "least, greatest and mean stand side by side");

static bool
make_lists(struct chunk *chunk)
{
	for (size_t n = 0; n < BUCKET_LISTS; n++) {
		int list = bucket_list_ids[n];
		bool cells = list == MEASUREMENT_cell_voltages;
		uint32_t size;

		if (!chunk_keeps(chunk, list))
			continue;
		size = chunk->block->column[list].length[chunk->from];
		if (size == 0 || size != chunk->here->list[n].count ||
		    size > chunk->track->list[n].count)
			return false;
		if (!chunk->block->derived &&
		    !make_extremes(chunk, list,
			cells ? MEASUREMENT_cell_voltage_min
			      : MEASUREMENT_temp_min,
			cells ? MEASUREMENT_cell_voltage_diff : -1, size))
			return false;
	}
	return true;
}

static bool
make_power(struct chunk *chunk)
{
	const int64_t *voltage = chunk->value[MEASUREMENT_pack_voltage];
	const int64_t *current = chunk->value[MEASUREMENT_pack_current];
	int64_t *power;

	if (voltage == NULL || current == NULL || chunk->block->derived)
		return true;
	power = make(chunk, MEASUREMENT_pack_power);
	for (size_t i = 0; i < chunk->count; i++)
		if (!derive_power_of(voltage[i], current[i], &power[i]))
			return false;
	return true;
}

static void
make_mode(struct chunk *chunk)
{
	const struct column *faults =
	    &chunk->block->column[MEASUREMENT_fault_codes];
	const int64_t *current = chunk->value[MEASUREMENT_pack_current];
	int64_t *mode;

	if (chunk->value[MEASUREMENT_operation_mode] != NULL ||
	    chunk->block->derived)
		return;
	if (current == NULL && !chunk_keeps(chunk, MEASUREMENT_fault_codes))
		return;
	mode = make(chunk, MEASUREMENT_operation_mode);
	for (size_t i = 0; i < chunk->count; i++) {
		mode[i] =
		    current == NULL ? BUCKET_MODES : derive_mode_of(current[i]);
		if (chunk_keeps(chunk, MEASUREMENT_fault_codes) &&
		    faults->size[faults->number[chunk->from + i]] > 2)
			mode[i] = MODE_FAULT;
	}
	if (current == NULL) /* some have a mode and some none */
		chunk->value[MEASUREMENT_operation_mode] = NULL;
}

/* ---- does all go on from the row before? ------------------------------ */

static bool
goes_on(const struct chunk *chunk, const struct bucket_point *point)
{
	return point->time_ms == chunk->before_ms;
}

static bool
lists_go_on(const struct chunk *chunk)
{
	for (size_t n = 0; n < BUCKET_LISTS; n++) {
		if (!chunk_keeps(chunk, bucket_list_ids[n]))
			continue;
		for (size_t i = 0; i < chunk->here->list[n].count; i++)
			if (!goes_on(chunk, &chunk->track->list[n].item[i]) ||
			    !chunk->here->list[n].item[i].seen)
				return false;
	}
	return true;
}

static bool
all_go_on(const struct chunk *chunk)
{
	const struct bucket_track *track = chunk->track;
	const int64_t *mode = chunk->value[MEASUREMENT_operation_mode];

	for (uint64_t left = chunk->plan->mask; left != 0; left &= left - 1) {
		int id = __builtin_ctzll(left);

		if (chunk->value[id] != NULL &&
		    !goes_on(chunk, &track->line[chunk->plan->line[id]]))
			return false;
	}
	if (chunk_keeps(chunk, MEASUREMENT_fault_codes) &&
	    chunk->value[MEASUREMENT_pack_current] == NULL)
		return false;
	return goes_on(chunk, &track->any) &&
	    (mode == NULL || goes_on(chunk, &track->mode)) &&
	    lists_go_on(chunk);
}

/* Can they be added together? Nothing is changed before that is known. */
bool
chunk_prepare(struct chunk *chunk)
{
	chunk->keep = chunk->block->keep[chunk->from];
	if (chunk->track->limits == NULL)
		return false;
	take_columns(chunk);
	if (!make_lists(chunk) || !make_power(chunk))
		return false;
	make_mode(chunk);
	if (!all_go_on(chunk))
		return false;
	measure_time(chunk);
	return true;
}
