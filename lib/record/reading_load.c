/* The general way: any JSON that means a reading, through jansson. */
#include <string.h>

#include "base/num.h"
#include "json/json.h"
#include "record/load.h"
#include "record/name.h"
#include "record/reading_parts.h"

static const char *const head_names[] = { "kind", "time", "tenant", "device",
	"profile", "battery", "gen", "error", NULL };

/* A number at the row's decimals and within its range. */
static int
load_number(const json_t *json, const struct measurement *row, int64_t *value,
    struct failure *why)
{
	int64_t unit = num_power10(row->decimals);
	bool fits = false;

	if (json_is_integer(json)) {
		int64_t whole = json_integer_value(json);

		fits = !__builtin_mul_overflow(whole, unit, value);
	} else if (json_is_real(json)) {
		fits = num_scale_double(
		    json_real_value(json), row->decimals, value);
	} else {
		return failure_set(
		    why, EXIT_REFUSED, "%s: not a number", row->name);
	}
	if (!fits || *value < row->low || *value > row->high)
		return failure_set(why, EXIT_REFUSED,
		    "%s: outside of %lld to %lld %s", row->name,
		    (long long)(row->low / unit), (long long)(row->high / unit),
		    row->unit);
	return 0;
}

static int
load_list(const json_t *json, int id, struct arena *arena,
    struct reading *reading, struct failure *why)
{
	const struct measurement *row = &measurement_table[id];
	size_t count = json_array_size(json);
	int32_t *item;

	if (!json_is_array(json))
		return failure_set(
		    why, EXIT_REFUSED, "%s: not an array", row->name);
	if (count > READING_LIST_MAX)
		return failure_set(why, EXIT_REFUSED, "%s: more than %d items",
		    row->name, READING_LIST_MAX);
	item = arena_alloc(arena, (count + 1) * sizeof(*item));
	for (size_t i = 0; i < count; i++) {
		const json_t *element = json_array_get(json, i);
		int64_t value = READING_ITEM_UNKNOWN;

		if (!json_is_null(element) &&
		    load_number(element, row, &value, why) != 0)
			return failure_prefix(why, "item %zu", i);
		item[i] = (int32_t)value;
	}
	reading_set_list(reading, id, item, count);
	return 0;
}

static bool
codes_ok(const json_t *json)
{
	if (!json_is_array(json))
		return false;
	for (size_t i = 0; i < json_array_size(json); i++)
		if (!json_is_string(json_array_get(json, i)))
			return false;
	return true;
}

static bool
map_ok(const json_t *json)
{
	const char *name;
	json_t *value;

	if (!json_is_object(json))
		return false;
	json_object_foreach((json_t *)(uintptr_t)json, name,
	    value) if (!json_is_boolean(value) && !json_is_number(value) &&
	    !json_is_string(value)) return false;
	return true;
}

static int
load_json(const json_t *json, int id, struct arena *arena,
    struct reading *reading, struct failure *why)
{
	const struct measurement *row = &measurement_table[id];
	const char *wanted = NULL;
	const char *text;
	size_t size;

	if (row->shape == SHAPE_CODES && !codes_ok(json))
		wanted = "an array of strings";
	else if (row->shape == SHAPE_MAP && !map_ok(json))
		wanted = "an object of booleans, numbers and strings";
	else if (row->shape == SHAPE_TEXT && !json_is_string(json))
		wanted = "a string";
	if (wanted != NULL)
		return failure_set(
		    why, EXIT_REFUSED, "%s: not %s", row->name, wanted);
	text = json_canonical(arena, json, &size);
	if (size > READING_TEXT_MAX)
		return failure_set(why, EXIT_REFUSED,
		    "%s: longer than %d bytes", row->name, READING_TEXT_MAX);
	reading_set_text(reading, id, text, size);
	return 0;
}

static int
load_word(const json_t *json, int id, int64_t *value, struct failure *why)
{
	*value = json_is_string(json)
	    ? measurement_word(
		  id, json_string_value(json), json_string_length(json))
	    : -1;
	if (*value < 0)
		return failure_set(why, EXIT_REFUSED, "%s: no such word",
		    measurement_table[id].name);
	return 0;
}

static int
load_flag(const json_t *json, int id, int64_t *value, struct failure *why)
{
	if (!json_is_boolean(json))
		return failure_set(why, EXIT_REFUSED,
		    "%s: neither true nor false", measurement_table[id].name);
	*value = json_is_true(json);
	return 0;
}

static int
load_value(const json_t *json, int id, struct arena *arena,
    struct reading *reading, struct failure *why)
{
	const struct measurement *row = &measurement_table[id];
	int64_t value = 0;
	int result;

	switch ((enum measurement_shape)row->shape) {
	case SHAPE_NUMBER:
		result = load_number(json, row, &value, why);
		break;
	case SHAPE_FLAG:
		result = load_flag(json, id, &value, why);
		break;
	case SHAPE_WORD:
		result = load_word(json, id, &value, why);
		break;
	case SHAPE_TIME:
		result = load_time_value(json, row->name, &value, why);
		break;
	case SHAPE_LIST:
		return load_list(json, id, arena, reading, why);
	default:
		return load_json(json, id, arena, reading, why);
	}
	if (result == 0)
		reading_set(reading, id, value);
	return result;
}

static int
load_kind(const json_t *object, struct reading *reading, struct failure *why)
{
	const char *kind;

	if (json_member_text(object, "kind", true, &kind, why) != 0)
		return -1;
	for (int i = 0; i < 3; i++)
		if (strcmp(kind, reading_kind_names[i]) == 0) {
			reading->kind = (enum reading_kind)i;
			return 0;
		}
	return failure_set(why, EXIT_REFUSED, "kind: not that of a reading");
}

static int
load_head(const json_t *object, struct arena *arena, struct reading *reading,
    struct failure *why)
{
	if (load_kind(object, reading, why) != 0 ||
	    load_time(object, "time", &reading->time_ms, why) != 0 ||
	    load_tenant(object, arena, &reading->tenant, why) != 0 ||
	    load_name(object, "device", false, arena, &reading->device, why) !=
		0 ||
	    load_name(
		object, "profile", false, arena, &reading->profile, why) != 0 ||
	    load_name(
		object, "battery", false, arena, &reading->battery, why) != 0 ||
	    json_member_integer(object, "gen", false, 0, READING_GEN_MAX,
		&reading->gen, why) != 0 ||
	    load_text(object, "error", READING_ERROR_MAX, arena,
		&reading->error, why) != 0)
		return -1;
	if (*reading->device == '\0' && *reading->battery == '\0')
		return failure_set(
		    why, EXIT_REFUSED, "neither \"device\" nor \"battery\"");
	return 0;
}

static bool
in_head(const char *name)
{
	for (int i = 0; head_names[i] != NULL; i++)
		if (strcmp(name, head_names[i]) == 0)
			return true;
	return false;
}

static int
load_members(json_t *object, struct arena *arena, struct reading *reading,
    struct failure *why)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value)
	{
		int id = measurement_find(name, strlen(name));

		if (id < 0 && in_head(name))
			continue;
		if (id < 0)
			return failure_set(
			    why, EXIT_REFUSED, "unknown member \"%s\"", name);
		if (!reading_carries(reading->kind, id))
			return failure_set(why, EXIT_REFUSED,
			    "%s: not in a reading of kind %s", name,
			    reading_kind_names[reading->kind]);
		if (load_value(value, id, arena, reading, why) != 0)
			return -1;
	}
	return 0;
}

int
reading_load(const char *line, size_t size, struct arena *arena,
    struct reading *reading, struct failure *why)
{
	json_t *object = load_object(line, size, why);
	int result;

	if (object == NULL)
		return -1;
	reading_clear(reading);
	result = load_head(object, arena, reading, why);
	if (result == 0)
		result = load_members(object, arena, reading, why);
	json_decref(object);
	return result;
}
