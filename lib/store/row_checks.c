/*
 * A device's line also says which battery it measures since when; a custom
 * field's value must be of the kind that its field asks for; a location
 * lies in no ring; the expressions of a rule can be compiled; limits of
 * plausibility and settings are such.
 */
#include "store/row_checks.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/num.h"
#include "store/limits.h"
#include "store/row_settings.h"
#include "store/rule_text.h"
#include "store/sqlite.h"

typedef int after_put(struct row_checks *checks, const json_t *object,
    int64_t id, struct failure *why);

struct row_checks {
	struct sql *sql;
	const char *const *members;
	after_put *after;
	struct sql_query *query[3];
};

/* ---- devices ---------------------------------------------------------- */

static const char *const device_members[] = { "kind", "battery", "valid_from",
	NULL };
static const char *const device_queries[] = {
	"SELECT valid_from, (SELECT slug FROM batteries"
	" WHERE id = battery_id) FROM device_batteries WHERE device_id = ?1"
	" ORDER BY valid_from DESC LIMIT 1",
	"SELECT id FROM batteries WHERE slug = ?1",
	"INSERT INTO device_batteries (device_id, valid_from, battery_id)"
	" VALUES (?1, ?2, ?3) ON CONFLICT (device_id, valid_from)"
	" DO UPDATE SET battery_id = excluded.battery_id"
};

/* Without valid_from: nothing to do when it is the newest one's battery,
 * "always" when there is none. */
static int
choose_valid_from(struct row_checks *checks, int64_t device_id,
    const char *battery, int64_t *valid_from, struct failure *why)
{
	struct sql_query *query = checks->query[0];
	const char *slug;
	int got;

	sql_bind_integer(query, 1, device_id);
	got = sql_step(query, why);
	if (got == 1) {
		slug = sql_text(query, 1);
		if (slug == NULL || strcmp(slug, battery) != 0)
			got = failure_set(why, EXIT_REFUSED,
			    "column valid_from: is missing: the device has "
			    "another battery until then");
		*valid_from = sql_integer(query, 0);
	} else {
		*valid_from = 0;
	}
	sql_reset(query);
	return got == -1 ? -1 : 0;
}

static int
read_valid_from(struct row_checks *checks, const json_t *object,
    int64_t device_id, const char *battery, int64_t *valid_from,
    struct failure *why)
{
	const json_t *member = json_object_get(object, "valid_from");

	if (member == NULL)
		return choose_valid_from(
		    checks, device_id, battery, valid_from, why);
	if (!json_is_string(member) ||
	    !clock_parse(json_string_value(member), json_string_length(member),
		valid_from))
		return failure_set(why, EXIT_REFUSED,
		    "column valid_from: "
		    "is no time such as 2026-01-31T12:00:00Z");
	return 0;
}

/* 0 and the id (0 for "", none), or -1. */
static int
find_battery(struct row_checks *checks, const char *slug, int64_t *id,
    struct failure *why)
{
	struct sql_query *query = checks->query[1];
	int got;

	*id = 0;
	if (*slug == '\0')
		return 0;
	sql_bind_text(query, 1, slug);
	got = sql_step(query, why);
	if (got == 1)
		*id = sql_integer(query, 0);
	sql_reset(query);
	if (got == 0)
		return failure_set(why, EXIT_REFUSED,
		    "column battery: \"%.60s\" is not in batteries", slug);
	return got == 1 ? 0 : -1;
}

static int
after_device(struct row_checks *checks, const json_t *object, int64_t id,
    struct failure *why)
{
	const json_t *member = json_object_get(object, "battery");
	const char *slug = "", *kind = "device";
	int64_t battery_id, valid_from;

	if (json_member_text(object, "kind", false, &kind, why) == -1)
		return -1;
	if (strcmp(kind, "device") != 0)
		return failure_set(
		    why, EXIT_REFUSED, "kind \"%.60s\" is no device", kind);
	if (member == NULL && json_object_get(object, "valid_from") == NULL)
		return 0;
	if (json_is_string(member))
		slug = json_string_value(member);
	else if (!json_is_null(member))
		return failure_set(why, EXIT_REFUSED,
		    member == NULL
			? "column battery: is missing beside valid_from"
			: "column battery: is no slug of a battery");
	if (find_battery(checks, slug, &battery_id, why) == -1 ||
	    read_valid_from(checks, object, id, slug, &valid_from, why) == -1)
		return -1;
	sql_bind_integer(checks->query[2], 1, id);
	sql_bind_integer(checks->query[2], 2, valid_from);
	if (battery_id != 0)
		sql_bind_integer(checks->query[2], 3, battery_id);
	return sql_done(checks->query[2], why);
}

/* ---- values of custom fields ------------------------------------------ */

static const char *const value_queries[] = {
	"SELECT f.field_type, v.field_value, f.options"
	" FROM custom_field_values v"
	" JOIN custom_fields f ON f.id = v.custom_field_id WHERE v.id = ?1",
	NULL, NULL
};

static bool
is_date(const char *text)
{
	char time[24] = "T00:00:00Z";
	int64_t ignored;

	if (strlen(text) != 10)
		return false;
	memcpy(time, text, 10);
	memcpy(time + 10, "T00:00:00Z", 11);
	return clock_parse(time, 20, &ignored);
}

static bool
is_option(const json_t *options, const char *text)
{
	const json_t *option;
	size_t i;

	json_array_foreach(options, i, option) if (json_is_string(option) &&
	    strcmp(json_string_value(option), text) == 0) return true;
	return options == NULL;
}

static bool
are_options(const json_t *options, const char *text)
{
	struct failure ignored;
	json_t *chosen = json_read(text, strlen(text), &ignored);
	const json_t *one;
	bool good = json_is_array(chosen);
	size_t i;

	json_array_foreach(chosen, i, one) good = good && json_is_string(one) &&
	    is_option(options, json_string_value(one));
	json_decref(chosen);
	return good;
}

static bool
value_fits(const char *type, const char *text, const json_t *options)
{
	int64_t ignored;

	if (strcmp(type, "number") == 0)
		return num_scaled(text, strlen(text), 3, &ignored);
	if (strcmp(type, "date") == 0)
		return is_date(text);
	if (strcmp(type, "boolean") == 0)
		return strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
	if (strcmp(type, "select") == 0)
		return is_option(options, text);
	if (strcmp(type, "multiselect") == 0)
		return are_options(options, text);
	return true;
}

static int
judge_value(struct sql_query *query, struct failure *why)
{
	const char *type = sql_text(query, 0), *text = sql_text(query, 1);
	const char *list = sql_text(query, 2);
	json_t *options = NULL;
	int result = 0;

	if (text == NULL)
		return 0;
	if (list != NULL)
		options = json_read(list, strlen(list), why);
	if (!value_fits(type, text, options))
		result = failure_set(why, EXIT_REFUSED,
		    "column field_value: \"%.60s\" is no %s%s", text, type,
		    list == NULL ? "" : " of the field's options");
	json_decref(options);
	return result;
}

static int
after_value(struct row_checks *checks, const json_t *object, int64_t id,
    struct failure *why)
{
	struct sql_query *query = checks->query[0];
	int got;

	(void)object;
	sql_bind_integer(query, 1, id);
	got = sql_step(query, why);
	if (got == 1)
		got = judge_value(query, why);
	sql_reset(query);
	return got;
}

/* ---- locations -------------------------------------------------------- */

static const char *const location_queries[] = {
	"WITH RECURSIVE up (id) AS (SELECT parent_id FROM locations"
	" WHERE id = ?1 UNION SELECT l.parent_id FROM locations l"
	" JOIN up ON l.id = up.id) SELECT 1 FROM up WHERE id = ?1",
	NULL, NULL
};

static int
after_location(struct row_checks *checks, const json_t *object, int64_t id,
    struct failure *why)
{
	int got;

	(void)object;
	sql_bind_integer(checks->query[0], 1, id);
	got = sql_step(checks->query[0], why);
	sql_reset(checks->query[0]);
	if (got == 1)
		return failure_set(why, EXIT_REFUSED,
		    "column parent: the location would lie in itself");
	return got;
}

/* ---- rules ------------------------------------------------------------ */

static int
compile_rule(struct sql *sql, const char *expression, struct failure *why)
{
	struct rule_text text = { .first = -1 };
	struct sql_query *query = NULL;
	struct buf select = { 0 };

	if (rule_translate(expression, &text, why) == 0) {
		buf_print(&select, "SELECT (%s)", text.sql.data);
		query = sql_prepare(sql, select.data, why);
		if (query == NULL)
			failure_set(
			    why, EXIT_REFUSED, "%s", sqlite3_errmsg(sql->db));
	}
	buf_free(&select);
	rule_text_free(&text);
	sql_query_free(query);
	why->status = EXIT_REFUSED;
	return query == NULL ? -1 : 0;
}

static int
after_rule(struct row_checks *checks, const json_t *object, int64_t id,
    struct failure *why)
{
	static const char *const columns[] = { "expression", "clear_expression",
		"value_expression" };

	(void)id;
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
		const char *text =
		    json_string_value(json_object_get(object, columns[i]));

		if (text != NULL && compile_rule(checks->sql, text, why) == -1)
			return failure_prefix(why, "column %s", columns[i]);
	}
	return 0;
}

/* ---- batteries and their types ---------------------------------------- */

static const char *const no_queries[] = { NULL, NULL, NULL };

static int
after_limits(struct row_checks *checks, const json_t *object, int64_t id,
    struct failure *why)
{
	const json_t *member = json_object_get(object, "plausibility");
	struct limits limits;

	(void)checks, (void)id;
	if (member == NULL || json_is_null(member) ||
	    limits_read(member, &limits, why) == 0)
		return 0;
	return failure_prefix(why, "column plausibility");
}

/* ----------------------------------------------------------------------- */

static const struct {
	const char *table;
	const char *const *members;
	const char *const *queries;
	after_put *after;
} tables[] = { { "devices", device_members, device_queries, after_device },
	{ "custom_field_values", NULL, value_queries, after_value },
	{ "locations", NULL, location_queries, after_location },
	{ "alert_rules", NULL, no_queries, after_rule },
	{ "batteries", NULL, no_queries, after_limits },
	{ "battery_types", NULL, no_queries, after_limits },
	{ "clients_config", NULL, no_queries, row_settings_own },
	{ "system_config", NULL, no_queries, row_settings_system } };

struct row_checks *
row_checks_open(struct sql *sql, const char *table, struct failure *why)
{
	struct row_checks *checks = mem_zero(1, sizeof(*checks));

	checks->sql = sql;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		if (strcmp(tables[i].table, table) != 0)
			continue;
		checks->members = tables[i].members;
		checks->after = tables[i].after;
		for (int n = 0; n < 3 && tables[i].queries[n] != NULL; n++) {
			checks->query[n] =
			    sql_prepare(sql, tables[i].queries[n], why);
			if (checks->query[n] == NULL) {
				row_checks_close(checks);
				return NULL;
			}
		}
	}
	return checks;
}

void
row_checks_close(struct row_checks *checks)
{
	if (checks == NULL)
		return;
	for (int n = 0; n < 3; n++)
		sql_query_free(checks->query[n]);
	free(checks);
}

bool
row_checks_member(const struct row_checks *checks, const char *name)
{
	for (size_t i = 0;
	     checks->members != NULL && checks->members[i] != NULL; i++)
		if (strcmp(checks->members[i], name) == 0)
			return true;
	return false;
}

int
row_checks_after(struct row_checks *checks, const json_t *object, int64_t id,
    struct failure *why)
{
	return checks->after == NULL ? 0
				     : checks->after(checks, object, id, why);
}
