/*
 * The hot path: a reading as reading_print writes it, taken in one pass.
 * All is checked on the way; what is not foreseen here is left to
 * reading_load, so a line is only ever refused there.
 */
#include "record/name.h"
#include "record/reading_parts.h"
#include "record/scan.h"

/* Maps with more members go to jansson, which finds doubled names faster;
 * longer lists of codes too, so that no line here has more members than
 * JSON_MEMBERS_MAX. */
#define MAP_SCAN_MAX 24
#define CODES_SCAN_MAX 128
/* tenant, device, profile, battery, error, and each text measurement */
#define ENDS_MAX (5 + MEASUREMENT_COUNT)

_Static_assert(ENDS_MAX <= SCAN_ENDS_MAX, "room for all ends");

static size_t
span_error(const char *text)
{
	return scan_plain_span(text, READING_ERROR_MAX);
}

static bool
scan_kind(struct scan *scan, enum reading_kind *kind)
{
	if (SCAN_TAKE(scan, "{\"kind\":\"battery\""))
		*kind = READING_BATTERY;
	else if (SCAN_TAKE(scan, "{\"kind\":\"energy\""))
		*kind = READING_ENERGY;
	else if (SCAN_TAKE(scan, "{\"kind\":\"status\""))
		*kind = READING_STATUS;
	else
		return false;
	return true;
}

static bool
scan_head(struct scan *scan, struct reading *reading, struct scan_ends *ends)
{
	return scan_kind(scan, &reading->kind) &&
	    SCAN_TAKE(scan, ",\"time\":") &&
	    scan_time(scan, &reading->time_ms) &&
	    SCAN_NAME(
		scan, "tenant", name_span_tenant, &reading->tenant, ends) &&
	    SCAN_NAME(scan, "device", name_span, &reading->device, ends) &&
	    SCAN_NAME(scan, "profile", name_span, &reading->profile, ends) &&
	    SCAN_NAME(scan, "battery", name_span, &reading->battery, ends) &&
	    (!SCAN_TAKE(scan, ",\"gen\":") ||
		scan_integer(scan, 0, READING_GEN_MAX, &reading->gen)) &&
	    SCAN_NAME(scan, "error", span_error, &reading->error, ends) &&
	    *reading->tenant != '\0' &&
	    (*reading->device != '\0' || *reading->battery != '\0');
}

/* The measurement of the member that begins here: mostly one of the next
 * rows after the last. Steps behind the colon. */
static int
scan_key(struct scan *scan, int after)
{
	size_t left = (size_t)(scan->end - scan->at);
	const char *at = scan->at;
	int id = after;

	if (left < 2 || *at++ != '"')
		return -1;
	left--;
	for (int tries = 0; tries < MEASUREMENT_COUNT; tries++) {
		if (++id >= MEASUREMENT_COUNT)
			id = 0;
		const struct measurement *row = &measurement_table[id];
		size_t size = row->name_size;

		if (left > size + 1 && at[size] == '"' && at[size + 1] == ':' &&
		    memcmp(at, row->name, size) == 0) {
			scan->at += size + 3;
			return id;
		}
	}
	return -1;
}

static bool
scan_number(struct scan *scan, const struct measurement *row, int64_t *value)
{
	return scan_scaled(scan, row->decimals, value) && *value >= row->low &&
	    *value <= row->high;
}

static bool
scan_list(
    struct scan *scan, int id, struct arena *arena, struct reading *reading)
{
	const struct measurement *row = &measurement_table[id];
	int32_t item[READING_LIST_MAX], *kept;
	size_t count = 0;
	int64_t value;

	if (!scan_char(scan, '['))
		return false;
	if (*scan->at != ']')
		do {
			if (count == READING_LIST_MAX)
				return false;
			if (SCAN_TAKE(scan, "null"))
				value = READING_ITEM_UNKNOWN;
			else if (!scan_number(scan, row, &value))
				return false;
			item[count++] = (int32_t)value;
		} while (scan_char(scan, ','));
	if (!scan_char(scan, ']'))
		return false;
	kept = arena_alloc(arena, (count + 1) * sizeof(*kept));
	memcpy(kept, item, count * sizeof(*kept));
	reading_set_list(reading, id, kept, count);
	return true;
}

static bool
scan_text(struct scan *scan)
{
	char *text;
	size_t size;

	return scan_char(scan, '"') && scan_plain(scan, &text, &size);
}

static bool
scan_codes(struct scan *scan)
{
	int count = 0;

	if (!scan_char(scan, '['))
		return false;
	if (scan_char(scan, ']'))
		return true;
	do
		if (++count > CODES_SCAN_MAX || !scan_text(scan))
			return false;
	while (scan_char(scan, ','));
	return scan_char(scan, ']');
}

/* A value within a map, where it has only one canonical form. */
static bool
scan_map_value(struct scan *scan)
{
	int64_t ignored;

	if (*scan->at == '"')
		return scan_text(scan);
	if (SCAN_TAKE(scan, "true") || SCAN_TAKE(scan, "false"))
		return true;
	return *scan->at != '-' && scan_scaled(scan, 0, &ignored);
}

static bool
scan_map(struct scan *scan)
{
	struct {
		char *text;
		size_t size;
	} name[MAP_SCAN_MAX];
	size_t count = 0;

	if (!scan_char(scan, '{'))
		return false;
	if (scan_char(scan, '}'))
		return true;
	do {
		if (count == MAP_SCAN_MAX || !scan_char(scan, '"') ||
		    !scan_plain(scan, &name[count].text, &name[count].size))
			return false;
		for (size_t i = 0; i < count; i++)
			if (name[i].size == name[count].size &&
			    memcmp(name[i].text, name[count].text,
				name[i].size) == 0)
				return false;
		count++;
		if (!scan_char(scan, ':') || !scan_map_value(scan))
			return false;
	} while (scan_char(scan, ','));
	return scan_char(scan, '}');
}

static bool
scan_json(
    struct scan *scan, int id, struct reading *reading, struct scan_ends *ends)
{
	const char *start = scan->at;
	size_t size;
	bool taken;

	switch (measurement_table[id].shape) {
	case SHAPE_CODES:
		taken = scan_codes(scan);
		break;
	case SHAPE_MAP:
		taken = scan_map(scan);
		break;
	default:
		taken = scan_text(scan);
		break;
	}
	size = (size_t)(scan->at - start);
	if (!taken || size > READING_TEXT_MAX)
		return false;
	reading_set_text(reading, id, start, size);
	ends->at[ends->count++] = scan->at;
	return true;
}

static bool
scan_word(struct scan *scan, int id, int64_t *value)
{
	char *text;
	size_t size;

	if (!scan_char(scan, '"') || !scan_plain(scan, &text, &size))
		return false;
	*value = measurement_word(id, text, size);
	return *value >= 0;
}

static bool
scan_flag(struct scan *scan, int64_t *value)
{
	*value = SCAN_TAKE(scan, "true");
	return *value != 0 || SCAN_TAKE(scan, "false");
}

static bool
scan_value(struct scan *scan, int id, struct arena *arena,
    struct reading *reading, struct scan_ends *ends)
{
	const struct measurement *row = &measurement_table[id];
	int64_t value = 0;
	bool taken;

	switch ((enum measurement_shape)row->shape) {
	case SHAPE_NUMBER:
		taken = scan_number(scan, row, &value);
		break;
	case SHAPE_FLAG:
		taken = scan_flag(scan, &value);
		break;
	case SHAPE_WORD:
		taken = scan_word(scan, id, &value);
		break;
	case SHAPE_TIME:
		taken = scan_time(scan, &value);
		break;
	case SHAPE_LIST:
		return scan_list(scan, id, arena, reading);
	default:
		return scan_json(scan, id, reading, ends);
	}
	if (taken)
		reading_set(reading, id, value);
	return taken;
}

bool
reading_scan(
    char *line, size_t size, struct arena *arena, struct reading *reading)
{
	struct scan scan = { line, line + size };
	struct scan_ends ends;
	int id = -1;

	ends.count = 0;
	reading_clear(reading);
	if (*scan.end != '\0' || !scan_head(&scan, reading, &ends))
		return false;
	while (scan_char(&scan, ',')) {
		id = scan_key(&scan, id);
		if (id < 0 || reading_has(reading, id) ||
		    !reading_carries(reading->kind, id) ||
		    !scan_value(&scan, id, arena, reading, &ends))
			return false;
	}
	if (!scan_char(&scan, '}') || scan.at != scan.end)
		return false;
	scan_cut(&ends);
	return true;
}
