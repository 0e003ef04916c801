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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days),
		cmocka_unit_test(weeks),
		cmocka_unit_test(months),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
