/* The "thingset" of a profile: how it is asked, and what it tells. */
#include <stdlib.h>
#include <string.h>

#include "profile/load.h"

#define IDS_MAX 4096
#define PATH_MAX_BYTES 256

static int
paths_of(struct loader *l, const json_t *object, const char *member,
    struct profile_request **paths, size_t *count)
{
	const json_t *list = json_object_get(object, member), *one;
	size_t i;

	*paths = arena_alloc(
	    &l->profile->arena, (json_array_size(list) + 1) * sizeof(**paths));
	json_array_foreach(list, i, one)
	{
		if (!json_is_string(one) ||
		    json_string_length(one) > PATH_MAX_BYTES)
			return failure_set(
			    l->why, EXIT_WRONG, "%s: not texts", member);
		(*paths)[(*count)++] = (struct profile_request){
			.text = arena_text(&l->profile->arena,
			    json_string_value(one), json_string_length(one))
		};
	}
	return 0;
}

static int
by_id(const void *a, const void *b)
{
	const struct profile_thingset_id *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* "ids": {"Meas/rSOC_pct": "0x7C", ...} */
static int
ids_of(struct loader *l, const json_t *object)
{
	const json_t *list = json_object_get(object, "ids");
	struct profile_thingset *thingset = &l->profile->thingset;
	struct profile_thingset_id *ids;
	const char *path;
	json_t *one;

	if (list == NULL)
		return 0;
	if (!json_is_object(list) || json_object_size(list) > IDS_MAX)
		return failure_set(l->why, EXIT_WRONG,
		    "ids: not an object of at most %d", IDS_MAX);
	ids = arena_alloc(
	    &l->profile->arena, (json_object_size(list) + 1) * sizeof(*ids));
	json_object_foreach((json_t *)(uintptr_t)list, path, one)
	{
		int64_t id = -1;

		if (load_address(l, list, path, UINT32_MAX - 1, &id) != 0)
			return failure_prefix(l->why, "ids");
		ids[thingset->id_count].id = (uint32_t)id;
		ids[thingset->id_count++].path =
		    arena_text(&l->profile->arena, path, strlen(path));
	}
	qsort(ids, thingset->id_count, sizeof(*ids), by_id);
	thingset->ids = ids;
	return 0;
}

int
load_thingset(struct loader *l, const json_t *object)
{
	static const char *const members[] = { "mode", "requests", "reports",
		"ids", NULL };
	struct profile_thingset *thingset = &l->profile->thingset;
	struct profile_request *reports;
	const char *mode = "text";

	if (!json_is_object(object))
		return failure_set(l->why, EXIT_WRONG, "thingset: is missing");
	if (json_members_known(object, members, l->why) != 0 ||
	    json_member_text(object, "mode", false, &mode, l->why) != 0 ||
	    paths_of(l, object, "requests", &l->profile->requests,
		&l->profile->request_count) != 0 ||
	    paths_of(l, object, "reports", &reports, &thingset->report_count) !=
		0 ||
	    ids_of(l, object) != 0)
		return -1;
	thingset->reports = reports;
	thingset->binary = strcmp(mode, "binary") == 0;
	if (!thingset->binary && strcmp(mode, "text") != 0)
		return failure_set(
		    l->why, EXIT_WRONG, "thingset: mode: not text or binary");
	return 0;
}
