/* A rule and a battery, through sequences written out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/stand.h"

/*
 * Each letter is one minute: T true, F false, U unknown, C not true and
 * clear, K neither (between the limits). What came of it: r raised, c
 * cleared, s seen once more, . anything else.
 */
static void
play(const struct rule *rule, const char *story, const char *wanted)
{
	struct stand stand = { .state = STAND_CLEAR };
	char got[64] = "";

	for (size_t i = 0; story[i] != '\0'; i++) {
		struct rule_result result = { .fires = TRUTH_FALSE,
			.clears = TRUTH_FALSE };

		if (story[i] == 'T')
			result.fires = TRUTH_TRUE;
		if (story[i] == 'F' || story[i] == 'C')
			result.clears = TRUTH_TRUE;
		if (story[i] == 'U')
			result.fires = result.clears = TRUTH_UNKNOWN;
		switch (stand_step(
		    &stand, rule, &result, (int64_t)(i + 1) * 60000)) {
		case STAND_RAISED:
			got[i] = 'r';
			break;
		case STAND_CLEARED:
			got[i] = 'c';
			break;
		case STAND_SEEN:
			got[i] = 's';
			break;
		default:
			got[i] = '.';
		}
	}
	assert_string_equal(got, wanted);
}

static void
plain(void **data)
{
	const struct rule rule = { .code = "x" };

	(void)data;
	play(&rule, "FTTFTF", ".rscrc");
	play(&rule, "UUTUUF", "..r..c");
	play(&rule, "TKKTC", "r..sc");
}

static void
durations(void **data)
{
	const struct rule rule = { .for_ms = 120000, .clear_for_ms = 120000 };

	(void)data;
	play(&rule, "TTFTTT", ".....r");
	play(&rule, "TUT", "..r"); /* unknown does not interrupt */
	play(&rule, "TUUF", "....");
	play(&rule, "TTTCCKCCC", "..r.....c");
	play(&rule, "TTTCUC", "..r..c");
	play(&rule, "TTTCTCCC", "..r.s..c");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
