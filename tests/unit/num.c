/* Numbers: against values worked out by hand and by Python's decimal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/num.h"

struct scaled_case {
	const char *text;
	unsigned decimals;
	bool good;
	int64_t value;
};

static void
test_scaled(void **state)
{
	static const struct scaled_case cases[] = {
		{ "3.291", 3, true, 3291 },
		{ "3.2915", 3, true, 3292 },
		{ "-3.2915", 3, true, -3292 },
		{ "0.0004999999999999999999", 3, true, 0 },
		{ "1e3", 2, true, 100000 },
		{ "1.5E-3", 3, true, 2 },
		{ "-0", 2, true, 0 },
		{ "0e999999", 3, true, 0 },
		{ "9223372036854775807", 0, true, INT64_MAX },
		{ "9223372036854775808", 0, false, 0 },
		{ "9223372036854775.807", 3, true, INT64_MAX },
		{ "1e30", 3, false, 0 },
		{ "1e-300", 3, true, 0 },
		{ "184467440737095516159999e-20", 2, true, 184467 },
		{ "", 3, false, 0 },
		{ "-", 3, false, 0 },
		{ "01", 3, false, 0 },
		{ ".5", 3, false, 0 },
		{ "5.", 3, false, 0 },
		{ "+5", 3, false, 0 },
		{ "1e", 3, false, 0 },
		{ "NaN", 3, false, 0 },
		{ "0x10", 3, false, 0 },
		{ "1 ", 3, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct scaled_case *c = &cases[i];
		int64_t value = 0;
		bool good =
		    num_scaled(c->text, strlen(c->text), c->decimals, &value);

		if (good != c->good || (good && value != c->value))
			fail_msg(
			    "\"%s\": %d %lld", c->text, good, (long long)value);
	}
}

static void
test_integer(void **state)
{
	int64_t value;

	(void)state;
	assert_true(num_integer(
	    "-9223372036854775808", 20, INT64_MIN, INT64_MAX, &value));
	assert_true(value == INT64_MIN);
	assert_false(num_integer(
	    "9223372036854775808", 19, INT64_MIN, INT64_MAX, &value));
	assert_false(num_integer("12a", 3, 0, 1000, &value));
	assert_false(num_integer("", 0, 0, 1000, &value));
	assert_false(num_integer("1001", 4, 0, 1000, &value));
}

static void
test_print(void **state)
{
	struct buf out = { 0 };

	(void)state;
	buf_scaled(&out, -5, 3);
	buf_char(&out, ' ');
	buf_scaled(&out, 3291, 3);
	buf_char(&out, ' ');
	buf_scaled(&out, INT64_MIN, 0);
	buf_char(&out, ' ');
	buf_scaled(&out, 0, 2);
	assert_string_equal(out.data, "-0.005 3.291 -9223372036854775808 0.00");
	buf_free(&out);
}

static void
test_hex(void **state)
{
	uint8_t bytes[4];

	(void)state;
	assert_int_equal(num_hex("53754e53", 8, bytes, sizeof(bytes)), 4);
	assert_memory_equal(bytes, "SuNS", 4);
	assert_int_equal(num_hex("5", 1, bytes, sizeof(bytes)), -1);
	assert_int_equal(num_hex("0g", 2, bytes, sizeof(bytes)), -1);
	assert_int_equal(num_hex("0102030405", 10, bytes, 4), -1);
}

/* The boundary cases of Unicode 15, table 3-7. */
static void
test_utf8(void **state)
{
	(void)state;
	assert_true(num_utf8("\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80", 9));
	assert_true(num_utf8("\xed\x9f\xbf\xf4\x8f\xbf\xbf", 7));
	assert_false(num_utf8("\xc0\xaf", 2));
	assert_false(num_utf8("\xe0\x9f\xbf", 3));
	assert_false(num_utf8("\xed\xa0\x80", 3));
	assert_false(num_utf8("\xf4\x90\x80\x80", 4));
	assert_false(num_utf8("\xe2\x82", 2));
	assert_false(num_utf8("\x80", 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scaled),
		cmocka_unit_test(test_integer),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
