/* The time by which things grow old; wanted values by counting days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/aging.h"
#include "base/clock.h"
#include "base/io.h"

/* Looks at a clock, in days, and what this time is then. */
struct look {
	int64_t clock, aged;
};

static void
follow(const struct look *look, size_t count)
{
	struct aging aging = { look->clock * DAY_MS, look->clock * DAY_MS,
		look->clock * DAY_MS };

	for (size_t i = 0; i < count; i++) {
		aging_step(&aging, look[i].clock * DAY_MS);
		assert_int_equal(aging.aged_ms / DAY_MS, look[i].aged);
	}
}
#define FOLLOW(looks) follow(looks, sizeof(looks) / sizeof(*(looks)))

static void
test_nights(void **state)
{
	static const struct look each_night[] = { { 1000, 1000 },
		{ 1001, 1001 }, { 1002, 1002 } };
	static const struct look each_week[] = { { 1000, 1000 }, { 1007, 1007 },
		{ 1014, 1014 }, { 1022, 1022 } };

	(void)state;
	FOLLOW(each_night);
	FOLLOW(each_week);
}

static void
test_set_ahead(void **state)
{
	/* ten years, for a night, and put right */
	static const struct look a_night[] = { { 1000, 1000 }, { 4650, 1008 },
		{ 4650, 1008 }, { 1001, 1001 }, { 1002, 1002 } };
	/* and for good: it is believed in the end */
	static const struct look for_good[] = { { 1000, 1000 }, { 4650, 1008 },
		{ 4651, 1009 }, { 4657, 1015 }, { 4663, 1021 }, { 4664, 4664 },
		{ 4665, 4665 } };
	/* again before it is believed */
	static const struct look twice[] = { { 1000, 1000 }, { 4650, 1008 },
		{ 4658, 1016 }, { 9000, 1024 }, { 9007, 1031 },
		{ 9014, 9014 } };

	(void)state;
	FOLLOW(a_night);
	FOLLOW(for_good);
	FOLLOW(twice);
}

static void
test_set_back(void **state)
{
	/* a board without a clock begins in the past */
	static const struct look looks[] = { { 1000, 1000 }, { 10, 10 },
		{ 11, 11 }, { 1001, 19 }, { 1008, 26 }, { 1015, 1015 } };

	(void)state;
	FOLLOW(looks);
}

static void
test_file(void **state)
{
	char path[] = "/tmp/aging.XXXXXX";
	int fd = mkstemp(path);
	char large[20000];
	struct failure why;
	int64_t aged;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	assert_int_equal(aging_look(path, 1000 * DAY_MS, &aged, &why), 0);
	assert_int_equal(aged, 1000 * DAY_MS);
	assert_int_equal(aging_look(path, 9000 * DAY_MS, &aged, &why), 0);
	assert_int_equal(aged, 1008 * DAY_MS);
	assert_int_equal(aging_look(path, 1001 * DAY_MS, &aged, &why), 0);
	assert_int_equal(aged, 1001 * DAY_MS);
	/* what cannot be understood is no memory */
	assert_int_equal(
	    io_file_replace(path, "1972-09-27\n", 11, 0600, false, &why), 0);
	assert_int_equal(aging_look(path, 9000 * DAY_MS, &aged, &why), 0);
	assert_int_equal(aged, 9000 * DAY_MS);
	memset(large, 'x', sizeof(large));
	assert_int_equal(
	    io_file_replace(path, large, sizeof(large), 0600, false, &why), 0);
	assert_int_equal(aging_look(path, 1000 * DAY_MS, &aged, &why), 0);
	assert_int_equal(aged, 1000 * DAY_MS);
	unlink(path);
	/* one that cannot be written, and one that cannot be read */
	assert_int_equal(
	    aging_look("/proc/no/clock", 9000 * DAY_MS, &aged, &why), -1);
	assert_int_equal(aged, 9000 * DAY_MS);
	assert_int_equal(aging_look("/tmp", 9000 * DAY_MS, &aged, &why), -1);
	assert_int_equal(aged, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nights),
		cmocka_unit_test(test_set_ahead),
		cmocka_unit_test(test_set_back),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
