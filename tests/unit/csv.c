/* Cells that a spreadsheet reads as what they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/csv.h"

static void
cell(const char *text, bool guard, const char *wanted)
{
	struct buf out = { NULL, 0, 0 };

	csv_text(&out, text, strlen(text), guard);
	assert_string_equal(out.size == 0 ? "" : out.data, wanted);
	buf_free(&out);
}

static void
quotes(void **data)
{
	(void)data;
	cell("", true, "");
	cell("plain text", true, "plain text");
	cell("a,b", true, "\"a,b\"");
	cell("a\"b", true, "\"a\"\"b\"");
	cell("a\nb", true, "\"a\nb\"");
	cell(" a", true, "\" a\"");
	cell("\xc3\xa9t\xc3\xa9", true, "\xc3\xa9t\xc3\xa9");
}

static void
formulas(void **data)
{
	(void)data;
	cell("=1", true, "'=1");
	cell("+1", true, "'+1");
	cell("-1", true, "'-1");
	cell("@x", true, "'@x");
	cell("\tx", true, "'\tx");
	cell("\rx", true, "\"'\rx\"");
	cell("\xef\xbc\x9d"
	     "1",
	    true,
	    "'\xef\xbc\x9d"
	    "1");
	cell("=a,b", true, "\"'=a,b\"");
	cell("=1", false, "=1");
	cell("a=1", true, "a=1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes),
		cmocka_unit_test(formulas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
