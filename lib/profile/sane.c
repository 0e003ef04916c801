/* How much of one reading is trusted, and its clock: bms-normalize(1). */
#include "profile/work.h"

/* Further ahead than this a stamp comes from a wrong clock. */
#define AHEAD_MAX_MS (5 * INT64_C(60000))

enum cells { CELLS_UNKNOWN, CELLS_ZERO, CELLS_ALIVE };

static enum cells
look_at_cells(const struct reading *reading)
{
	const union reading_value *cells =
	    &reading->value[MEASUREMENT_cell_voltages];
	enum cells found = CELLS_UNKNOWN;

	if (reading_has(reading, MEASUREMENT_cell_voltages))
		for (uint32_t i = 0; i < cells->list.count; i++) {
			if (cells->list.item[i] > 0)
				return CELLS_ALIVE;
			if (cells->list.item[i] == 0)
				found = CELLS_ZERO;
		}
	if (!reading_has(reading, MEASUREMENT_cell_voltage_max))
		return found;
	return reading->value[MEASUREMENT_cell_voltage_max].number > 0
	    ? CELLS_ALIVE
	    : CELLS_ZERO;
}

static bool
is_zero(const struct reading *reading, int id)
{
	return reading_has(reading, id) && reading->value[id].number == 0;
}

static bool
is_zero_or_absent(const struct reading *reading, int id)
{
	return !reading_has(reading, id) || reading->value[id].number == 0;
}

static bool
has_codes(const struct reading *reading, int id)
{
	return reading_has(reading, id) && reading->value[id].text.size > 2;
}

/* A module that is not there, or not awake, answers zeros all over. */
static bool
says_nothing(const struct reading *reading, enum cells cells)
{
	if (has_codes(reading, MEASUREMENT_fault_codes) ||
	    has_codes(reading, MEASUREMENT_warning_codes) ||
	    !is_zero_or_absent(reading, MEASUREMENT_pack_voltage) ||
	    !is_zero_or_absent(reading, MEASUREMENT_soc_percent))
		return false;
	return cells == CELLS_ZERO ||
	    (cells == CELLS_UNKNOWN &&
		is_zero(reading, MEASUREMENT_pack_voltage));
}

/* A stamp from the future becomes the time of receipt; what was claimed
 * stays as the device's own. */
static void
check_clock(struct work *work, const struct frame *frame)
{
	struct reading *reading = work->reading;

	if (frame->received_ms != 0 &&
	    frame->time_ms > frame->received_ms + AHEAD_MAX_MS) {
		reading->time_ms = frame->received_ms;
		if (!reading_has(reading, MEASUREMENT_bms_timestamp))
			reading_set(
			    reading, MEASUREMENT_bms_timestamp, frame->time_ms);
		work_note(work, "time is ahead: that of receipt taken");
	}
	if (reading_has(reading, MEASUREMENT_bms_timestamp) &&
	    reading->value[MEASUREMENT_bms_timestamp].number >
		reading->time_ms + AHEAD_MAX_MS)
		work_note(work, "bms_timestamp is ahead");
}

int
work_sane(struct work *work, const struct frame *frame)
{
	struct reading *reading = work->reading;
	enum cells cells;

	check_clock(work, frame);
	if (work->refused == 0 && (frame->complete && *frame->error == '\0') &&
	    (reading->kind != READING_BATTERY ||
		!is_zero_or_absent(reading, MEASUREMENT_pack_voltage)))
		return QUALITY_GOOD;
	cells = look_at_cells(reading);
	if (reading->kind == READING_BATTERY && says_nothing(reading, cells)) {
		reading->present &= UINT64_C(1)
			<< MEASUREMENT_communication_errors |
		    UINT64_C(1) << MEASUREMENT_bms_timestamp;
		work_note(work, "all of the pack is 0: no data");
		return QUALITY_INVALID;
	}
	if (reading->kind == READING_BATTERY && cells != CELLS_ALIVE &&
	    is_zero(reading, MEASUREMENT_pack_voltage)) {
		work_note(work, "pack_voltage and cells are 0");
		return QUALITY_INVALID;
	}
	if (work->refused > 0)
		return QUALITY_POOR;
	return !frame->complete || *frame->error != '\0' ? QUALITY_FAIR
							 : QUALITY_GOOD;
}
