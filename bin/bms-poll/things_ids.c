/* See things.h: the ids of what was found. */
#include <string.h>

#include "things.h"
#include "wire/thingset_binary.h"
#include "wire/thingset_cbor.h"

#define DEPTH_MAX 6
#define IDS_MAX 2000
#define IDS_AT_ONCE 8

/* FETCH `wanted` of an endpoint; NULL where it is refused. 0, or -1 with a
 * failure. */
static int
fetch(struct walk *walk, uint32_t id, const json_t *wanted, json_t **list,
    struct failure *why)
{
	struct buf request = { 0 }, answer = { 0 };
	char endpoint[THINGSET_ID_TEXT];
	int status;

	*list = NULL;
	thingset_id_name(id, endpoint);
	thingset_fetch_put(endpoint, wanted, &request);
	status = things_exchange(&walk->link, &request, &answer, why);
	if (status == 0)
		*list = things_value(walk, &answer, why);
	buf_free(&request);
	buf_free(&answer);
	return status;
}

static int go_down(
    struct walk *walk, uint32_t id, int depth, struct failure *why);

/* Paths of some ids, and what is below those that are groups. */
static int
take_ids(struct walk *walk, const json_t *ids, int depth, struct failure *why)
{
	json_t *paths, *id;
	int status = fetch(walk, THINGSET_ID_PATHS, ids, &paths, why);
	size_t i;

	json_array_foreach(ids, i, id)
	{
		const char *path = json_string_value(json_array_get(paths, i));
		const json_t *value =
		    path == NULL ? NULL : json_object_get(walk->items, path);

		if (value == NULL || status != 0 ||
		    json_object_size(walk->ids) >= IDS_MAX)
			continue;
		json_object_set(walk->ids, path, id);
		if (things_group(path, value))
			status = go_down(walk, (uint32_t)json_integer_value(id),
			    depth + 1, why);
	}
	json_decref(paths);
	return status;
}

/* The ids below one, a few at a time. */
static int
go_down(struct walk *walk, uint32_t id, int depth, struct failure *why)
{
	json_t *none = json_null(), *ids, *one, *some = json_array();
	int status = depth > DEPTH_MAX ? 0 : fetch(walk, id, none, &ids, why);
	size_t i;

	if (depth > DEPTH_MAX)
		ids = NULL;
	json_array_foreach(ids, i, one)
	{
		if (!json_is_integer(one) || json_integer_value(one) < 0 ||
		    json_integer_value(one) >= UINT32_MAX)
			continue;
		json_array_append(some, one);
		if (json_array_size(some) < IDS_AT_ONCE)
			continue;
		status = take_ids(walk, some, depth, why);
		json_array_clear(some);
		if (status != 0)
			break;
	}
	if (status == 0 && json_array_size(some) > 0)
		status = take_ids(walk, some, depth, why);
	json_decref(some);
	json_decref(ids);
	return status;
}

int
things_ids(struct walk *walk, struct failure *why)
{
	return go_down(walk, 0, 0, why);
}
