/* Local periods, by what calendars say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "store/zones.h"

static void
bounds(const char *name, enum period period, const char *at, const char *from,
    const char *to)
{
	struct failure why;
	struct zone *zone = zone_open(name, &why);
	int64_t time_ms, from_ms, to_ms, start_ms, end_ms;

	assert_non_null(zone);
	assert_true(clock_parse(at, 20, &time_ms));
	assert_true(clock_parse(from, 20, &from_ms));
	assert_true(clock_parse(to, 20, &to_ms));
	period_bounds(zone, period, time_ms, &start_ms, &end_ms);
	assert_int_equal(start_ms, from_ms);
	assert_int_equal(end_ms, to_ms);
	zone_free(zone);
}

static void
days(void **data)
{
	(void)data;
	/* 25 and 23 hours */
	bounds("America/Toronto", PERIOD_DAY, "2026-11-01T12:00:00Z",
	    "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z");
	bounds("Europe/Paris", PERIOD_DAY, "2026-03-29T12:00:00Z",
	    "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
	bounds("Asia/Kathmandu", PERIOD_DAY, "2026-03-29T18:15:00Z",
	    "2026-03-29T18:15:00Z", "2026-03-30T18:15:00Z");
}

static void
weeks(void **data)
{
	(void)data;
	/* Monday 2026-10-26 to Monday 2026-11-02, clocks change on Sunday */
	bounds("America/Toronto", PERIOD_WEEK, "2026-11-02T04:59:59Z",
	    "2026-10-26T04:00:00Z", "2026-11-02T05:00:00Z");
	bounds("America/Toronto", PERIOD_WEEK, "2026-11-02T05:00:00Z",
	    "2026-11-02T05:00:00Z", "2026-11-09T05:00:00Z");
	/* ISO week 53 of 2026 goes over the new year */
	bounds("UTC", PERIOD_WEEK, "2027-01-01T00:00:00Z",
	    "2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z");
}

static void
months(void **data)
{
	(void)data;
	bounds("Europe/Paris", PERIOD_MONTH, "2026-03-31T21:59:59Z",
	    "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z");
	bounds("UTC", PERIOD_MONTH, "2028-02-29T12:00:00Z",
	    "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z");
	bounds("UTC", PERIOD_MONTH, "2026-12-31T23:59:59Z",
	    "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z");
	bounds("America/Sao_Paulo", PERIOD_MONTH, "2018-11-04T04:00:00Z",
	    "2018-11-01T03:00:00Z", "2018-12-01T02:00:00Z");
}

/* Samoa had no 30th of December 2011, Kwajalein no 21st of August 1993. */
static void
skipped(void **data)
{
	(void)data;
	bounds("Pacific/Apia", PERIOD_DAY, "2011-12-30T09:59:59Z",
	    "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z");
	bounds("Pacific/Apia", PERIOD_DAY, "2011-12-30T10:00:00Z",
	    "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z");
	bounds("Pacific/Apia", PERIOD_WEEK, "2011-12-28T00:00:00Z",
	    "2011-12-26T10:00:00Z", "2012-01-01T10:00:00Z");
	bounds("Pacific/Apia", PERIOD_WEEK, "2011-12-31T00:00:00Z",
	    "2011-12-26T10:00:00Z", "2012-01-01T10:00:00Z");
	bounds("Pacific/Apia", PERIOD_MONTH, "2011-12-31T00:00:00Z",
	    "2011-12-01T10:00:00Z", "2011-12-31T10:00:00Z");
	bounds("Pacific/Kwajalein", PERIOD_DAY, "1993-08-21T11:59:59Z",
	    "1993-08-20T12:00:00Z", "1993-08-21T12:00:00Z");
	bounds("Pacific/Kwajalein", PERIOD_WEEK, "1993-08-22T00:00:00Z",
	    "1993-08-16T12:00:00Z", "1993-08-22T12:00:00Z");
	bounds("Pacific/Kwajalein", PERIOD_MONTH, "1993-08-03T00:00:00Z",
	    "1993-08-01T12:00:00Z", "1993-08-31T12:00:00Z");
}

/* Periods stand one behind the other, and each instant knows its own. */
static void
tiles(const char *name, enum period period)
{
	struct failure why;
	struct zone *zone = zone_open(name, &why);
	int64_t now_ms = INT64_C(631152000000), start_ms, end_ms; /* 1990 */
	int64_t last_ms, from_ms, to_ms;

	assert_non_null(zone);
	period_bounds(zone, period, now_ms, &start_ms, &last_ms);
	while (last_ms < INT64_C(1900000000000)) { /* 2030 */
		period_bounds(zone, period, last_ms, &start_ms, &end_ms);
		assert_int_equal(start_ms, last_ms);
		assert_true(end_ms > start_ms);
		for (int part = 1; part < 8; part++) {
			now_ms = start_ms + (end_ms - start_ms) * part / 8;
			period_bounds(zone, period, now_ms, &from_ms, &to_ms);
			assert_int_equal(from_ms, start_ms);
			assert_int_equal(to_ms, end_ms);
		}
		period_bounds(zone, period, end_ms - 1, &from_ms, &to_ms);
		assert_int_equal(from_ms, start_ms);
		last_ms = end_ms;
	}
	zone_free(zone);
}

static void
all_tile(void **data)
{
	static const char *const names[] = { "Pacific/Apia",
		"Pacific/Kwajalein", "Pacific/Fakaofo", "Pacific/Kiritimati",
		"America/Havana", "America/Sao_Paulo", "America/Asuncion",
		"Asia/Beirut", "Asia/Amman", "Asia/Tehran", "Asia/Kathmandu",
		"Australia/Lord_Howe", "Antarctica/Troll", "Europe/Dublin",
		"America/Toronto", "America/St_Johns", "Africa/Casablanca",
		"Asia/Pyongyang", "America/Caracas", "UTC" };

	(void)data;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		tiles(names[i], PERIOD_DAY);
		tiles(names[i], PERIOD_WEEK);
		tiles(names[i], PERIOD_MONTH);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days),
		cmocka_unit_test(weeks),
		cmocka_unit_test(months),
		cmocka_unit_test(skipped),
		cmocka_unit_test(all_tile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
