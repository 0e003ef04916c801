/* The path function of rule H4, byte by byte; and prefixes of grants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "web/path.h"

static int
parse(const char *target, struct path *path)
{
	return (int)path_parse(target, strlen(target), path);
}

static int
verdict(const char *target)
{
	struct path path;

	return parse(target, &path);
}

/* Each byte, raw in a segment: what H4 allows, and nothing else. */
static void
every_raw_byte(void **state)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.~";
	static const char refused[] = "\\\"<>^{|}`#%";
	struct path path;
	char target[] = "/axb/";

	(void)state;
	for (int c = 0; c < 256; c++) {
		int wanted = c >= 0x21 && c <= 0x7e ? 404 : 400;

		target[2] = (char)c;
		if (c != 0 && (strchr(good, c) != NULL || c == '/' || c == '?'))
			wanted = 0;
		else if (c != 0 && strchr(refused, c) != NULL)
			wanted = 400;
		assert_int_equal((int)path_parse(target, 5, &path), wanted);
	}
}

/* Each byte, encoded: the same, but for those that may never come out of
 * an escape. */
static void
every_escape(void **state)
{
	static const char never[] = "/\\%";
	struct path path;
	char target[16];

	(void)state;
	for (int c = 0; c < 256; c++) {
		int wanted = 404;

		snprintf(target, sizeof target, "/a%%%02Xb", (unsigned)c);
		if (c < 0x20 || c >= 0x7f || strchr(never, c) != NULL)
			wanted = 400;
		else if (strchr("\"<>^{|}`!$&'()*+,;:=?@[]# ", c) == NULL)
			wanted = 0;
		assert_int_equal(parse(target, &path), wanted);
		if (wanted != 0)
			continue;
		assert_int_equal(path.size, 4);
		assert_int_equal(path.text[2], c);
	}
}

static void
known_tricks(void **state)
{
	static const struct {
		const char *target;
		int wanted;
	} cases[] = {
		{ "", 400 },
		{ "*", 400 },
		{ "a", 400 },
		{ "?", 400 },
		{ "http://a/", 400 },
		{ "/a#", 400 },
		{ "/a?#", 400 },
		{ "/a? ", 400 },
		{ "/a?\x01", 400 },
		{ "/a?\x80", 400 },
		{ "/%", 400 },
		{ "/%1", 400 },
		{ "/%g0", 400 },
		{ "/%0g", 400 },
		{ "/%%30", 400 },
		{ "/%u002e", 400 },
		{ "/%252e", 400 },
		{ "/%2f", 400 },
		{ "/%5C", 400 },
		{ "/%00", 400 },
		{ "/%7f", 400 },
		{ "/%c0%af", 400 },
		{ "/..", 404 },
		{ "/.", 404 },
		{ "/../a", 404 },
		{ "/a/..", 404 },
		{ "/a/../b", 404 },
		{ "/a/%2e%2e/b", 404 },
		{ "/a/.%2e/b", 404 },
		{ "//", 404 },
		{ "//a", 404 },
		{ "/a//b", 404 },
		{ "/a//", 404 },
		{ "/.a", 404 },
		{ "/a.", 404 },
		{ "/a~", 404 },
		{ "/a./b", 404 },
		{ "/a;b", 404 },
		{ "/a%20b", 404 },
		{ "/a:b", 404 },
		{ "/", 0 },
		{ "/?", 0 },
		{ "/a?/../b", 0 },
		{ "/-/login", 0 },
		{ "/a/b/c.html", 0 },
		{ "/~a", 0 },
		{ "/_", 0 },
		{ "/a..b", 0 },
		{ "/%61", 0 },
		{ "/a?%00", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (verdict(cases[i].target) != cases[i].wanted)
			fail_msg("%s: %d", cases[i].target,
			    verdict(cases[i].target));
}

static void
lengths(void **state)
{
	struct path path;
	char target[2048];

	(void)state;
	memset(target, 'a', sizeof target);
	target[0] = '/';
	assert_int_equal((int)path_parse(target, 129, &path), 0);
	assert_int_equal((int)path_parse(target, 130, &path), 404);
	for (size_t i = 0; i < sizeof target; i += 2)
		target[i] = '/';
	assert_int_equal((int)path_parse(target, 32, &path), 0);
	assert_int_equal(path.depth, 16);
	assert_int_equal((int)path_parse(target, 33, &path), 0);
	assert_true(path.slash);
	assert_int_equal((int)path_parse(target, 34, &path), 404);
	assert_int_equal((int)path_parse(target, 1024, &path), 404);
	assert_int_equal((int)path_parse(target, 1025, &path), 400);
	target[3] = '?';
	assert_int_equal((int)path_parse(target, 2000, &path), 0);
	assert_int_equal(path.size, 3);
}

static void
parts(void **state)
{
	struct path path;

	(void)state;
	assert_int_equal(parse("/eds/all/f%72/x.tar.gz?q=1", &path), 0);
	assert_string_equal(path.text, "/eds/all/fr/x.tar.gz");
	assert_int_equal(path.depth, 4);
	assert_false(path.slash);
	assert_string_equal(path_extension(&path), "gz");
	assert_int_equal(parse("/a.b/c", &path), 0);
	assert_string_equal(path_extension(&path), "");
	assert_int_equal(parse("/", &path), 0);
	assert_int_equal(path.depth, 0);
	assert_true(path.slash);
}

static bool
under(const char *prefix, const char *target)
{
	struct path path;

	assert_int_equal(parse(target, &path), 0);
	return path_under(prefix, &path);
}

static void
whole_segments(void **state)
{
	(void)state;
	assert_true(under("/a/north/", "/a/north"));
	assert_true(under("/a/north/", "/a/north/"));
	assert_true(under("/a/north/", "/a/north/x/y"));
	assert_true(under("/a/", "/a/north/"));
	assert_false(under("/a/north/", "/a/north2"));
	assert_false(under("/a/north/", "/a/north2/"));
	assert_false(under("/a/north/", "/a/nort"));
	assert_false(under("/a/north/", "/a/"));
	assert_false(under("/a/north/", "/a"));
	assert_false(under("/a/north/", "/"));
	assert_false(under("/a/north/", "/A/north/"));
	assert_false(under("/a/north/", "/b/a/north/"));
	/* what is no prefix grants nothing */
	assert_false(under("", "/a"));
	assert_false(under("/", "/"));
	assert_false(under("/", "/a"));
	assert_false(under("/a", "/a"));
	assert_false(under("a/", "/a/"));
}

static void
prefixes(void **state)
{
	char longest[200] = "/";

	(void)state;
	assert_true(path_prefix_ok("/a/"));
	assert_true(path_prefix_ok("/a-1/b2/"));
	assert_false(path_prefix_ok(""));
	assert_false(path_prefix_ok("/"));
	assert_false(path_prefix_ok("/a"));
	assert_false(path_prefix_ok("/a/b"));
	assert_false(path_prefix_ok("/a/b/c/"));
	assert_false(path_prefix_ok("/A/"));
	assert_false(path_prefix_ok("/-/"));
	assert_false(path_prefix_ok("/a/../"));
	assert_false(path_prefix_ok("/%61/"));
	assert_false(path_prefix_ok("/a/?/"));
	memset(longest + 1, 'a', 63);
	longest[64] = '/';
	memset(longest + 65, 'b', 63);
	longest[128] = '/';
	assert_true(path_prefix_ok(longest));
	memset(longest + 1, 'a', 64);
	longest[65] = '/';
	longest[66] = '\0';
	assert_false(path_prefix_ok(longest));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_raw_byte),
		cmocka_unit_test(every_escape),
		cmocka_unit_test(known_tricks),
		cmocka_unit_test(lengths),
		cmocka_unit_test(parts),
		cmocka_unit_test(whole_segments),
		cmocka_unit_test(prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
