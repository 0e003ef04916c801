/* The whole fleet in memory: master data, newest readings, alerts. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/ids.h"
#include "base/io.h"
#include "dashboard.h"
#include "store/readings.h"
#include "store/sql.h"
#include "web/brand.h"

#define ALERTS_KEPT_MS (30 * DAY_MS) /* resolved ones */
#define ALERTS_MAX 5000

struct battery *
find_battery(const struct fleet *fleet, int64_t id)
{
	return ids_find(
	    fleet->battery, fleet->battery_count, sizeof(*fleet->battery), id);
}

const char *
fleet_text(const struct fleet *fleet, const char *text)
{
	return text == NULL ? NULL
			    : arena_text(fleet->arena, text, strlen(text));
}

int
each_since(struct fleet *fleet, int64_t days_ms, const char *text,
    void (*take)(struct fleet *, struct sql_query *), struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(tenant_sql(fleet->tenant), text, why);
	int got;

	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, fleet->now_ms - days_ms);
	sql_bind_integer(query, 2, fleet->now_ms);
	while ((got = sql_step(query, why)) == 1)
		take(fleet, query);
	sql_query_free(query);
	return got;
}

static int
load_client(struct fleet *fleet, struct failure *why)
{
	struct sql_query *q = sql_prepare(tenant_sql(fleet->tenant),
	    "SELECT name, language, brand_color, timezone FROM client", why);
	int got;

	if (q == NULL)
		return -1;
	fleet->name = fleet->slug;
	fleet->language = "fr";
	fleet->colour = BRAND_DEFAULT;
	fleet->zone_name = tenant_zone(fleet->tenant);
	got = sql_step(q, why);
	if (got == 1) {
		fleet->name = fleet_text(fleet, sql_text(q, 0));
		fleet->language = fleet_text(fleet, sql_text(q, 1));
		fleet->colour = fleet_text(fleet, sql_text(q, 2));
		fleet->zone_name = fleet_text(fleet, sql_text(q, 3));
	}
	sql_query_free(q);
	if (got == -1)
		return -1;
	if (!brand_colour_ok(fleet->colour))
		fleet->colour = BRAND_DEFAULT;
	fleet->zone = zone_open(fleet->zone_name, why);
	return fleet->zone == NULL ? -1 : 0;
}

static double
real_or_nan(struct sql_query *q, int n)
{
	return sql_column_type(q, n) == SQL_TYPE_NULL ? NAN : sql_real(q, n);
}

static void
alert_row(struct fleet *fleet, struct sql_query *q)
{
	struct battery *battery = find_battery(fleet, sql_integer(q, 1));

	if (battery == NULL)
		return;
	fleet->alert[fleet->alert_count++] =
	    (struct alert){ .id = sql_integer(q, 0),
		    .battery = battery,
		    .severity = severity_find(sql_text(q, 2)),
		    .code = fleet_text(fleet, sql_text(q, 3)),
		    .title = fleet_text(fleet, sql_text(q, 4)),
		    .message = fleet_text(fleet, sql_text(q, 5)),
		    .status = fleet_text(fleet, sql_text(q, 6)),
		    .unit = fleet_text(fleet, sql_text(q, 7)),
		    .notes = fleet_text(fleet, sql_text(q, 8)),
		    .value = real_or_nan(q, 9),
		    .limit = real_or_nan(q, 10),
		    .first_ms = sql_integer(q, 11),
		    .last_ms = sql_integer(q, 12),
		    .ended_ms = sql_integer(q, 13),
		    .by = fleet_text(fleet, sql_text(q, 14)) };
}

int
load_alerts(struct fleet *fleet, struct failure *why)
{
	struct sql_query *q = sql_prepare(tenant_sql(fleet->tenant),
	    "SELECT a.id, a.battery_id, a.severity, a.alert_code, a.title,"
	    " a.message, a.status, a.unit, a.resolution_notes,"
	    /* of one that is over, what it was about: not what ended it */
	    " CASE a.status WHEN 'resolved' THEN a.trigger_value"
	    "  ELSE coalesce(a.current_value, a.trigger_value) END,"
	    " a.threshold_value,"
	    " a.first_occurrence, a.last_occurrence, a.resolved_at,"
	    " CASE WHEN u.id IS NOT NULL THEN"
	    "  trim(u.first_name || ' ' || u.last_name) END"
	    " FROM alerts a LEFT JOIN users u ON u.id ="
	    "  coalesce(a.resolved_by, a.acknowledged_by)"
	    " WHERE a.status <> 'resolved' OR a.resolved_at >= :since"
	    " ORDER BY a.status = 'resolved', a.first_occurrence DESC"
	    " LIMIT :most",
	    why);
	int got;

	if (q == NULL)
		return -1;
	sql_bind_integer(
	    q, sql_parameter(q, ":since"), fleet->now_ms - ALERTS_KEPT_MS);
	sql_bind_integer(q, sql_parameter(q, ":most"), ALERTS_MAX);
	fleet->alert =
	    arena_alloc(fleet->arena, ALERTS_MAX * sizeof(*fleet->alert));
	while ((got = sql_step(q, why)) == 1)
		alert_row(fleet, q);
	sql_query_free(q);
	return got;
}

/* The day's energies as rollup has them; each in its site's day. */
static int
load_today(struct fleet *fleet, struct failure *why)
{
	struct sql_query *q = sql_prepare(tenant_sql(fleet->tenant),
	    "SELECT battery_id, energy_charged_wh, energy_discharged_wh"
	    " FROM bms_data_history WHERE period_type = 'daily'"
	    " AND period_start <= :now AND period_start > :now - 93600000"
	    " AND period_end > :now",
	    why);
	struct battery *battery;
	int got;

	if (q == NULL)
		return -1;
	sql_bind_integer(q, sql_parameter(q, ":now"), fleet->now_ms);
	while ((got = sql_step(q, why)) == 1) {
		battery = find_battery(fleet, sql_integer(q, 0));
		if (battery == NULL)
			continue;
		battery->today_in = real_or_nan(q, 1);
		battery->today_out = real_or_nan(q, 2);
	}
	sql_query_free(q);
	return got;
}

static int
load_newest(struct fleet *fleet, struct failure *why)
{
	struct state_facts *facts;
	struct battery *b;
	size_t count;
	int got;

	if (state_load(fleet->tenant, fleet->arena, &facts, &count, why) == -1)
		return -1;
	for (b = fleet->battery; b < fleet->battery + fleet->battery_count;
	     b++) {
		b->facts = state_find(facts, count, b->id);
		got = readings_latest_before(fleet->tenant, b->id,
		    fleet->now_ms + STATE_AHEAD_MAX_MS + 1, fleet->arena,
		    &b->newest, why);
		if (got == -1)
			return -1;
		b->has_newest = got == 1 && b->newest.kind == READING_BATTERY;
		b->state = b->facts == NULL
		    ? STATE_SILENT
		    : state_judge(b->facts, b->has_newest ? &b->newest : NULL,
			  fleet->now_ms);
	}
	return 0;
}

/* Slugs become paths, and a battery without type or place cannot be shown.
 * The schema keeps both from happening; a damaged database may not. */
static int
check_whole(const struct fleet *fleet, struct failure *why)
{
	for (size_t i = 0; i < fleet->type_count; i++)
		if (!io_slug_ok(fleet->type[i].slug))
			return failure_set(why, EXIT_WRONG,
			    "battery type %s: no slug", fleet->type[i].slug);
	for (size_t i = 0; i < fleet->place_count; i++)
		if (!io_slug_ok(fleet->place[i].slug))
			return failure_set(why, EXIT_WRONG,
			    "location %s: no slug", fleet->place[i].slug);
	for (size_t i = 0; i < fleet->battery_count; i++)
		if (!io_slug_ok(fleet->battery[i].slug) ||
		    fleet->battery[i].type == NULL ||
		    fleet->battery[i].place == NULL)
			return failure_set(why, EXIT_WRONG,
			    "battery %s: no slug, type or location",
			    fleet->battery[i].slug);
	return 0;
}

int
load_fleet(struct fleet *fleet, struct failure *why)
{
	if (load_client(fleet, why) == -1 || load_types(fleet, why) == -1 ||
	    load_places(fleet, why) == -1 || load_batteries(fleet, why) == -1 ||
	    check_whole(fleet, why) == -1 || load_custom(fleet, why) == -1 ||
	    load_alerts(fleet, why) == -1 || load_upkeep(fleet, why) == -1 ||
	    load_faults(fleet, why) == -1 || load_amended(fleet, why) == -1 ||
	    load_newest(fleet, why) == -1 || load_today(fleet, why) == -1 ||
	    load_day(fleet, why) == -1)
		return failure_prefix(why, "%s", fleet->slug);
	return 0;
}

void
free_fleet(struct fleet *fleet)
{
	zone_free(fleet->zone);
	for (size_t i = 0; i < fleet->place_count; i++)
		zone_free(fleet->place[i].zone);
	for (size_t i = 0; i < fleet->battery_count; i++)
		free(fleet->battery[i].fine);
}
