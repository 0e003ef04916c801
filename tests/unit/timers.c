/* Timers: the next one is at hand, whatever is set and stopped. */
#include "base/timers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT 500

static int64_t
least(const struct timer *all)
{
	int64_t next = INT64_MAX;

	for (int i = 0; i < COUNT; i++)
		if (all[i].place != 0 && all[i].at_ms < next)
			next = all[i].at_ms;
	return next;
}

/* Against a look at all of them, through many random changes. */
static void
same_as_a_search(void **state)
{
	struct timers timers = { 0 };
	struct timer all[COUNT] = { 0 };
	struct timer *got;
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct timer *one;

		seed = seed * 1103515245 + 12345;
		one = &all[seed / 65536 % COUNT];
		if (seed % 5 == 0) {
			timers_stop(&timers, one);
			assert_true(one->at_ms == INT64_MAX);
		} else {
			timers_set(&timers, one, seed / 7 % 10000);
		}
		assert_true(timers_next(&timers) == least(all));
		if (seed % 11 != 0)
			continue;
		got = timers_take(&timers, 300);
		assert_true(got == NULL || got->at_ms <= 300);
		assert_true(got != NULL || least(all) > 300);
	}
	while ((got = timers_take(&timers, INT64_MAX)) != NULL)
		assert_true(got->at_ms <= least(all));
	assert_int_equal(timers.count, 0);
	timers_free(&timers);
}

static void
none(void **state)
{
	struct timers timers = { 0 };
	struct timer one = { 0 };

	(void)state;
	assert_true(timers_next(&timers) == INT64_MAX);
	assert_null(timers_take(&timers, INT64_MAX));
	timers_stop(&timers, &one);
	timers_set(&timers, &one, INT64_MAX);
	assert_null(timers_take(&timers, INT64_MAX));
	timers_free(&timers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(same_as_a_search),
		cmocka_unit_test(none) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
