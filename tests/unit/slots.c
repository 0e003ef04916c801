/* Slots: none lost, none doubled, no drift over a day. */
#include "wire/slots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"

#define WALL_MS INT64_C(1700000000000) /* a whole number of 5 s */

/* A pair of clocks that do not go alike: the wall clock is `ppm` fast. */
struct clocks {
	int64_t mono, wall;
	double ppm;
};

static void
go_to(struct clocks *clocks, int64_t mono, int64_t base)
{
	clocks->mono = mono;
	clocks->wall =
	    base + mono + (int64_t)((double)mono * clocks->ppm / 1000000);
}

/* A day of slots with a wake-up that is late by up to 20 ms each time. */
static void
run_day(double ppm, int64_t interval)
{
	struct clocks clocks = { .ppm = ppm };
	int64_t due, last = 0, slots = 0;
	uint64_t missed;
	unsigned seed = 3;

	go_to(&clocks, 0, WALL_MS + 1234);
	due = slot_first(1, clocks.wall, interval);
	if (due == 1) /* at once, and then in step */
		due = slot_next(1, 1, clocks.wall, interval, &missed);
	while (due < DAY_MS) {
		int64_t slot;

		seed = seed * 1103515245 + 12345;
		go_to(&clocks, due + seed / 65536 % 20, WALL_MS + 1234);
		slot = (clocks.wall + 25) / interval;
		assert_in_range((clocks.wall + 25) % interval, 0, 60);
		if (last != 0)
			assert_int_equal(slot, last + 1);
		last = slot;
		slots++;
		due =
		    slot_next(due, clocks.mono, clocks.wall, interval, &missed);
		assert_int_equal(missed, 0);
	}
	/* as many as the wall clock had */
	assert_in_range((slots + 1) * interval - (clocks.wall - WALL_MS - 1234),
	    0, 2 * interval);
}

static void
a_day(void **state)
{
	(void)state;
	run_day(0, 5000);
	run_day(50, 5000);
	run_day(-50, 5000);
	run_day(200, 1000);
	run_day(-200, 60000);
	run_day(0, 7000); /* no part of a day */
}

static void
overrun(void **state)
{
	uint64_t missed;

	(void)state;
	/* due at 5 s, looked at 17.2 s later: 10, 15 and 20 are over */
	assert_int_equal(
	    slot_next(5000, 22200, WALL_MS + 22200, 5000, &missed), 25001);
	assert_int_equal(missed, 3);
	assert_int_equal(
	    slot_next(5000, 5100, WALL_MS + 5100, 5000, &missed), 10001);
	assert_int_equal(missed, 0);
	/* a moment early is no slot of its own */
	assert_int_equal(
	    slot_next(5000, 4999, WALL_MS + 4999, 5000, &missed), 10001);
	assert_int_equal(missed, 0);
}

static void
clock_is_set(void **state)
{
	uint64_t missed;
	int64_t next;

	(void)state;
	/* from 1970 to now, and back, by times that are no whole slots */
	next = slot_next(5000, 5000, WALL_MS + 1300, 5000, &missed);
	assert_int_equal(next, 8701);
	assert_int_equal(missed, 0);
	next = slot_next(5000, 5000, WALL_MS + 3300, 5000, &missed);
	assert_int_equal(next, 11701);
	assert_int_equal(missed, 0);
	next = slot_next(5000, 5000, -1300, 5000, &missed);
	assert_int_equal(next, 11301);
	assert_int_equal(missed, 0);
}

static void
first(void **state)
{
	(void)state;
	assert_int_equal(slot_first(77, WALL_MS + 1, 0), 77);
	assert_int_equal(slot_first(77, WALL_MS + 1000, 5000), 4078);
	/* a long interval begins at once, but not just before a slot */
	assert_int_equal(slot_first(77, INT64_C(60000) * 9 + 10, 60000), 77);
	assert_int_equal(
	    slot_first(77, INT64_C(60000) * 9 + 50000, 60000), 10078);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_day),
		cmocka_unit_test(overrun), cmocka_unit_test(clock_is_set),
		cmocka_unit_test(first) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
