/* The general way: any JSON that means a frame, through jansson. */
#include <string.h>

#include "base/num.h"
#include "json/json.h"
#include "record/frame_parts.h"
#include "record/load.h"
#include "record/name.h"

static const char *const part_names[FRAME_PROTOCOL_COUNT] = { [FRAME_MODBUS] =
								  "blocks",
	[FRAME_CAN] = "messages",
	[FRAME_THINGSET] = "answers",
	[FRAME_SERIAL] = "lines",
	[FRAME_HTTP] = "answers" };

typedef int part_fn(const json_t *json, size_t i, struct arena *arena,
    struct frame *frame, struct failure *why);

static const uint8_t *
keep(struct arena *arena, const uint8_t *data, size_t size)
{
	return memcpy(arena_alloc(arena, size + 1), data, size);
}

static int
load_block(const json_t *json, size_t i, struct arena *arena,
    struct frame *frame, struct failure *why)
{
	static const char *const names[] = { "function", "address", "data",
		NULL };
	struct frame_block *block = &frame->part.block[i];
	uint8_t data[FRAME_BLOCK_MAX];
	int64_t function = 0, address = 0;
	const char *text;
	long size;

	if (!json_is_object(json))
		return failure_set(why, EXIT_REFUSED, "not an object");
	if (json_members_known(json, names, why) != 0 ||
	    json_member_integer(json, "function", true, 1, 4, &function, why) !=
		0 ||
	    json_member_integer(
		json, "address", true, 0, 65535, &address, why) != 0 ||
	    json_member_text(json, "data", true, &text, why) != 0)
		return -1;
	size = num_hex(text, strlen(text), data, sizeof(data));
	if (size < 0)
		return failure_set(why, EXIT_REFUSED,
		    "data: not at most "
		    "%d bytes in hexadecimal",
		    FRAME_BLOCK_MAX);
	*block = (struct frame_block){ (uint8_t)function, (uint16_t)address,
		(uint16_t)size, keep(arena, data, (size_t)size) };
	if (!frame_block_check(block))
		return failure_set(why, EXIT_REFUSED,
		    "data: empty, half a register or past the last one");
	return 0;
}

static int
load_message(const json_t *json, size_t i, struct arena *arena,
    struct frame *frame, struct failure *why)
{
	struct frame_can *can = &frame->part.can[i];
	uint8_t data[FRAME_CAN_MAX];

	if (!json_is_string(json) ||
	    !frame_can_parse(
		json_string_value(json), json_string_length(json), can, data))
		return failure_set(
		    why, EXIT_REFUSED, "not a CAN message (351#0011…)");
	can->data = keep(arena, data, can->size);
	return 0;
}

static int
load_answer(const json_t *json, size_t i, struct arena *arena,
    struct frame *frame, struct failure *why)
{
	static const char *const names[] = { "path", "values", NULL };
	struct frame_answer *answer = &frame->part.answer[i];
	const json_t *values = json_object_get(json, "values");
	size_t size, limit = FRAME_ANSWER_MAX;
	const char *path = NULL;

	if (!json_is_object(json) || values == NULL)
		return failure_set(why, EXIT_REFUSED,
		    "not an object with \"path\" and \"values\"");
	if (json_members_known(json, names, why) != 0 ||
	    json_member_text(json, "path", true, &path, why) != 0)
		return -1;
	if (strlen(path) > FRAME_PATH_MAX)
		return failure_set(why, EXIT_REFUSED,
		    "path: longer than %d bytes", FRAME_PATH_MAX);
	answer->path = arena_text(arena, path, strlen(path));
	answer->text = json_canonical(arena, values, &size);
	answer->text_size = (uint32_t)size;
	if (frame->protocol == FRAME_HTTP)
		limit = FRAME_BODY_MAX;
	if (size > limit)
		return failure_set(
		    why, EXIT_REFUSED, "values: longer than %zu bytes", limit);
	return 0;
}

static int
load_line(const json_t *json, size_t i, struct arena *arena,
    struct frame *frame, struct failure *why)
{
	struct frame_answer *answer = &frame->part.answer[i];
	size_t size = json_string_length(json);

	if (!json_is_string(json) || size > FRAME_ANSWER_MAX)
		return failure_set(why, EXIT_REFUSED,
		    "not a text of at most %d bytes", FRAME_ANSWER_MAX);
	answer->path = "";
	answer->text = arena_text(arena, json_string_value(json), size);
	answer->text_size = (uint32_t)size;
	return 0;
}

static const struct {
	part_fn *load;
	size_t size;
} loads[FRAME_PROTOCOL_COUNT] = { [FRAME_MODBUS] = { load_block,
				      sizeof(struct frame_block) },
	[FRAME_CAN] = { load_message, sizeof(struct frame_can) },
	[FRAME_THINGSET] = { load_answer, sizeof(struct frame_answer) },
	[FRAME_SERIAL] = { load_line, sizeof(struct frame_answer) },
	[FRAME_HTTP] = { load_answer, sizeof(struct frame_answer) } };

static int
load_parts(const json_t *object, struct arena *arena, struct frame *frame,
    struct failure *why)
{
	const char *name = part_names[frame->protocol];
	const json_t *array = json_object_get(object, name);
	size_t count = json_array_size(array);

	if (array == NULL)
		return 0;
	if (!json_is_array(array) || count > FRAME_PARTS_MAX || count == 0)
		return failure_set(why, EXIT_REFUSED,
		    "%s: not an array of 1 to %d", name, FRAME_PARTS_MAX);
	/* any member of the union: they are pointers to what the arena has */
	frame->part.block =
	    arena_alloc(arena, count * loads[frame->protocol].size);
	for (size_t i = 0; i < count; i++)
		if (loads[frame->protocol].load(
			json_array_get(array, i), i, arena, frame, why) != 0)
			return failure_prefix(why, "%s: item %zu", name, i);
	frame->count = count;
	return 0;
}

static int
load_protocol(const json_t *object, struct frame *frame, struct failure *why)
{
	const char *text;

	if (json_member_text(object, "protocol", true, &text, why) != 0)
		return -1;
	for (int i = 0; i < FRAME_PROTOCOL_COUNT; i++)
		if (strcmp(text, frame_protocol_names[i]) == 0) {
			frame->protocol = (enum frame_protocol)i;
			return 0;
		}
	return failure_set(why, EXIT_REFUSED, "protocol: unknown");
}

static int
load_head(const json_t *object, struct arena *arena, struct frame *frame,
    struct failure *why)
{
	if (load_kind_is(object, "frame", why) != 0 ||
	    load_time(object, "time", &frame->time_ms, why) != 0 ||
	    (json_object_get(object, "received") != NULL &&
		load_time(object, "received", &frame->received_ms, why) != 0) ||
	    load_tenant(object, arena, &frame->tenant, why) != 0 ||
	    load_name(object, "device", true, arena, &frame->device, why) !=
		0 ||
	    load_name(object, "profile", true, arena, &frame->profile, why) !=
		0 ||
	    load_name(object, "boot", false, arena, &frame->boot, why) != 0 ||
	    json_member_integer(object, "mono", false, 0, FRAME_MONO_MAX,
		&frame->mono_ms, why) != 0 ||
	    json_member_integer(object, "gen", false, 0, FRAME_GEN_MAX,
		&frame->gen, why) != 0 ||
	    load_text(object, "error", FRAME_ERROR_MAX, arena, &frame->error,
		why) != 0 ||
	    json_member_integer(object, "bus_errors", false, 0,
		FRAME_ERRORS_MAX, &frame->bus_errors, why) != 0)
		return -1;
	frame->complete = *frame->error == '\0';
	return json_member_bool(object, "complete", &frame->complete, why);
}

static int
load_frame(const json_t *object, struct arena *arena, struct frame *frame,
    struct failure *why)
{
	const char *names[] = { "kind", "time", "received", "tenant", "device",
		"profile", "boot", "mono", "gen", "protocol", "complete",
		"error", "bus_errors", NULL, NULL };

	if (load_head(object, arena, frame, why) != 0 ||
	    load_protocol(object, frame, why) != 0)
		return -1;
	names[13] = part_names[frame->protocol];
	if (json_members_known(object, names, why) != 0 ||
	    load_parts(object, arena, frame, why) != 0)
		return -1;
	if (!frame_check(frame))
		return failure_set(why, EXIT_REFUSED,
		    "neither \"%s\" nor \"error\"", names[13]);
	return 0;
}

int
frame_load(const char *line, size_t size, struct arena *arena,
    struct frame *frame, struct failure *why)
{
	json_t *object = load_object(line, size, why);
	int result;

	if (object == NULL)
		return -1;
	frame_clear(frame);
	result = load_frame(object, arena, frame, why);
	json_decref(object);
	return result;
}
