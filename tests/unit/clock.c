/* Times and zones; wanted values from GNU date and Python's zoneinfo. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/zone.h"

static void
test_parse(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2024-02-29T23:59:59.999Z", 1709251199999 },
		{ "2026-03-08T03:30:00-04:00", 1772955000000 },
		{ "9999-12-31T23:59:59.999Z", 253402300799999 },
		{ "2026-01-02T03:04:05.5+05:45", 1767302345500 },
		{ "2023-02-29T00:00:00Z", -1 },
		{ "2026-13-01T00:00:00Z", -1 },
		{ "2026-01-01T24:00:00Z", -1 },
		{ "2026-01-01T00:00:00", -1 },
		{ "2026-01-01T00:00:00.Z", -1 },
		{ "2026-01-01 00:00:00+0100", -1 },
		{ "1969-12-31T23:59:59Z", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t ms = -1;

		if (!clock_parse(cases[i].text, strlen(cases[i].text), &ms))
			ms = -1;
		if (ms != cases[i].ms)
			fail_msg("%s: %lld", cases[i].text, (long long)ms);
	}
}

static void
test_print(void **state)
{
	struct buf out = { 0 };

	(void)state;
	buf_time(&out, 1709251199999);
	buf_time(&out, 253402300799999);
	assert_string_equal(
	    out.data, "2024-02-29T23:59:59.999Z9999-12-31T23:59:59.999Z");
	buf_free(&out);
}

static void
test_duration(void **state)
{
	int64_t ms;

	(void)state;
	assert_true(clock_duration("1.5s", &ms) && ms == 1500);
	assert_true(clock_duration("200ms", &ms) && ms == 200);
	assert_true(clock_duration("10m", &ms) && ms == 600000);
	assert_true(clock_duration("7d", &ms) && ms == 604800000);
	assert_true(clock_duration("3", &ms) && ms == 3000);
	assert_false(clock_duration("", &ms));
	assert_false(clock_duration("5 s", &ms));
	assert_false(clock_duration("-5s", &ms));
	assert_false(clock_duration("99999999999999999d", &ms));
}

struct period {
	const char *zone;
	int64_t at, hour_start, hour_end, day_start, day_end; /* s */
};

/* python3: datetime(..., tzinfo=ZoneInfo(z)).timestamp() */
static void
test_periods(void **state)
{
	static const struct period cases[] = {
		/* spring forward: a day of 23 hours */
		{ "America/Toronto", 1772967600, 1772967600, 1772971200,
		    1772946000, 1773028800 },
		/* fall back: a day of 25 hours; the second 01:30 */
		{ "America/Toronto", 1793514600, 1793512800, 1793516400,
		    1793505600, 1793595600 },
		/* an offset of 5:45 */
		{ "Asia/Kathmandu", 1767302345, 1767302100, 1767305700,
		    1767291300, 1767377700 },
		/* midnight is skipped: 2018-11-04 begins at 01:00 */
		{ "America/Sao_Paulo", 1541300400, 1541300400, 1541304000,
		    1541300400, 1541383200 },
		{ "UTC", 1767302345, 1767301200, 1767304800, 1767225600,
		    1767312000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct period *c = &cases[i];
		struct failure why;
		struct zone *zone = zone_open(c->zone, &why);
		int64_t hour[2], day[2];

		assert_non_null(zone);
		zone_hour(zone, c->at * 1000, &hour[0], &hour[1]);
		zone_day(zone, c->at * 1000, &day[0], &day[1]);
		if (hour[0] != c->hour_start * 1000 ||
		    hour[1] != c->hour_end * 1000 ||
		    day[0] != c->day_start * 1000 ||
		    day[1] != c->day_end * 1000)
			fail_msg("%s %lld: %lld %lld %lld %lld", c->zone,
			    (long long)c->at, (long long)hour[0] / 1000,
			    (long long)hour[1] / 1000, (long long)day[0] / 1000,
			    (long long)day[1] / 1000);
		zone_free(zone);
	}
}

static void
test_bad_zone(void **state)
{
	struct failure why;

	(void)state;
	assert_null(zone_open("../../etc/passwd", &why));
	assert_null(zone_open("/etc/localtime", &why));
	assert_null(zone_open("Mars/Olympus", &why));
	assert_int_equal(why.status, EXIT_WRONG);
	assert_null(zone_open("America", &why));
	assert_null(zone_open("tzdata.zi", &why));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_bad_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
