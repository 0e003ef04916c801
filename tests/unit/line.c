/* Kinds of lines, and marks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "record/line.h"

static struct arena arena;

static void
knows_kinds(void **state)
{
	static const struct {
		const char *line;
		enum line_kind kind;
	} all[] = { { "{\"kind\":\"frame\",", LINE_FRAME },
		{ "{\"kind\":\"battery\"}", LINE_READING },
		{ "{\"kind\":\"energy\"}", LINE_READING },
		{ "{\"kind\":\"status\"}", LINE_READING },
		{ "{\"kind\":\"mark\",\"segment\":1}", LINE_MARK },
		{ "{\"kind\":\"device\"}", LINE_DEVICE },
		{ "{\"kind\":\"alert\"}", LINE_ALERT },
		{ "{\"kind\":\"audit\"}", LINE_OTHER },
		{ "{\"kind\":\"\"}", LINE_OTHER },
		{ " { \"x\": {\"kind\":\"frame\"}, \"kind\" : \"mark\" }",
		    LINE_MARK },
		{ "{\"\\u006bind\":\"frame\"}", LINE_FRAME }, { "", LINE_BAD },
		{ "x", LINE_BAD }, { "[]", LINE_BAD }, { "{}", LINE_BAD },
		{ "{\"kind\":1}", LINE_BAD }, { "{\"kind\":\"fra", LINE_BAD },
		{ "{\"kind\":\"audit\"", LINE_BAD },
		{ "{\"x\":{\"kind\":\"frame\"}}", LINE_BAD } };

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (line_kind(all[i].line, strlen(all[i].line)) != all[i].kind)
			fail_msg("%s", all[i].line);
}

static int
parse(const char *text, struct mark *mark)
{
	struct failure why;
	char line[8192];

	strcpy(line, text);
	return mark_parse(line, strlen(line), &arena, mark, &why);
}

static void
round_trips(void **state)
{
	static const char *const lines[] = {
		"{\"kind\":\"mark\",\"segment\":0}\n",
		"{\"kind\":\"mark\",\"segment\":42,\"sync\":true}\n",
		("{\"kind\":\"mark\",\"segment\":0,\"sync\":true,"
		 "\"replay\":{\"gen\":3,\"tenant\":\"eds\","
		 "\"profile\":\"jk-rs485\","
		 "\"from\":\"2026-01-01T00:00:00.000Z\","
		 "\"to\":\"2026-01-02T00:00:00.000Z\"}}\n"),
		"{\"kind\":\"mark\",\"segment\":7,\"wait\":[\"acme\","
		"\"eds\"]}\n"
	};
	struct buf out = { 0 };
	struct mark mark;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(parse(lines[i], &mark), 0);
		buf_clear(&out);
		mark_print(&mark, &out);
		assert_string_equal(out.data, lines[i]);
	}
	assert_int_equal(mark.segment, 7);
	assert_int_equal(mark.wait_count, 2);
	assert_string_equal(mark.wait[1], "eds");
	buf_free(&out);
}

static void
refuses(void **state)
{
	static const char *const wrong[] = { "{\"kind\":\"mark\"}",
		"{\"kind\":\"frame\",\"segment\":1}",
		"{\"kind\":\"mark\",\"segment\":-1}",
		"{\"kind\":\"mark\",\"segment\":1,\"sync\":1}",
		"{\"kind\":\"mark\",\"segment\":1,\"wait\":\"acme\"}",
		"{\"kind\":\"mark\",\"segment\":1,\"wait\":[\"../x\"]}",
		"{\"kind\":\"mark\",\"segment\":1,\"more\":1}", "{",
		"{\"kind\":\"mark\",\"segment\":1,\"replay\":{}}" };
	struct mark mark;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (parse(wrong[i], &mark) != -1)
			fail_msg("taken: %s", wrong[i]);
}

static void
keeps_the_limit_of_tenants(void **state)
{
	struct mark mark;

	(void)state;
	for (int count = MARK_WAIT_MAX; count <= MARK_WAIT_MAX + 1; count++) {
		struct buf line = { 0 };

		buf_text(&line, "{\"kind\":\"mark\",\"segment\":1,\"wait\":[");
		for (int i = 0; i < count; i++)
			buf_print(&line, "%s\"t%d\"", i > 0 ? "," : "", i);
		buf_text(&line, "]}");
		assert_int_equal(
		    parse(line.data, &mark), count <= MARK_WAIT_MAX ? 0 : -1);
		buf_free(&line);
	}
}

static int
release(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_kinds),
		cmocka_unit_test(round_trips),
		cmocka_unit_test(refuses),
		cmocka_unit_test(keeps_the_limit_of_tenants),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
