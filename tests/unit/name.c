/* Names: every byte, every length. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/io.h"
#include "record/name.h"

static bool
is_one_of(int c, const char *set)
{
	return c != 0 && strchr(set, c) != NULL;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static void
knows_each_byte(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		char text[3] = { 'a', (char)c, '\0' };

		assert_int_equal(
		    name_check(text, 2), is_one_of(c, LOWER UPPER "._-"));
		assert_int_equal(
		    name_check(text + 1, 1), is_one_of(c, LOWER UPPER "_-"));
		assert_int_equal(
		    name_check_tenant(text, 2), is_one_of(c, LOWER "-"));
		assert_int_equal(
		    name_check_tenant(text + 1, 1), is_one_of(c, LOWER));
		/* the same rule as that of the directories */
		if (c != 0)
			assert_int_equal(
			    name_check_tenant(text, 2), io_slug_ok(text));
	}
}

static void
knows_lengths(void **state)
{
	char text[80];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_false(name_check(text, 0));
	assert_true(name_check(text, 63));
	assert_false(name_check(text, 64));
	assert_false(name_check_tenant(text, 0));
	assert_true(name_check_tenant(text, 63));
	assert_false(name_check_tenant(text, 64));
	text[63] = '\0';
	assert_true(io_slug_ok(text));
	text[63] = 'x';
	text[64] = '\0';
	assert_false(io_slug_ok(text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_each_byte),
		cmocka_unit_test(knows_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
