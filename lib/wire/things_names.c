/* See things.h: names for ids, and the questions that bring them. */
#include <stdlib.h>
#include <string.h>

#include "wire/things.h"
#include "wire/thingset_cbor.h"

static int
by_id(const void *key, const void *member)
{
	uint32_t id = *(const uint32_t *)key;
	const struct profile_thingset_id *one = member;

	return id < one->id ? -1 : id > one->id;
}

const char *
things_path(const struct things *things, const struct profile_thingset *profile,
    const char *name)
{
	const struct profile_thingset_id *found = NULL;
	const char *learned;
	uint32_t id;

	if (!thingset_id_of(name, &id))
		return name;
	if (profile->id_count > 0)
		found = bsearch(&id, profile->ids, profile->id_count,
		    sizeof(*found), by_id);
	if (found != NULL)
		return found->path;
	learned = json_string_value(json_object_get(things->names, name));
	return learned != NULL ? learned : name;
}

const char *
things_endpoint(
    const struct profile_thingset *profile, const char *path, char name[16])
{
	for (size_t i = 0; i < profile->id_count; i++)
		if (strcmp(profile->ids[i].path, path) == 0) {
			thingset_id_name(profile->ids[i].id, name);
			return name;
		}
	return path;
}

static bool
has_name(const struct things *things, const struct profile_thingset *profile,
    const char *name)
{
	uint32_t id;

	return !thingset_id_of(name, &id) ||
	    json_object_get(things->names, name) != NULL ||
	    things_path(things, profile, name) != name;
}

void
things_want_name(struct things *things, const struct profile_thingset *profile,
    const char *name)
{
	if (has_name(things, profile, name) ||
	    json_object_size(things->names) >= THINGS_NAMES_MAX)
		return;
	if (things->unknown == NULL)
		things->unknown = json_object();
	if (json_object_size(things->unknown) < THINGS_NAMES_MAX)
		json_object_set_new(things->unknown, name, json_null());
}

void
things_want(struct things *things, const struct profile_thingset *profile,
    const json_t *payload)
{
	const char *name;
	json_t *member;

	json_object_foreach((json_t *)(uintptr_t)payload, name, member)
	{
		things_want_name(things, profile, name);
		things_want(things, profile, member);
	}
}

static void
learn_name(struct things *things, const char *id, const char *path)
{
	if (things->names == NULL)
		things->names = json_object();
	if (json_object_size(things->names) < THINGS_NAMES_MAX)
		json_object_set_new(things->names, id, json_string(path));
}

void
things_want_members(struct things *things,
    const struct profile_thingset *profile, const char *endpoint)
{
	const json_t *list, *one;
	size_t i;

	if (things->members == NULL)
		things->members = json_object();
	list = json_object_get(things->members, endpoint);
	if (list == NULL &&
	    json_object_size(things->members) < THINGS_REPORTS_MAX)
		json_object_set_new(things->members, endpoint, json_null());
	json_array_foreach(list, i, one)
	{
		char name[THINGSET_ID_TEXT];

		if (!json_is_integer(one))
			continue;
		thingset_id_name((uint64_t)json_integer_value(one), name);
		things_want_name(things, profile, name);
	}
}

static void
ask_paths(struct things *things, struct buf *out)
{
	json_t *member, *list = json_array();
	const char *name;
	char endpoint[THINGSET_ID_TEXT];
	uint32_t id;

	json_object_foreach(things->unknown, name,
	    member) if (json_array_size(list) < THINGS_ASK_MAX &&
	    thingset_id_of(name, &id))
	    json_array_append_new(list, json_integer(id));
	thingset_id_name(THINGSET_ID_PATHS, endpoint);
	thingset_fetch_put(endpoint, list, out);
	things->asked = THINGS_PATHS;
	things->asking = list;
}

bool
things_puzzled(const struct things *things)
{
	const char *name;
	json_t *list;

	if (json_object_size(things->unknown) > 0)
		return true;
	json_object_foreach(things->members, name, list)
	{
		if (json_is_null(list))
			return true;
	}
	return false;
}

bool
things_ask(struct things *things, struct buf *out)
{
	json_t *none, *list;
	const char *name;

	json_decref(things->asking);
	things->asking = NULL;
	things->asked = THINGS_NONE;
	if (json_object_size(things->unknown) > 0) {
		ask_paths(things, out);
		return true;
	}
	json_object_foreach(things->members, name, list)
	{
		if (!json_is_null(list))
			continue;
		none = json_null();
		thingset_fetch_put(name, none, out);
		json_decref(none);
		things->asked = THINGS_MEMBERS;
		things->asking = json_string(name);
		return true;
	}
	return false;
}

/* An id that the device has no path for keeps its number for a name. */
static void
learn_paths(struct things *things, const json_t *paths)
{
	json_t *one;
	size_t i;

	json_array_foreach(things->asking, i, one)
	{
		const char *path = json_string_value(json_array_get(paths, i));
		char name[THINGSET_ID_TEXT];

		thingset_id_name((uint64_t)json_integer_value(one), name);
		if (path == NULL || *path == '\0' ||
		    strlen(path) > THINGS_PATH_MAX)
			path = name;
		learn_name(things, name, path);
		json_object_del(things->unknown, name);
	}
}

void
things_learn(struct things *things, const struct profile_thingset *profile,
    const struct thingset_message *message)
{
	const json_t *list = message->payload;

	if (message->kind != THINGSET_ANSWER || !json_is_array(list))
		list = NULL;
	if (things->asked == THINGS_PATHS)
		learn_paths(things, list);
	if (things->asked == THINGS_MEMBERS) {
		const char *subset = json_string_value(things->asking);

		json_object_set_new(things->members, subset,
		    list == NULL ? json_array() : json_deep_copy(list));
		things_want_members(things, profile, subset);
	}
	json_decref(things->asking);
	things->asking = NULL;
	things->asked = THINGS_NONE;
}
