/* See things.h. */
#include "wire/things.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wire/thingset_cbor.h"

static void
forget(struct thing *thing)
{
	free(thing->text);
	json_decref(thing->payload);
	thing->text = NULL;
	thing->payload = NULL;
}

void
things_free(struct things *things)
{
	for (size_t i = 0; i < things->count; i++) {
		forget(&things->thing[i]);
		free(things->thing[i].endpoint);
	}
	free(things->thing);
	json_decref(things->names);
	json_decref(things->unknown);
	json_decref(things->members);
	json_decref(things->asking);
	memset(things, 0, sizeof(*things));
}

/* The place of an endpoint's report; NULL where there are too many. */
static struct thing *
place(struct things *things, const char *endpoint)
{
	struct thing *thing;

	for (size_t i = 0; i < things->count; i++)
		if (strcmp(things->thing[i].endpoint, endpoint) == 0)
			return &things->thing[i];
	if (things->count == THINGS_REPORTS_MAX)
		return NULL;
	things->thing =
	    mem_grow(things->thing, things->count + 1, sizeof(*things->thing));
	thing = &things->thing[things->count++];
	memset(thing, 0, sizeof(*thing));
	thing->endpoint = mem_copy_text(endpoint);
	return thing;
}

void
things_hear_text(
    struct things *things, const char *path, const char *json, int64_t now_ms)
{
	struct thing *thing = place(things, path);

	if (thing == NULL)
		return;
	forget(thing);
	thing->text = mem_copy_text(json);
	thing->heard_ms = now_ms;
}

void
things_hear(struct things *things, const struct profile_thingset *profile,
    const json_t *endpoint, json_t *payload, bool item, int64_t now_ms)
{
	char name[THINGSET_ID_TEXT];
	const char *path = json_string_value(endpoint);
	struct thing *thing;

	if (json_is_integer(endpoint)) {
		thingset_id_name((uint64_t)json_integer_value(endpoint), name);
		path = name;
	}
	if (path == NULL || strlen(path) > THINGS_PATH_MAX ||
	    (thing = place(things, path)) == NULL) {
		json_decref(payload);
		return;
	}
	forget(thing);
	thing->payload = payload;
	thing->item = item;
	thing->heard_ms = now_ms;
	things_want_name(things, profile, path);
	things_want(things, profile, payload);
	if (!item && json_is_array(payload))
		things_want_members(things, profile, path);
}

/* ---- values with names ------------------------------------------------- */

static json_t *named(const struct things *things,
    const struct profile_thingset *profile, const json_t *value,
    const char *path);

/* Put a value where its path says, groups as objects within each other. */
static void
put_at(json_t *object, const char *path, json_t *value)
{
	char step[THINGS_PATH_MAX + 1];

	for (int depth = 0;; depth++) {
		size_t size = depth < THINGSET_DEPTH_MAX ? strcspn(path, "/")
							 : strlen(path);
		json_t *group;

		memcpy(step, path, size);
		step[size] = '\0';
		if (path[size] == '\0')
			break;
		group = json_object_get(object, step);
		if (!json_is_object(group)) {
			group = json_object();
			json_object_set_new(object, step, group);
		}
		object = group;
		path += size + 1;
	}
	/* a group that is not told must not hide what is told of it */
	if (json_is_null(value) && json_object_get(object, step) != NULL)
		json_decref(value);
	else
		json_object_set_new(object, step, value);
}

static json_t *
named_object(const struct things *things,
    const struct profile_thingset *profile, const json_t *value,
    const char *path)
{
	json_t *object = json_object(), *member;
	size_t size = strlen(path);
	const char *name;

	json_object_foreach((json_t *)(uintptr_t)value, name, member)
	{
		const char *full = things_path(things, profile, name);
		const char *rest = full;

		if (strlen(full) > THINGS_PATH_MAX)
			continue;
		if (full != name && size > 0 &&
		    strncmp(full, path, size) == 0 && full[size] == '/')
			rest += size + 1;
		member = named(things, profile, member, full);
		/* only an id's path has groups in it */
		if (full != name)
			put_at(object, rest, member);
		else
			json_object_set_new(object, name, member);
	}
	return object;
}

static json_t *
named(const struct things *things, const struct profile_thingset *profile,
    const json_t *value, const char *path)
{
	json_t *array, *one;
	size_t i;

	if (json_is_object(value))
		return named_object(things, profile, value, path);
	if (!json_is_array(value))
		return json_incref((json_t *)(uintptr_t)value);
	array = json_array();
	json_array_foreach(value, i, one)
	    json_array_append_new(array, named(things, profile, one, path));
	return array;
}

void
things_name(const struct things *things, const struct profile_thingset *profile,
    const json_t *payload, const char *path, struct buf *out)
{
	json_t *value = named(things, profile, payload, path);

	thingset_json_put(value, out);
	json_decref(value);
}

/* ---- reports ---------------------------------------------------------- */

/* The newest report of a path that came since then. */
static struct thing *
find(const struct things *things, const struct profile_thingset *profile,
    const char *path, int64_t since_ms)
{
	for (size_t i = 0; i < things->count; i++) {
		struct thing *thing = &things->thing[i];

		if (thing->heard_ms != 0 && thing->heard_ms >= since_ms &&
		    strcmp(things_path(things, profile, thing->endpoint),
			path) == 0)
			return thing;
	}
	return NULL;
}

bool
things_whole(const struct things *things,
    const struct profile_thingset *profile, int64_t since_ms)
{
	for (size_t i = 0; i < profile->report_count; i++)
		if (find(things, profile, profile->reports[i].text, since_ms) ==
		    NULL)
			return false;
	return true;
}

/* Values only, with the names of the subset's members; false where they do
 * not fit each other. */
static bool
put_members(const struct things *things, const struct profile_thingset *profile,
    const struct thing *thing, struct buf *out)
{
	const json_t *members =
	    json_object_get(things->members, thing->endpoint);
	json_t *object, *one;
	size_t i;

	if (json_array_size(members) != json_array_size(thing->payload))
		return false;
	object = json_object();
	json_array_foreach(members, i, one)
	{
		char name[THINGSET_ID_TEXT];
		const char *path = json_string_value(one);

		if (json_is_integer(one)) {
			thingset_id_name(
			    (uint64_t)json_integer_value(one), name);
			path = things_path(things, profile, name);
		}
		if (path != NULL && strlen(path) <= THINGS_PATH_MAX)
			put_at(object, path,
			    json_incref(json_array_get(thing->payload, i)));
	}
	thingset_json_put(object, out);
	json_decref(object);
	return true;
}

bool
things_take(struct things *things, const struct profile_thingset *profile,
    size_t i, int64_t since_ms, struct buf *out)
{
	struct thing *thing =
	    find(things, profile, profile->reports[i].text, since_ms);

	if (thing == NULL)
		return false;
	thing->heard_ms = 0;
	if (thing->text != NULL)
		buf_text(out, thing->text);
	else if (!thing->item && json_is_array(thing->payload))
		return put_members(things, profile, thing, out);
	else
		things_name(things, profile, thing->payload,
		    thing->item ? profile->reports[i].text : "", out);
	return true;
}
