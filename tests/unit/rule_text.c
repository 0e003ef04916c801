/* What may be in a rule, and what may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/rule_text.h"

static void
good(const char *text, const char *sql, const char *left, const char *right)
{
	struct rule_text out;
	struct failure why;

	assert_int_equal(rule_translate(text, &out, &why), 0);
	assert_string_equal(out.sql.data, sql);
	assert_string_equal(out.left.size == 0 ? "" : out.left.data, left);
	assert_string_equal(out.right.size == 0 ? "" : out.right.data, right);
	rule_text_free(&out);
}

static void
bad(const char *text)
{
	struct rule_text out;
	struct failure why;

	if (rule_translate(text, &out, &why) == 0)
		fail_msg("taken: %s", text);
	assert_int_equal(why.status, EXIT_WRONG);
	rule_text_free(&out);
}

static void
translates(void **data)
{
	char sql[80], left[64];

	(void)data;
	snprintf(left, sizeof(left), "?%d ", MEASUREMENT_cell_voltage_max + 1);
	snprintf(sql, sizeof(sql), "%s> 3.65 ", left);
	good("cell_voltage_max>3.65", sql, left, "3.65 ");
	good("1 < 2 AND 3 > 4", "1 < 2 AND 3 > 4 ", "1 ", "2 ");
	good("(1 < 2)", "( 1 < 2 ) ", "", "");
	good("NOT 1 < 2", "NOT 1 < 2 ", "", "");
	good("max(1, 2) >= 1.5e-3", "max ( 1 , 2 ) >= 1.5e-3 ",
	    "max ( 1 , 2 ) ", "1.5e-3 ");
	good("'it''s' = 'x'", "'it''s' = 'x' ", "'it''s' ", "'x' ");
}

static void
refuses(void **data)
{
	static const char *const texts[] = { "", " ", "(", ")", "1,2", "1;2",
		"a", "select", "max", "1 -- 2", "1 /* 2", "\"soc_percent\"",
		"`x`", "[x]", "?1", ":x", "@x", "$x", "#", "x'00'", "'open",
		"1a", "1.2.3", "0x10", "1 -> 2", "soc_percent.x",
		"randomblob(1)", "load_extension('x')", "1 COLLATE nocase",
		"count(*)", "\x01", "\xc3\xa9", "1\n;", "CAST(1 AS TEXT)" };
	char deep[100];

	(void)data;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		bad(texts[i]);
	memset(deep, '(', 33);
	strcpy(deep + 33, "1");
	memset(deep + 34, ')', 33);
	deep[67] = '\0';
	bad(deep);
}

/* Cut anywhere and with any byte changed it neither crashes nor lets a
 * character through that means something to SQL. */
static void
mutations(void **data)
{
	static const char text[] = "coalesce(cell_voltage_max, 1.5e3) > "
				   "limit_temp_max OR 'a''b' LIKE 'x'";
	struct rule_text out;
	struct failure why;
	char changed[sizeof(text)];

	(void)data;
	for (size_t at = 0; at < sizeof(text) - 1; at++)
		for (int byte = 0; byte < 256; byte++) {
			memcpy(changed, text, sizeof(text));
			changed[at] = (char)byte;
			if (rule_translate(changed, &out, &why) == 0 &&
			    strstr(changed, "'") == NULL)
				assert_null(
				    strpbrk(out.sql.data, ";\"`[]:@$#"));
			rule_text_free(&out);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(translates),
		cmocka_unit_test(refuses),
		cmocka_unit_test(mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
