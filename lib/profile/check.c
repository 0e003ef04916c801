/* Vectors: frames with the readings that other sources give for them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "json/json.h"
#include "profile/check.h"

/* Half of the last decimal that any measurement has. */
#define NEAR 0.0004

struct check {
	const struct profile *profile;
	struct arena arena;
	profile_check_fn *report;
	void *context;
};

static bool
same(const json_t *wanted, const json_t *got)
{
	const json_t *one;
	const char *key;
	size_t i;

	if (json_is_null(wanted))
		return got == NULL || json_is_null(got);
	if (json_is_number(wanted))
		return json_is_number(got) &&
		    fabs(json_number_value(wanted) - json_number_value(got)) <
		    NEAR;
	if (json_is_array(wanted)) {
		if (json_array_size(wanted) != json_array_size(got))
			return false;
		json_array_foreach(wanted, i,
		    one) if (!same(one, json_array_get(got, i))) return false;
		return true;
	}
	if (!json_is_object(wanted))
		return json_equal(wanted, got) != 0;
	json_object_foreach((json_t *)(uintptr_t)wanted, key,
	    one) if (!same(one, json_object_get(got, key))) return false;
	return true;
}

static void
missing(json_t *object, const char *name, json_t *value)
{
	if (json_object_get(object, name) == NULL)
		json_object_set(object, name, value);
	json_decref(value);
}

/* The vector's frame as a line, what every frame has filled in. */
static char *
line_of(struct check *check, const json_t *vector, size_t *size)
{
	json_t *frame = json_deep_copy(json_object_get(vector, "frame"));
	enum frame_protocol protocol = profile_protocol(check->profile);
	char *line;

	missing(frame, "kind", json_string("frame"));
	missing(frame, "time", json_string("2026-01-02T03:04:05.000Z"));
	missing(frame, "tenant", json_string("test"));
	missing(frame, "device", json_string("test"));
	missing(frame, "profile", json_string(profile_name(check->profile)));
	missing(frame, "protocol", json_string(frame_protocol_names[protocol]));
	missing(frame, "complete", json_true());
	line = json_canonical(&check->arena, frame, size);
	json_decref(frame);
	return line;
}

/* Print the reading and read it as JSON. */
static json_t *
reading_json(const struct reading *reading, struct failure *why)
{
	struct buf out = { 0 };
	json_t *json;

	reading_print(reading, &out);
	json = json_read(out.data, out.size, why);
	buf_free(&out);
	return json;
}

/* As people write it: 53.25 and not 53.250000000000001. */
static const char *
shown(const json_t *value, struct arena *arena)
{
	const size_t flags =
	    JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(10);
	size_t size = json_dumpb(value, NULL, 0, flags);
	char *text = arena_alloc(arena, size + 1);

	(void)json_dumpb(value, text, size, flags);
	text[size] = '\0';
	return text;
}

/* The first member that is not as wanted, or NULL. */
static const char *
differs(const json_t *wanted, const json_t *got, struct arena *arena)
{
	const json_t *one;
	const char *key;

	json_object_foreach((json_t *)(uintptr_t)wanted, key, one)
	{
		const json_t *other = json_object_get(got, key);

		if (same(one, other))
			continue;
		return arena_print(arena, "%s: wanted %s, got %s", key,
		    shown(one, arena),
		    other == NULL ? "nothing" : shown(other, arena));
	}
	return NULL;
}

static const char *
run(struct check *check, const json_t *vector)
{
	const json_t *wanted = json_object_get(vector, "reading");
	struct reading reading;
	struct failure why;
	struct frame frame;
	const char *wrong;
	json_t *got;
	size_t size;
	char *line;

	if (!json_is_object(json_object_get(vector, "frame")) ||
	    !json_is_object(wanted))
		return "not an object with frame and reading";
	line = line_of(check, vector, &size);
	if (frame_parse(line, size, &check->arena, &frame, &why) != 0 ||
	    profile_decode(
		check->profile, &frame, &check->arena, &reading, &why) != 0)
		return arena_print(&check->arena, "%s", why.message);
	got = reading_json(&reading, &why);
	if (got == NULL)
		return arena_print(&check->arena, "%s", why.message);
	wrong = differs(wanted, got, &check->arena);
	json_decref(got);
	return wrong;
}

int
profile_check(const char *dir, const struct profile *profile,
    profile_check_fn *report, void *context, struct failure *why)
{
	struct check check = { .profile = profile };
	const json_t *vector;
	char path[4096];
	json_t *top;
	size_t i;

	(void)snprintf(
	    path, sizeof(path), "%s/%s.json", dir, profile_name(profile));
	top = json_file(path, why);
	if (top == NULL)
		return -1;
	json_array_foreach(json_object_get(top, "vectors"), i, vector)
	{
		report(context, i, run(&check, vector));
		arena_reset(&check.arena);
	}
	json_decref(top);
	arena_free(&check.arena);
	return 0;
}
