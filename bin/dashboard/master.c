/*
 * Master data: types, places with their zones, batteries, custom fields,
 * maintenance. Texts are copied to the fleet's arena.
 */
#include <math.h>
#include <string.h>

#include "base/io.h"
#include "dashboard.h"
#include "store/sql.h"

/* Run a query without values; `row` gets each row. The count or -1. */
static int
each(struct fleet *fleet, const char *text,
    int (*row)(struct fleet *, struct sql_query *), struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(tenant_sql(fleet->tenant), text, why);
	int got;

	if (query == NULL)
		return -1;
	while ((got = sql_step(query, why)) == 1)
		row(fleet, query);
	sql_query_free(query);
	return got;
}

static int64_t
count_rows(struct fleet *fleet, const char *text, struct failure *why)
{
	return sql_ask(tenant_sql(fleet->tenant), text, NULL, 0, why);
}

static const char *
copy(struct fleet *fleet, struct sql_query *query, int n)
{
	const char *text = sql_text(query, n);

	return text == NULL || *text == '\0'
	    ? NULL
	    : arena_text(fleet->arena, text, strlen(text));
}

static const char *
copy_must(struct fleet *fleet, struct sql_query *query, int n)
{
	const char *text = copy(fleet, query, n);

	return text == NULL ? "" : text;
}

static void *
table(struct fleet *fleet, int64_t count, size_t size)
{
	size_t bytes = ((size_t)count + 1) * size;

	return memset(arena_alloc(fleet->arena, bytes), 0, bytes);
}

static int
type_row(struct fleet *fleet, struct sql_query *q)
{
	fleet->type[fleet->type_count++] =
	    (struct type){ .id = sql_integer(q, 0),
		    .slug = copy_must(fleet, q, 1),
		    .name = copy_must(fleet, q, 2),
		    .maker = copy(fleet, q, 3),
		    .model = copy(fleet, q, 4),
		    .bms = copy(fleet, q, 5),
		    .chemistry = copy(fleet, q, 6),
		    .voltage = sql_real(q, 7),
		    .capacity_ah = sql_real(q, 8),
		    .capacity_wh = sql_real(q, 9),
		    .cells = (int)sql_integer(q, 10) };
	return 0;
}

int
load_types(struct fleet *fleet, struct failure *why)
{
	int64_t count =
	    count_rows(fleet, "SELECT count(*) FROM battery_types", why);

	if (count == -1)
		return -1;
	fleet->type = table(fleet, count, sizeof(*fleet->type));
	return each(fleet,
	    "SELECT id, slug, name, manufacturer, model,"
	    " bms_type, chemistry, nominal_voltage, capacity_ah, capacity_wh,"
	    " cell_count FROM battery_types ORDER BY id",
	    type_row, why);
}

static int
place_row(struct fleet *fleet, struct sql_query *q)
{
	fleet->place[fleet->place_count++] =
	    (struct place){ .id = sql_integer(q, 0),
		    .parent = sql_integer(q, 1),
		    .slug = copy_must(fleet, q, 2),
		    .name = copy_must(fleet, q, 3),
		    .zone_name = copy(fleet, q, 4),
		    .address = copy(fleet, q, 5),
		    .city = copy(fleet, q, 6),
		    .province = copy(fleet, q, 7),
		    .environment = copy(fleet, q, 8),
		    .contact = copy(fleet, q, 9),
		    .phone = copy(fleet, q, 10),
		    .email = copy(fleet, q, 11) };
	return 0;
}

static struct place *
find_place(struct fleet *fleet, int64_t id)
{
	for (size_t i = 0; i < fleet->place_count; i++)
		if (fleet->place[i].id == id)
			return &fleet->place[i];
	return NULL;
}

/* Its topmost place, and the zone of the nearest that has one. */
static int
settle_place(struct fleet *fleet, struct place *place, struct failure *why)
{
	const char *zone = NULL;
	struct place *at = place;

	for (int depth = 0; depth < 16; depth++) {
		if (zone == NULL)
			zone = at->zone_name;
		place->site = at;
		at = find_place(fleet, at->parent);
		if (depth == 0)
			place->up = at;
		if (at == NULL)
			break;
	}
	place->zone_name = zone == NULL ? fleet->zone_name : zone;
	place->zone = zone_open(place->zone_name, why);
	return place->zone == NULL
	    ? failure_prefix(why, "location %s", place->slug)
	    : 0;
}

int
load_places(struct fleet *fleet, struct failure *why)
{
	int64_t count =
	    count_rows(fleet, "SELECT count(*) FROM locations", why);

	if (count == -1)
		return -1;
	fleet->place = table(fleet, count, sizeof(*fleet->place));
	if (each(fleet,
		"SELECT id, parent_id, slug, name, timezone, address,"
		" city, province, environment_type, responsible_name,"
		" unsealed(responsible_phone, 'locations',"
		"  'responsible_phone', id),"
		" unsealed(responsible_email, 'locations',"
		"  'responsible_email', id) FROM locations"
		" ORDER BY level DESC, id",
		place_row, why) == -1)
		return -1;
	/* the deepest first: settling reads the zones of those above */
	for (size_t i = 0; i < fleet->place_count; i++)
		if (settle_place(fleet, &fleet->place[i], why) == -1)
			return -1;
	return 0;
}

static int
battery_row(struct fleet *fleet, struct sql_query *q)
{
	struct battery *b = &fleet->battery[fleet->battery_count++];
	int64_t type = sql_integer(q, 1);

	*b = (struct battery){ .id = sql_integer(q, 0),
		.place = find_place(fleet, sql_integer(q, 2)),
		.slug = copy_must(fleet, q, 3),
		.name = copy_must(fleet, q, 4),
		.serial = copy_must(fleet, q, 5),
		.internal = copy(fleet, q, 6),
		.notes = copy(fleet, q, 7),
		.since = copy(fleet, q, 8),
		.warranty = copy(fleet, q, 9),
		.next_upkeep = copy(fleet, q, 10),
		.today_in = NAN,
		.today_out = NAN };
	for (size_t i = 0; i < fleet->type_count; i++)
		if (fleet->type[i].id == type)
			b->type = &fleet->type[i];
	return 0;
}

int
load_batteries(struct fleet *fleet, struct failure *why)
{
	int64_t count = count_rows(fleet,
	    "SELECT count(*) FROM batteries"
	    " WHERE is_active <> 0",
	    why);

	if (count == -1)
		return -1;
	fleet->battery = table(fleet, count, sizeof(*fleet->battery));
	return each(fleet,
	    "SELECT id, battery_type_id, location_id, slug,"
	    " name, serial_number, internal_id, notes,"
	    " coalesce(commissioning_date, installation_date),"
	    " warranty_end_date, next_maintenance_date FROM batteries"
	    " WHERE is_active <> 0 ORDER BY id",
	    battery_row, why);
}

static struct pair **
custom_of(struct fleet *fleet, const char *entity, int64_t id)
{
	struct battery *battery;

	if (strcmp(entity, "battery") == 0) {
		battery = find_battery(fleet, id);
		return battery == NULL ? NULL : &battery->custom;
	}
	if (strcmp(entity, "location") == 0) {
		struct place *place = find_place(fleet, id);

		return place == NULL ? NULL : &place->custom;
	}
	for (size_t i = 0; i < fleet->type_count; i++)
		if (fleet->type[i].id == id)
			return &fleet->type[i].custom;
	return NULL;
}

/* Rows come in order of display; a list keeps it by adding at its end. */
static int
custom_row(struct fleet *fleet, struct sql_query *q)
{
	struct pair **last =
			custom_of(fleet, sql_text(q, 0), sql_integer(q, 1)),
		    *pair;

	if (last == NULL || sql_text(q, 3) == NULL)
		return 0;
	while (*last != NULL)
		last = &(*last)->next;
	pair = arena_alloc(fleet->arena, sizeof(*pair));
	*pair = (struct pair){ .label = copy_must(fleet, q, 2),
		.value = copy_must(fleet, q, 3),
		.shown = sql_integer(q, 4) != 0,
		.searched = sql_integer(q, 5) != 0 };
	*last = pair;
	return 0;
}

static int
field_row(struct fleet *fleet, struct sql_query *q)
{
	fleet->field[fleet->field_count++] = copy_must(fleet, q, 0);
	return 0;
}

int
load_custom(struct fleet *fleet, struct failure *why)
{
	int64_t count =
	    count_rows(fleet, "SELECT count(*) FROM custom_fields", why);

	if (count == -1)
		return -1;
	fleet->field = table(fleet, count, sizeof(*fleet->field));
	if (each(fleet,
		"SELECT field_label FROM custom_fields"
		" WHERE is_active <> 0 AND is_searchable <> 0"
		" AND applies_to = 'battery' ORDER BY display_order, id",
		field_row, why) == -1)
		return -1;
	return each(fleet,
	    "SELECT v.entity_type, v.entity_id,"
	    " f.field_label, CASE WHEN f.field_type = 'multiselect'"
	    "  AND json_valid(v.field_value) THEN (SELECT"
	    "  group_concat(value, ', ') FROM json_each(v.field_value))"
	    "  ELSE v.field_value END,"
	    " f.is_visible_in_detail, f.is_searchable"
	    " FROM custom_field_values v JOIN custom_fields f"
	    " ON f.id = v.custom_field_id AND f.applies_to = v.entity_type"
	    " WHERE f.is_active <> 0 ORDER BY f.display_order, f.id",
	    custom_row, why);
}

static int
upkeep_row(struct fleet *fleet, struct sql_query *q)
{
	struct battery *battery = find_battery(fleet, sql_integer(q, 0));
	struct upkeep *entry;

	if (battery == NULL)
		return 0;
	entry = arena_alloc(fleet->arena, sizeof(*entry));
	*entry = (struct upkeep){ .time_ms = sql_integer(q, 1),
		.kind = copy_must(fleet, q, 2),
		.title = copy_must(fleet, q, 3),
		.text = copy(fleet, q, 4),
		.who = copy(fleet, q, 5),
		.status = copy_must(fleet, q, 6),
		.next = battery->upkeep };
	battery->upkeep = entry;
	return 0;
}

int
load_upkeep(struct fleet *fleet, struct failure *why)
{
	return each(fleet,
	    "SELECT battery_id, performed_at, kind, title,"
	    " description, performed_by, status FROM maintenance_logs"
	    " WHERE status <> 'cancelled' ORDER BY performed_at, id",
	    upkeep_row, why);
}
