/* Readings: what all ways of making one share. */
#include "record/reading.h"
#include "record/reading_parts.h"

const char *const reading_kind_names[3] = { "battery", "energy", "status" };

void
reading_clear(struct reading *reading)
{
	reading->kind = READING_BATTERY;
	reading->time_ms = 0;
	reading->tenant = reading->device = reading->profile = "";
	reading->battery = reading->error = "";
	reading->gen = 0;
	reading->present = 0;
	reading->suspect = 0;
}

void
reading_set_list(
    struct reading *reading, int id, const int32_t *item, size_t count)
{
	reading->present |= UINT64_C(1) << id;
	reading->value[id].list.item = item;
	reading->value[id].list.count = (uint32_t)count;
}

void
reading_set_text(struct reading *reading, int id, const char *json, size_t size)
{
	reading->present |= UINT64_C(1) << id;
	reading->value[id].text.json = json;
	reading->value[id].text.size = (uint32_t)size;
}

void
reading_unset(struct reading *reading, int id)
{
	reading->present &= ~(UINT64_C(1) << id);
}

bool
reading_carries(enum reading_kind kind, int id)
{
	unsigned kinds = measurement_table[id].kinds;

	switch (kind) {
	case READING_BATTERY:
		return (kinds & FOR_BATTERY) != 0;
	case READING_ENERGY:
		return (kinds & FOR_ENERGY) != 0;
	default:
		return false;
	}
}

int
reading_parse(char *line, size_t size, struct arena *arena,
    struct reading *reading, struct failure *why)
{
	if (reading_scan(line, size, arena, reading))
		return 0;
	return reading_load(line, size, arena, reading, why);
}
