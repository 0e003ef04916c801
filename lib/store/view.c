/*
 * Views are resolved once a run into lists of battery ids. The narrow
 * reading wins everywhere: members of a selection are joined by "and",
 * unknown names select nothing, unknown members are refused.
 */
#include "store/view.h"

#include <string.h>

#include "base/ids.h"
#include "base/io.h"
#include "json/json.h"
#include "store/sql.h"

#define VIEWS_MAX 1000

static const char *const selection_members[] = { "batteries", "locations",
	"types", NULL };

/* Every text of the member (a JSON array) is a condition's right side. */
static const char select_batteries[] =
    "WITH RECURSIVE place(id) AS ("
    " SELECT id FROM locations"
    "  WHERE slug IN (SELECT value FROM json_each(:locations))"
    " UNION SELECT l.id FROM locations l JOIN place p"
    "  ON l.parent_id = p.id)"
    "SELECT b.id FROM batteries b"
    " WHERE b.is_active <> 0"
    " AND (:batteries IS NULL OR b.slug IN"
    "  (SELECT value FROM json_each(:batteries)))"
    " AND (:locations IS NULL OR b.location_id IN (SELECT id FROM place))"
    " AND (:types IS NULL OR b.battery_type_id IN"
    "  (SELECT t.id FROM battery_types t WHERE t.slug IN"
    "   (SELECT value FROM json_each(:types))))"
    " ORDER BY b.id";

static int
bind_member(struct sql_query *query, const json_t *selection,
    const char *member, struct arena *arena, struct failure *why)
{
	const json_t *list = json_object_get(selection, member);
	char parameter[16] = ":";
	const json_t *item;
	size_t i;

	if (list == NULL)
		return 0; /* a cleared parameter is NULL */
	if (!json_is_array(list))
		return failure_set(why, EXIT_WRONG, "%s: no list", member);
	json_array_foreach(
	    list, i, item) if (!json_is_string(item)) return failure_set(why,
	    EXIT_WRONG, "%s: no name", member);
	strncat(parameter, member, sizeof(parameter) - 2);
	sql_bind_text(query, sql_parameter(query, parameter),
	    json_canonical(arena, list, &(size_t){ 0 }));
	return 0;
}

static void
add_battery(struct view *view, struct arena *arena, int64_t id)
{
	int64_t *grown;

	if ((view->count & (view->count - 1)) == 0) {
		grown = arena_alloc(arena,
		    (view->count == 0 ? 1 : view->count * 2) * sizeof(*grown));
		if (view->count > 0)
			memcpy(
			    grown, view->battery, view->count * sizeof(*grown));
		view->battery = grown;
	}
	view->battery[view->count++] = id;
}

static int
resolve(struct sql_query *query, const json_t *selection, struct arena *arena,
    struct view *view, struct failure *why)
{
	int got;

	if (!json_is_object(selection))
		return failure_set(why, EXIT_WRONG, "no object");
	if (json_members_known(selection, selection_members, why) == -1)
		return -1;
	sql_reset(query);
	for (size_t i = 0; selection_members[i] != NULL; i++)
		if (bind_member(query, selection, selection_members[i], arena,
			why) == -1)
			return -1;
	while ((got = sql_step(query, why)) == 1)
		add_battery(view, arena, sql_integer(query, 0));
	return got;
}

/* One row of `views` or, without any, the view of all. */
static int
read_view(struct sql_query *batteries, const char *slug, const char *name,
    const char *text, struct arena *arena, struct view *view,
    struct failure *why)
{
	json_t *selection;
	int result;

	*view = (struct view){ .count = 0 };
	view->slug = arena_text(arena, slug, strlen(slug));
	view->name = arena_text(arena, name, strlen(name));
	if (!io_slug_ok(slug))
		return failure_set(why, EXIT_WRONG, "view %s: no slug", slug);
	selection = json_read(text, strlen(text), why);
	result = selection == NULL
	    ? -1
	    : resolve(batteries, selection, arena, view, why);
	json_decref(selection);
	if (result == -1) {
		why->status =
		    why->status == EXIT_AGAIN ? EXIT_AGAIN : EXIT_WRONG;
		failure_prefix(why, "view %s: selection", slug);
	}
	return result;
}

static const char *
text_or(const char *text, const char *otherwise)
{
	return text == NULL ? otherwise : text;
}

static int
read_views(struct sql_query *rows, struct sql_query *batteries,
    struct arena *arena, struct view *views, size_t *count, struct failure *why)
{
	int got;

	*count = 0;
	while ((got = sql_step(rows, why)) == 1) {
		if (*count == VIEWS_MAX)
			return failure_set(
			    why, EXIT_WRONG, "more than %d views", VIEWS_MAX);
		if (read_view(batteries, text_or(sql_text(rows, 0), ""),
			text_or(sql_text(rows, 1), ""),
			text_or(sql_text(rows, 2), ""), arena, &views[*count],
			why) == -1)
			return -1;
		++*count;
	}
	if (got == 0 && *count == 0) {
		*count = 1;
		return read_view(batteries, "all", "", "{}", arena, views, why);
	}
	return got;
}

int
view_list(struct tenant *tenant, struct arena *arena, struct view **views,
    size_t *count, struct failure *why)
{
	struct sql *sql = tenant_sql(tenant);
	struct sql_query *rows, *batteries;
	int result = -1;

	*views = arena_alloc(arena, VIEWS_MAX * sizeof(**views));
	rows = sql_prepare(sql,
	    "SELECT slug, name, selection FROM views"
	    " ORDER BY slug",
	    why);
	batteries =
	    rows == NULL ? NULL : sql_prepare(sql, select_batteries, why);
	if (batteries != NULL)
		result = read_views(rows, batteries, arena, *views, count, why);
	sql_query_free(rows);
	sql_query_free(batteries);
	return result;
}

int
view_resolve(struct tenant *tenant, const char *selection, struct arena *arena,
    struct view *view, struct failure *why)
{
	struct sql_query *batteries =
	    sql_prepare(tenant_sql(tenant), select_batteries, why);
	json_t *value;
	int result = -1;

	*view = (struct view){ .slug = "", .name = "" };
	value = batteries == NULL
	    ? NULL
	    : json_read(selection, strlen(selection), why);
	if (value != NULL && resolve(batteries, value, arena, view, why) == 0)
		result = 0;
	json_decref(value);
	sql_query_free(batteries);
	return result == 0 ? 0 : failure_prefix(why, "selection");
}

bool
view_has(const struct view *view, int64_t battery_id)
{
	return ids_find(view->battery, view->count, sizeof(*view->battery),
		   battery_id) != NULL;
}
