/* Paths into JSON values, both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json/json_path.h"

static const char document[] =
    "{\"a\":{\"b\":[10,{\"c\":null},[true]],\"0\":\"zero\"},"
    "\"list\":[{\"type\":\"x\",\"n\":1,\"v\":5},{\"type\":\"y\",\"n\":2,"
    "\"on\":true,\"v\":6},{\"n\":3},7],\"em:0\":{\"p\":-1.5},\"d:\":[]}";

static bool
right(const char *path)
{
	struct failure why;

	return json_path_check(path, strlen(path), &why) == 0;
}

/* What is there, as JSON; "-" for nothing. */
static void
finds(const char *path, const char *wanted)
{
	struct arena arena = { 0 };
	struct failure why;
	json_t *value = json_read(document, strlen(document), &why), *made;
	const json_t *found;
	size_t size;

	assert_non_null(value);
	assert_true(right(path));
	found = json_path_get(value, path, strlen(path), &made);
	assert_string_equal(
	    found == NULL ? "-" : json_canonical(&arena, found, &size), wanted);
	json_decref(made);
	json_decref(value);
	arena_free(&arena);
}

static void
test_get(void **state)
{
	(void)state;
	finds("a.b[0]", "10");
	finds("a.b[1].c", "null");
	finds("a.b[2][0]", "true");
	finds("a.b[3]", "-");
	finds("a.0", "\"zero\"");
	finds("a.b.c", "-");
	finds("em:0.p", "-1.5");
	finds("list[type=y].v", "6");
	finds("list[n=1].v", "5");
	finds("list[on=true].n", "2");
	finds("list[type=z].v", "-");
	finds("list[*].v", "[5,6,null,null]");
	finds("list[*]",
	    "[{\"type\":\"x\",\"n\":1,\"v\":5},{\"type\":\"y\","
	    "\"n\":2,\"on\":true,\"v\":6},{\"n\":3},7]");
	finds("d:[*].x", "[]");
	finds("a[*].x", "-");
	finds("list[0][n=1]", "-");
}

static void
test_check(void **state)
{
	static const char *const wrong[] = { "", ".", "a.", ".a", "a..b", "a[",
		"a[]", "a[-1]", "a[4096]", "a[1", "a]", "a[=x]", "a[x=]",
		"a[*].b[*]", "a[1]b", "a.[1]", "[", "]" };
	static const char *const fine[] = { "a", "[0]", "[*]", "a b",
		"a[x=y.z]", "a[0][1].b", "[type=A B].c" };
	char longer[JSON_PATH_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (right(wrong[i]))
			fail_msg("taken: %s", wrong[i]);
	for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++)
		if (!right(fine[i]))
			fail_msg("refused: %s", fine[i]);
	memset(longer, 'a', sizeof(longer));
	longer[JSON_PATH_MAX + 1] = '\0';
	assert_false(right(longer));
	longer[JSON_PATH_MAX] = '\0';
	assert_true(right(longer));
	assert_false(right("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a"));
}

static bool
put(json_t **value, const char *path, json_t *leaf)
{
	return json_path_put(value, path, strlen(path), leaf);
}

static void
test_put(void **state)
{
	struct arena arena = { 0 };
	json_t *value = NULL;
	size_t size;

	(void)state;
	assert_true(put(&value, "a.b[1]", json_integer(5)));
	assert_true(put(&value, "a.b[0].c", json_true()));
	assert_true(put(&value, "a.l[type=x].v", json_integer(1)));
	assert_true(put(&value, "a.l[type=y].v", json_integer(2)));
	assert_true(put(&value, "a.l[type=x].w", json_integer(3)));
	assert_true(put(&value, "m[*].v", json_pack("[ii]", 7, 8)));
	assert_false(put(&value, "a.b.c", json_integer(9)));
	assert_string_equal(json_canonical(&arena, value, &size),
	    "{\"a\":{\"b\":[{\"c\":true},5],\"l\":[{\"type\":\"x\",\"v\":1,"
	    "\"w\":3},{\"type\":\"y\",\"v\":2}]},\"m\":[{\"v\":7},{\"v\":8}]}");
	json_decref(value);
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
