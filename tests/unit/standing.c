/* Back-off: it grows with failures in a row, has an end, and is cleared. */
#include "wire/standing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define T0 INT64_C(1700000000000)

static void
grows_and_ends(void **state)
{
	static const int64_t waits[] = { 0, 0, 10000, 20000, 40000, 80000,
		160000, 300000, 300000, 300000 };

	(void)state;
	for (uint64_t i = 0; i < sizeof(waits) / sizeof(*waits); i++)
		assert_int_equal(standing_wait_ms(i), waits[i]);
	assert_int_equal(standing_wait_ms(UINT64_MAX), 300000);
}

/* Failures in a row count, not how often somebody looked. */
static void
failures_in_a_row(void **state)
{
	struct standing standing = { 0 };

	(void)state;
	assert_false(standing_waits(&standing, T0));
	standing_failed(&standing, T0, true, "timeout");
	assert_false(standing_waits(&standing, T0 + 1));
	standing_failed(&standing, T0 + 5000, true, "timeout");
	for (int64_t t = T0 + 5000; t < T0 + 14000; t += 7)
		assert_true(standing_waits(&standing, t));
	assert_false(standing_waits(&standing, T0 + 15000));
	assert_int_equal(standing.failures, 2);
	assert_int_equal(standing.since_ms, T0);
	assert_string_equal(standing.reason, "timeout");
	standing_good(&standing, T0 + 20000);
	assert_false(standing_waits(&standing, T0 + 20000));
	assert_int_equal(standing.failures, 0);
	assert_int_equal(standing.good_ms, T0 + 20000);
	/* begins anew */
	standing_failed(&standing, T0 + 30000, true, "timeout");
	assert_int_equal(standing.next_ms, 0);
	assert_int_equal(standing.good_ms, T0 + 20000);
}

static void
listened_to(void **state)
{
	struct standing standing = { 0 };

	(void)state;
	for (int i = 0; i < 9; i++)
		standing_failed(&standing, T0 + i, false, "silent");
	assert_false(standing_waits(&standing, T0 + 10));
	assert_int_equal(standing.failures, 9);
}

static void
clock_set_back(void **state)
{
	struct standing standing = { 0 };

	(void)state;
	for (int i = 0; i < 9; i++)
		standing_failed(&standing, T0, true, "timeout");
	assert_true(standing_waits(&standing, T0 + 200000));
	assert_false(standing_waits(&standing, T0 - 86400000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(grows_and_ends),
		cmocka_unit_test(failures_in_a_row),
		cmocka_unit_test(listened_to),
		cmocka_unit_test(clock_set_back) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
