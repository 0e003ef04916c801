/* ThingSet text mode; examples of the specification, sums of zlib. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/thingset.h"

static void
test_crc(void **state)
{
	(void)state;
	assert_int_equal(thingset_crc("123456789", 9), 0xCBF43926);
	assert_int_equal(thingset_crc("?Meas", 5), 0x77DB2B01);
	assert_int_equal(thingset_crc(":84", 3), 0xE096F11A);
}

static const struct {
	const char *line;
	enum thingset_result result;
	const char *json; /* or why */
} cases[] = { { ":85 {\"rVoltage_V\":12.9,\"rCurrent_A\":-3.14}",
		  THINGSET_VALUE,
		  "{\"rVoltage_V\":12.9,\"rCurrent_A\":-3.14}" },
	{ ":85 { \"a\" : [1, 2] , \"b\" : \"x \\\" y\" }", THINGSET_VALUE,
	    "{\"a\":[1,2],\"b\":\"x \\\" y\"}" },
	{ ":85 12.9", THINGSET_VALUE, "12.9" },
	{ ":85 -32e-2", THINGSET_VALUE, "-32e-2" },
	{ ":85 [[-1,-2,-3]]", THINGSET_VALUE, "[[-1,-2,-3]]" },
	{ ":85 \"\\n\\\"\\\\\"", THINGSET_VALUE, "\"\\n\\\"\\\\\"" },
	{ ":85/DEADC0DEBAADCODE {\"a\":1}", THINGSET_VALUE, "{\"a\":1}" },
	{ ":85 Content. 12.9", THINGSET_VALUE, "12.9" },
	{ ":85 Content. {\"Bat_V\":13.25,\"Cells_V\":[3.312,3.313]}",
	    THINGSET_VALUE, "{\"Bat_V\":13.25,\"Cells_V\":[3.312,3.313]}" },
	{ ":84", THINGSET_VALUE, "" }, { ":84.", THINGSET_VALUE, "" },
	{ ":84 Changed.", THINGSET_VALUE, "" },
	{ ":84 E096F11A#", THINGSET_VALUE, "" },
	{ ":85 13.25 0106A428#", THINGSET_VALUE, "13.25" },
	{ ":85 [13.25,-3.14,81.5] 8A821852#", THINGSET_VALUE,
	    "[13.25,-3.14,81.5]" },
	{ ":85 13.26 0106A428#", THINGSET_BAD, "answer with a wrong checksum" },
	{ ":A4 \"Invalid endpoint\" 07758473#", THINGSET_REFUSED,
	    "not found (A4)" },
	{ ":A4 \"Invalid endpoint\"", THINGSET_REFUSED, "not found (A4)" },
	{ ":C4", THINGSET_REFUSED, "gateway timeout (C4)" },
	{ ":E0", THINGSET_REFUSED, "refused (E0)" },
	{ ":85 {\"a\":1", THINGSET_BAD, NULL },
	{ ":85 {\"a\":1}}", THINGSET_BAD, NULL },
	{ ":85 {\"a\":\"\xff\"}", THINGSET_BAD, NULL },
	{ "#mLive {\"t_s\":1000}", THINGSET_NONE, "" },
	{ "# {\"Bat_V\":14.1,\"Bat_A\":5.13}", THINGSET_NONE, "" },
	{ "[00:00:00.000,000] <inf> boot", THINGSET_NONE, "" },
	{ "?Meas", THINGSET_NONE, "" }, { ":", THINGSET_NONE, "" },
	{ ":8", THINGSET_NONE, "" }, { ":7F", THINGSET_NONE, "" },
	{ ":XY", THINGSET_NONE, "" }, { "", THINGSET_NONE, "" } };

static void
test_answers(void **state)
{
	struct arena arena = { 0 };
	struct thingset_answer answer;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum thingset_result result = thingset_parse(
		    cases[i].line, strlen(cases[i].line), &arena, &answer);

		if (result != cases[i].result)
			print_message("%s\n", cases[i].line);
		assert_int_equal(result, cases[i].result);
		if (cases[i].json == NULL || result == THINGSET_NONE)
			continue;
		assert_string_equal(
		    result == THINGSET_VALUE ? answer.json : answer.why,
		    cases[i].json);
		if (result == THINGSET_VALUE)
			assert_int_equal(answer.size, strlen(answer.json));
	}
	arena_free(&arena);
}

static void
test_ask(void **state)
{
	struct buf out = { 0 };

	(void)state;
	thingset_ask(&out, "Meas");
	assert_string_equal(out.data, "?Meas\n");
	buf_clear(&out);
	thingset_ask(&out, "");
	assert_string_equal(out.data, "?\n");
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_crc),
		cmocka_unit_test(test_answers), cmocka_unit_test(test_ask) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
