/*
 * Which battery a reading is of, from memory: a query for each reading would
 * cost more than all the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "store/fleet_parts.h"

/* Slugs of batteries are valid from always. */
static const char select_names[] =
    "SELECT 0, slug, -1, id, 1 FROM batteries UNION ALL"
    " SELECT 1, d.device, v.valid_from, coalesce(v.battery_id, 0), v.pinned"
    " FROM device_batteries v JOIN devices d ON d.id = v.device_id";

static int
compare(const void *a, const void *b)
{
	const struct fleet_name *left = a, *right = b;
	int order;

	if (left->device != right->device)
		return left->device ? 1 : -1;
	order = strcmp(left->text, right->text);
	if (order != 0)
		return order;
	return (left->from_ms > right->from_ms) -
	    (left->from_ms < right->from_ms);
}

static void
add(struct fleet *fleet, struct arena *arena, struct sql_query *query)
{
	const char *text = sql_text(query, 1);

	if (fleet->names == fleet->name_room) {
		fleet->name_room =
		    fleet->name_room == 0 ? 64 : fleet->name_room * 2;
		fleet->name = mem_grow(
		    fleet->name, fleet->name_room, sizeof(*fleet->name));
	}
	fleet->name[fleet->names++] =
	    (struct fleet_name){ .device = sql_integer(query, 0) != 0,
		    .text = arena_text(arena, text, strlen(text)),
		    .from_ms = sql_integer(query, 2),
		    .battery_id = sql_integer(query, 3),
		    .pinned = sql_integer(query, 4) != 0 };
}

int
fleet_names_load(struct fleet *fleet, struct arena *arena, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(tenant_sql(fleet->tenant), select_names, why);
	int got = -1;

	fleet->names = 0;
	while (query != NULL && (got = sql_step(query, why)) == 1)
		add(fleet, arena, query);
	sql_query_free(query);
	if (fleet->names > 0)
		qsort(fleet->name, fleet->names, sizeof(*fleet->name), compare);
	if (got == 0)
		got = serials_load(
		    &fleet->serials, tenant_sql(fleet->tenant), arena, why);
	return got;
}

/* In the order that append goes by: a battery that is named, a device that
 * is pinned, a serial number, a device. */
int64_t
fleet_battery_of(const struct fleet *fleet, const struct reading *reading)
{
	bool device = *reading->battery == '\0';
	struct fleet_name key = { .device = device,
		.text = device ? reading->device : reading->battery,
		.from_ms = reading->time_ms };
	size_t low = 0, high = fleet->names;
	int64_t told = device ? serials_find(&fleet->serials, reading) : 0;

	/* the last that is not behind the key */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&fleet->name[middle], &key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || fleet->name[low - 1].device != device ||
	    strcmp(fleet->name[low - 1].text, key.text) != 0)
		return told;
	return told == 0 || fleet->name[low - 1].pinned
	    ? fleet->name[low - 1].battery_id
	    : told;
}
