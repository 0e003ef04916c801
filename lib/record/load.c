/* Members that several kinds of line have. */
#include <string.h>

#include "base/clock.h"
#include "record/load.h"
#include "record/name.h"

json_t *
load_object(const char *line, size_t size, struct failure *why)
{
	json_t *object = json_read(line, size, why);

	if (object == NULL || json_is_object(object))
		return object;
	json_decref(object);
	failure_set(why, EXIT_REFUSED, "not a JSON object");
	return NULL;
}

int
load_kind_is(const json_t *object, const char *kind, struct failure *why)
{
	const char *text;

	if (json_member_text(object, "kind", true, &text, why) != 0)
		return -1;
	if (strcmp(text, kind) != 0)
		return failure_set(why, EXIT_REFUSED, "kind: not \"%s\"", kind);
	return 0;
}

int
load_time_value(const json_t *value, const char *name, int64_t *time_ms,
    struct failure *why)
{
	if (!json_is_string(value) ||
	    !clock_parse(
		json_string_value(value), json_string_length(value), time_ms) ||
	    *time_ms < 0 || *time_ms > CLOCK_MAX_MS)
		return failure_set(
		    why, EXIT_REFUSED, "%s: not a time (RFC 3339)", name);
	return 0;
}

int
load_time(const json_t *object, const char *name, int64_t *time_ms,
    struct failure *why)
{
	const json_t *value = json_object_get(object, name);

	if (value == NULL)
		return failure_set(why, EXIT_REFUSED, "no \"%s\"", name);
	return load_time_value(value, name, time_ms, why);
}

int
load_name(const json_t *object, const char *name, bool must,
    struct arena *arena, const char **value, struct failure *why)
{
	const char *text = NULL;

	if (json_member_text(object, name, must, &text, why) != 0)
		return -1;
	if (text == NULL)
		return 0;
	if (!name_check(text, strlen(text)))
		return failure_set(why, EXIT_REFUSED,
		    "%s: not a name "
		    "(A-Z a-z 0-9 . _ -, at most 63, no dot first)",
		    name);
	*value = arena_text(arena, text, strlen(text));
	return 0;
}

int
load_tenant_value(const json_t *value, struct arena *arena, const char **tenant,
    struct failure *why)
{
	const char *text = json_string_value(value);
	size_t size = json_string_length(value);

	if (text == NULL || !name_check_tenant(text, size))
		return failure_set(why, EXIT_REFUSED,
		    "not a tenant's slug (a-z 0-9 -, at most 63)");
	*tenant = arena_text(arena, text, size);
	return 0;
}

int
load_tenant(const json_t *object, struct arena *arena, const char **value,
    struct failure *why)
{
	const char *text;

	if (json_member_text(object, "tenant", true, &text, why) != 0)
		return -1;
	if (load_tenant_value(
		json_object_get(object, "tenant"), arena, value, why) != 0)
		return failure_prefix(why, "tenant");
	return 0;
}

int
load_text(const json_t *object, const char *name, size_t limit,
    struct arena *arena, const char **value, struct failure *why)
{
	const char *text = NULL;
	size_t size;

	if (json_member_text(object, name, false, &text, why) != 0)
		return -1;
	if (text == NULL)
		return 0;
	size = strlen(text);
	if (size == 0 || size > limit)
		return failure_set(why, EXIT_REFUSED,
		    "%s: empty or longer than %zu bytes", name, limit);
	*value = arena_text(arena, text, size);
	return 0;
}
