/* The server's half of ThingSet's binary mode (specification v0.6). */
#include <stdio.h>
#include <string.h>

#include "wire/thingset_cbor.h"
#include "wire/thingset_server.h"
#include "wire/thingset_tree.h"

#define GET 0x01
#define FETCH 0x05
#define REPORT 0x1F

#define CONTENT 0x85
#define BAD_REQUEST 0xA0
#define NOT_ALLOWED 0xA3
#define NOT_FOUND 0xA4

#define ID_ROOT 0x00
#define ID_IDS 0x16
#define ID_PATHS 0x17
#define ID_METADATA 0x18
#define PATH_ROOM 260

/* The path of an id; NULL where the profile has none. */
static const char *
path_of(const struct profile_thingset *speech, json_int_t id)
{
	if (id == ID_ROOT)
		return "";
	for (size_t i = 0; i < speech->id_count; i++)
		if (speech->ids[i].id == id)
			return speech->ids[i].path;
	return NULL;
}

/* The id of a path, or -1. */
static json_int_t
id_of(const struct profile_thingset *speech, const char *path)
{
	for (size_t i = 0; i < speech->id_count; i++)
		if (strcmp(speech->ids[i].path, path) == 0)
			return speech->ids[i].id;
	return -1;
}

static void
put_answer(unsigned code, const json_t *value, struct buf *out)
{
	json_t *none = json_null();

	buf_char(out, (char)code);
	thingset_cbor_put(none, out);
	thingset_cbor_put(value == NULL ? none : value, out);
	json_decref(none);
}

static void
join(const char *above, const char *name, char path[PATH_ROOM])
{
	snprintf(
	    path, PATH_ROOM, *above == '\0' ? "%s%s" : "%s/%s", above, name);
}

/* Ids in place of names below `above`; what has none is left out. */
static json_t *
with_ids(const struct profile_thingset *speech, const char *above,
    const json_t *value)
{
	json_t *object = json_object(), *array = json_array(), *member;
	char path[PATH_ROOM], id[THINGSET_ID_TEXT];
	const char *name;
	size_t i;

	json_object_foreach((json_t *)(uintptr_t)value, name, member)
	{
		join(above, name, path);
		if (id_of(speech, path) < 0)
			continue;
		thingset_id_name((uint64_t)id_of(speech, path), id);
		json_object_set(object, id, member);
	}
	json_array_foreach(value, i, member)
	{
		join(above, json_string_value(member), path);
		if (id_of(speech, path) >= 0)
			json_array_append_new(
			    array, json_integer(id_of(speech, path)));
	}
	if (json_is_array(value)) {
		json_decref(object);
		return array;
	}
	json_decref(array);
	return object;
}

static json_t *
metadata_of(const struct thingset_tree *tree, const char *path)
{
	json_t *value = thingset_tree_get(tree, path), *object;
	const char *slash = strrchr(path, '/');
	const char *type = "group";

	if (json_is_real(value))
		type = "f32";
	else if (json_is_integer(value))
		type = json_integer_value(value) < 0 ? "i32" : "u32";
	else if (json_is_boolean(value))
		type = "bool";
	else if (json_is_string(value))
		type = "string";
	else if (json_is_array(value))
		type = thingset_tree_subset(tree, path) ? "subset" : "f32[]";
	object = json_object();
	json_object_set_new(
	    object, "name", json_string(slash == NULL ? path : slash + 1));
	json_object_set_new(object, "type", json_string(type));
	json_decref(value);
	return object;
}

/* One of what a FETCH asks for; new reference or NULL. */
static json_t *
fetch_one(const struct thingset_tree *tree, json_int_t id, const char *above,
    const json_t *wanted)
{
	const struct profile_thingset *speech = tree->speech;
	const char *path = json_is_integer(wanted)
	    ? path_of(speech, json_integer_value(wanted))
	    : NULL;
	char joined[PATH_ROOM];

	if (json_is_string(wanted)) {
		join(id == ID_IDS ? "" : above, json_string_value(wanted),
		    joined);
		path = joined;
	}
	if (path == NULL)
		return NULL;
	if (id == ID_IDS)
		return id_of(speech, path) < 0
		    ? NULL
		    : json_integer(id_of(speech, path));
	if (id == ID_PATHS)
		return json_string(path);
	if (id == ID_METADATA)
		return metadata_of(tree, path);
	return thingset_tree_get(tree, path);
}

static void
answer_fetch(const struct thingset_tree *tree, json_int_t id, const char *path,
    const json_t *wanted, struct buf *out)
{
	json_t *one, *list;
	size_t i;

	if (json_is_null(wanted)) {
		json_t *names = thingset_tree_names(tree, path);

		/* the members of a subset are paths */
		list = id < 0 || names == NULL
		    ? json_incref(names)
		    : with_ids(tree->speech,
			  thingset_tree_subset(tree, path) ? "" : path, names);
		put_answer(list == NULL ? NOT_FOUND : CONTENT, list, out);
		json_decref(list);
		json_decref(names);
		return;
	}
	list = json_array();
	json_array_foreach(wanted, i, one)
	{
		json_t *value = fetch_one(tree, id, path, one);

		if (value == NULL)
			break;
		json_array_append_new(list, value);
	}
	if (!json_is_array(wanted))
		put_answer(BAD_REQUEST, NULL, out);
	else if (i < json_array_size(wanted))
		put_answer(NOT_FOUND, NULL, out);
	else
		put_answer(CONTENT, list, out);
	json_decref(list);
}

static void
answer_get(const struct thingset_tree *tree, json_int_t id, const char *path,
    struct buf *out)
{
	json_t *value = thingset_tree_get(tree, path), *ids = NULL;

	if (id >= 0 && thingset_tree_subset(tree, path))
		ids = with_ids(tree->speech, "", value);
	else if (id >= 0 && json_is_object(value))
		ids = with_ids(tree->speech, path, value);
	put_answer(value == NULL ? NOT_FOUND : CONTENT,
	    ids == NULL ? value : ids, out);
	json_decref(ids);
	json_decref(value);
}

static void
answer(const struct thingset_tree *tree, const uint8_t *bytes, size_t size,
    struct buf *out)
{
	struct failure why;
	size_t used = 0, more;
	json_t *endpoint = thingset_cbor_read(bytes + 1, size - 1, &used, &why);
	json_t *wanted = NULL;
	json_int_t id =
	    json_is_integer(endpoint) ? json_integer_value(endpoint) : -1;
	const char *path =
	    id < 0 ? json_string_value(endpoint) : path_of(tree->speech, id);

	if (bytes[0] == FETCH)
		wanted = thingset_cbor_read(
		    bytes + 1 + used, size - 1 - used, &more, &why);
	if (endpoint == NULL || (bytes[0] == FETCH && wanted == NULL))
		put_answer(BAD_REQUEST, NULL, out);
	else if (bytes[0] == FETCH && id >= ID_IDS && id <= ID_METADATA)
		answer_fetch(tree, id, "", wanted, out);
	else if (path == NULL)
		put_answer(NOT_FOUND, NULL, out);
	else if (bytes[0] == FETCH)
		answer_fetch(tree, id, path, wanted, out);
	else
		answer_get(tree, id, path, out);
	json_decref(endpoint);
	json_decref(wanted);
}

void
thingset_serve_binary(const void *message, size_t size,
    const struct frame *frame, const struct profile_thingset *speech,
    struct buf *out)
{
	const uint8_t *bytes = message;
	struct thingset_tree tree;

	if (size < 2)
		return;
	if (bytes[0] != GET && bytes[0] != FETCH) {
		if (bytes[0] < 0x08)
			put_answer(NOT_ALLOWED, NULL, out);
		return;
	}
	thingset_tree_open(&tree, frame, speech);
	answer(&tree, bytes, size, out);
	thingset_tree_close(&tree);
}

/* Of a subset all items that have an id, else the value. */
void
thingset_tell_binary(const struct frame *frame,
    const struct profile_thingset *speech, size_t i, struct buf *out)
{
	const char *path = speech->reports[i].text;
	json_int_t id = id_of(speech, path);
	struct thingset_tree tree;
	json_t *value, *items, *endpoint;

	thingset_tree_open(&tree, frame, speech);
	if (thingset_tree_subset(&tree, path)) {
		items = thingset_tree_items(&tree);
		value = with_ids(speech, "", items);
		json_decref(items);
	} else {
		value = thingset_tree_report(&tree, path);
	}
	endpoint = id < 0 ? json_string(path) : json_integer(id);
	if (value != NULL) {
		buf_char(out, REPORT);
		thingset_cbor_put(endpoint, out);
		thingset_cbor_put(value, out);
	}
	json_decref(endpoint);
	json_decref(value);
	thingset_tree_close(&tree);
}
