/* The server's half of ThingSet text mode (specification v0.6). */
#include <string.h>

#include "base/num.h"
#include "json/json.h"
#include "wire/thingset.h"
#include "wire/thingset_server.h"

#define SUM_SIZE 10 /* a blank, 8 digits and # */

#define FOUND ":85"
#define BAD_REQUEST ":A0"
#define NOT_ALLOWED ":A3"
#define NOT_FOUND ":A4"

/* Take the checksum off a line; false where it is wrong. */
static bool
check_sum(const char *line, size_t *size)
{
	uint8_t sum[4];
	unsigned crc;

	if (*size <= SUM_SIZE || line[*size - 1] != '#')
		return true;
	if (num_hex(line + *size - SUM_SIZE + 1, 8, sum, sizeof(sum)) != 4)
		return false;
	*size -= SUM_SIZE;
	crc = thingset_crc(line, *size);
	return crc ==
	    ((unsigned)sum[0] << 24 | (unsigned)sum[1] << 16 |
		(unsigned)sum[2] << 8 | sum[3]);
}

static void
put_answer(const char *code, const char *json, struct buf *out)
{
	size_t start = out->size;

	buf_text(out, code);
	if (json != NULL) {
		buf_char(out, ' ');
		buf_text(out, json);
	}
	buf_print(out, " %08X#\r\n",
	    thingset_crc(out->data + start, out->size - start));
}

/* The value of a path: an answer of the frame, or a member within one.
 * New reference or NULL. */
static json_t *
find_value(const struct frame *frame, const char *path)
{
	struct failure why;

	for (size_t i = 0; i < frame->count; i++) {
		const struct frame_answer *answer = &frame->part.answer[i];
		size_t size = strlen(answer->path);
		json_t *values, *value;

		if (strncmp(answer->path, path, size) != 0 ||
		    (path[size] != '\0' && path[size] != '/'))
			continue;
		values = json_read(answer->text, answer->text_size, &why);
		if (path[size] == '\0' || values == NULL)
			return values;
		value = json_incref(json_object_get(values, path + size + 1));
		json_decref(values);
		if (value != NULL)
			return value;
	}
	return NULL;
}

/* All paths of the frame as one object; new reference. */
static json_t *
find_all(const struct frame *frame)
{
	json_t *all = json_object();

	for (size_t i = 0; i < frame->count; i++)
		json_object_set_new(
		    all, frame->part.answer[i].path, json_null());
	return all;
}

/* The members that a FETCH names; new reference or NULL. */
static json_t *
fetch(const json_t *value, const json_t *names)
{
	json_t *list, *name;
	const char *key;
	size_t i;

	if (!json_is_object(value))
		return NULL;
	list = json_array();
	if (json_is_null(names)) {
		json_t *member;

		json_object_foreach((json_t *)(uintptr_t)value, key, member)
		    json_array_append_new(list, json_string(key));
		return list;
	}
	json_array_foreach(names, i, name)
	{
		json_t *member = json_object_get(
		    value, json_is_string(name) ? json_string_value(name) : "");

		if (member == NULL) {
			json_decref(list);
			return NULL;
		}
		json_array_append(list, member);
	}
	return list;
}

/* As short as the number was: a float has no more digits. */
static char *
text_of(const json_t *value, struct arena *arena)
{
	const size_t flags =
	    JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(9);
	size_t size = json_dumpb(value, NULL, 0, flags);
	char *text = arena_alloc(arena, size + 1);

	json_dumpb(value, text, size, flags);
	text[size] = '\0';
	return text;
}

static void
answer_get(
    const struct frame *frame, char *path, struct arena *arena, struct buf *out)
{
	char *data = strchr(path, ' ');
	json_t *value, *names, *wanted;
	struct failure why;

	if (data != NULL)
		*data++ = '\0';
	value = *path == '\0' ? find_all(frame) : find_value(frame, path);
	if (value != NULL && data != NULL && *data != '\0') {
		names = json_read(data, strlen(data), &why);
		wanted = json_is_null(names) || json_is_array(names)
		    ? fetch(value, names)
		    : NULL;
		json_decref(names);
		json_decref(value);
		value = wanted;
	}
	if (value == NULL)
		put_answer(NOT_FOUND, "\"Item not found\"", out);
	else
		put_answer(FOUND, text_of(value, arena), out);
	json_decref(value);
}

void
thingset_serve(const char *line, size_t size, const struct frame *frame,
    struct arena *arena, struct buf *out)
{
	char *text;

	if (size == 0 || !check_sum(line, &size))
		return;
	text = arena_text(arena, line, size);
	switch (*text) {
	case '?':
		answer_get(frame, text + 1, arena, out);
		break;
	case '=':
	case '+':
	case '-':
	case '!':
		put_answer(NOT_ALLOWED, NULL, out);
		break;
	default:
		put_answer(BAD_REQUEST, NULL, out);
		break;
	}
}
