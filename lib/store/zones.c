/* Places are read once; each zone is opened once. */
#include "store/zones.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/ids.h"
#include "base/mem.h"

#define ZONES_MAX 256

struct battery_zone {
	int64_t battery_id;
	size_t zone;
};

struct zones {
	struct battery_zone *battery; /* in order of id */
	size_t count;
	struct zones_entry zone[ZONES_MAX]; /* the first: the client's */
	size_t zone_count;
};

/* Places above one another; 32 levels are more than any client has. */
static const char select_zones[] =
    "SELECT b.id, (WITH RECURSIVE up (parent, zone, depth) AS ("
    "  SELECT l.parent_id, l.timezone, 0 FROM locations l"
    "   WHERE l.id = b.location_id"
    "  UNION ALL SELECT l.parent_id, l.timezone, u.depth + 1"
    "   FROM up u JOIN locations l ON l.id = u.parent"
    "   WHERE u.zone IS NULL AND u.depth < 32)"
    " SELECT zone FROM up WHERE zone IS NOT NULL LIMIT 1)"
    " FROM batteries b ORDER BY b.id";

static const char *const period_words[PERIOD_COUNT] = { "hourly", "daily",
	"weekly", "monthly" };

/* The number of the zone with this name, opened if it is new; or -1. */
static long
zone_number(struct zones *zones, const char *name, struct failure *why)
{
	struct zone *zone;

	for (size_t i = 0; i < zones->zone_count; i++)
		if (strcmp(zones->zone[i].name, name) == 0)
			return (long)i;
	if (zones->zone_count == ZONES_MAX)
		return failure_set(
		    why, EXIT_WRONG, "more than %d zones", ZONES_MAX);
	zone = zone_open(name, why);
	if (zone == NULL) {
		why->status = EXIT_WRONG;
		return -1;
	}
	zones->zone[zones->zone_count] =
	    (struct zones_entry){ .name = mem_copy_text(name), .zone = zone };
	return (long)zones->zone_count++;
}

static int
read_battery(struct zones *zones, struct sql_query *query, struct failure *why)
{
	const char *name = sql_text(query, 1);
	long zone = name == NULL ? 0 : zone_number(zones, name, why);

	if (zone == -1)
		return failure_prefix(why, "battery %lld: zone",
		    (long long)sql_integer(query, 0));
	if ((zones->count & (zones->count - 1)) == 0)
		zones->battery = mem_grow(zones->battery,
		    zones->count == 0 ? 1 : zones->count * 2,
		    sizeof(*zones->battery));
	zones->battery[zones->count++] =
	    (struct battery_zone){ .battery_id = sql_integer(query, 0),
		    .zone = (size_t)zone };
	return 0;
}

static int
read_batteries(struct zones *zones, struct tenant *tenant, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(tenant_sql(tenant), select_zones, why);
	int got = -1;

	while (query != NULL && (got = sql_step(query, why)) == 1)
		if (read_battery(zones, query, why) == -1) {
			got = -1;
			break;
		}
	sql_query_free(query);
	return got;
}

struct zones *
zones_open(struct tenant *tenant, struct failure *why)
{
	struct zones *zones = mem_zero(1, sizeof(*zones));

	if (zone_number(zones, tenant_zone(tenant), why) == -1) {
		failure_prefix(why, "client.timezone");
	} else if (read_batteries(zones, tenant, why) == 0) {
		return zones;
	}
	zones_close(zones);
	return NULL;
}

void
zones_close(struct zones *zones)
{
	if (zones == NULL)
		return;
	for (size_t i = 0; i < zones->zone_count; i++) {
		zone_free((struct zone *)(uintptr_t)zones->zone[i].zone);
		free((char *)(uintptr_t)zones->zone[i].name);
	}
	free(zones->battery);
	free(zones);
}

struct zones_entry
zones_get(const struct zones *zones, int64_t battery_id)
{
	const struct battery_zone *found = ids_find(
	    zones->battery, zones->count, sizeof(*zones->battery), battery_id);

	return zones->zone[found == NULL ? 0 : found->zone];
}

const char *
period_word(enum period period)
{
	return period_words[period];
}

/* Days since 1970 of a local date; Monday is 4 mod 7. */
static int
civil_days(int year, int month, int day)
{
	int from_march = (month + 9) % 12;

	year -= month <= 2;
	return 365 * year + year / 4 - year / 100 + year / 400 +
	    (153 * from_march + 2) / 5 + day - 1 - 719468;
}

static int
month_days(int year, int month)
{
	int next_year = month == 12 ? year + 1 : year;

	return civil_days(next_year, month % 12 + 1, 1) -
	    civil_days(year, month, 1);
}

void
period_bounds(const struct zone *zone, enum period period, int64_t time_ms,
    int64_t *start_ms, int64_t *end_ms)
{
	struct zone_time local;
	int day, before, length = 7;

	if (period == PERIOD_HOUR) {
		zone_hour(zone, time_ms, start_ms, end_ms);
		return;
	}
	zone_day(zone, time_ms, start_ms, end_ms);
	if (period == PERIOD_DAY)
		return;
	/* the date that the day has at noon: it may have two midnights */
	zone_local(zone, *start_ms + 12 * HOUR_MS, &local);
	day = civil_days(local.year, local.month, local.day);
	before = (day + 3) % 7;
	if (period == PERIOD_MONTH) {
		before = local.day - 1;
		length = month_days(local.year, local.month);
	}
	/* by dates, as a zone may have skipped one */
	*start_ms = zone_date_start(zone, day - before);
	*end_ms = zone_date_start(zone, day - before + length);
}
