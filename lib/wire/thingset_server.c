/* The server's half of ThingSet text mode (specification v0.6). */
#include <string.h>

#include "base/num.h"
#include "json/json.h"
#include "wire/thingset.h"
#include "wire/thingset_cbor.h"
#include "wire/thingset_server.h"
#include "wire/thingset_tree.h"

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
put_sum(size_t start, struct buf *out)
{
	buf_print(out, " %08X#\r\n",
	    thingset_crc(out->data + start, out->size - start));
}

static void
put_answer(const char *code, const json_t *value, struct buf *out)
{
	size_t start = out->size;

	buf_text(out, code);
	if (value != NULL) {
		buf_char(out, ' ');
		thingset_json_put(value, out);
	}
	put_sum(start, out);
}

/* The values of some names below a path; new reference or NULL. */
static json_t *
fetch(const struct thingset_tree *tree, const char *path, const json_t *names)
{
	json_t *name, *list = json_array();
	struct buf full = { 0 };
	size_t i;

	json_array_foreach(names, i, name)
	{
		json_t *value = NULL;

		buf_clear(&full);
		if (json_is_string(name)) {
			buf_print(&full, *path == '\0' ? "%s%s" : "%s/%s", path,
			    json_string_value(name));
			value = thingset_tree_get(tree, full.data);
		}
		if (value == NULL || json_array_append_new(list, value) != 0)
			break;
	}
	buf_free(&full);
	if (i == json_array_size(names))
		return list;
	json_decref(list);
	return NULL;
}

static void
answer_get(const struct thingset_tree *tree, char *path, struct buf *out)
{
	char *data = strchr(path, ' ');
	json_t *value = NULL, *names = NULL;
	struct failure why;

	if (data != NULL)
		*data++ = '\0';
	if (data == NULL || *data == '\0')
		value = thingset_tree_get(tree, path);
	else if ((names = json_read(data, strlen(data), &why)) == NULL)
		value = NULL;
	else if (json_is_null(names))
		value = thingset_tree_names(tree, path);
	else if (json_is_array(names))
		value = fetch(tree, path, names);
	json_decref(names);
	if (value == NULL) {
		value = json_string("Item not found");
		put_answer(NOT_FOUND, value, out);
	} else {
		put_answer(FOUND, value, out);
	}
	json_decref(value);
}

void
thingset_serve(const char *line, size_t size, const struct frame *frame,
    const struct profile_thingset *speech, struct arena *arena, struct buf *out)
{
	struct thingset_tree tree;
	char *text;

	if (size == 0 || !check_sum(line, &size))
		return;
	text = arena_text(arena, line, size);
	switch (*text) {
	case '?':
		thingset_tree_open(&tree, frame, speech);
		answer_get(&tree, text + 1, out);
		thingset_tree_close(&tree);
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

void
thingset_tell(const struct frame *frame, const struct profile_thingset *speech,
    size_t i, struct buf *out)
{
	const char *path = speech->reports[i].text;
	struct thingset_tree tree;
	size_t start = out->size;
	json_t *value;

	thingset_tree_open(&tree, frame, speech);
	value = thingset_tree_report(&tree, path);
	if (value != NULL) {
		buf_print(out, "#%s ", path);
		thingset_json_put(value, out);
		put_sum(start, out);
	}
	json_decref(value);
	thingset_tree_close(&tree);
}
