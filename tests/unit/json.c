/* JSON: the limits, the writer, and (where it is) nst's JSONTestSuite. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/io.h"
#include "json/json.h"

static json_t *
read_text(const char *text)
{
	struct failure why;

	return json_read(text, strlen(text), &why);
}

static void
test_limits(void **state)
{
	struct buf deep = { 0 };
	struct failure why;
	json_t *value;

	(void)state;
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		buf_char(&deep, '[');
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		buf_char(&deep, ']');
	value = json_read(deep.data, deep.size, &why);
	assert_non_null(value);
	json_decref(value);
	buf_clear(&deep);
	for (int i = 0; i < JSON_DEPTH_MAX + 1; i++)
		buf_char(&deep, '[');
	for (int i = 0; i < JSON_DEPTH_MAX + 1; i++)
		buf_char(&deep, ']');
	assert_null(json_read(deep.data, deep.size, &why));
	assert_int_equal(why.status, EXIT_REFUSED);
	buf_free(&deep);
	assert_null(read_text("{\"a\":1,\"a\":2}"));
	assert_null(read_text("\"\xed\xa0\x80\""));
	assert_null(read_text("{} {}"));
}

static void
test_put_text(void **state)
{
	struct buf out = { 0 };

	(void)state;
	json_put_text(&out, "a\"\\\n\x01\xc3\xa9", 7);
	assert_string_equal(out.data, "\"a\\\"\\\\\\n\\u0001\xc3\xa9\"");
	buf_clear(&out);
	json_put_text(&out, "a\xff\"", 3);
	assert_string_equal(out.data, "\"a\xef\xbf\xbd\\\"\"");
	buf_free(&out);
}

static void
test_members(void **state)
{
	static const char *const names[] = { "name", "size", NULL };
	json_t *value = read_text("{\"name\":\"x\",\"size\":7,\"other\":1}");
	const char *name = NULL;
	struct failure why;
	int64_t size = 0;

	(void)state;
	assert_non_null(value);
	assert_int_equal(json_member_text(value, "name", true, &name, &why), 0);
	assert_string_equal(name, "x");
	assert_int_equal(
	    json_member_integer(value, "size", true, 0, 6, &size, &why), -1);
	assert_non_null(strstr(why.message, "size"));
	assert_int_equal(json_members_known(value, names, &why), -1);
	assert_non_null(strstr(why.message, "other"));
	json_decref(value);
}

/* y_ must be taken, n_ must be refused; what goes beyond our own limits of
 * depth may be refused as well. */
static void
suite_file(const char *dir, const char *name)
{
	struct buf path = { 0 }, text = { 0 };
	struct failure why;
	json_t *value;

	buf_print(&path, "%s/%s", dir, name);
	assert_int_equal(
	    io_file_read(AT_FDCWD, path.data, 1 << 20, &text, &why), 0);
	value = json_read(text.data, text.size, &why);
	if (name[0] == 'y' && value == NULL &&
	    strcmp(name, "y_object_duplicated_key.json") != 0 &&
	    strcmp(name, "y_object_duplicated_key_and_value.json") != 0 &&
	    strstr(name, "null") == NULL &&
	    strstr(why.message, "\\u0000") == NULL)
		fail_msg("%s was refused: %s", name, why.message);
	if (name[0] == 'n' && value != NULL)
		fail_msg("%s was taken", name);
	json_decref(value);
	buf_free(&path);
	buf_free(&text);
}

static void
test_suite(void **state)
{
	const char *captures = getenv("TBMS_CAPTURES");
	struct buf dir = { 0 };
	struct dirent *entry;
	DIR *list;

	(void)state;
	buf_print(&dir, "%s/suites/json/JSONTestSuite/test_parsing",
	    captures != NULL ? captures : "../shared/data");
	list = opendir(dir.data);
	if (list == NULL)
		puts("# SKIPPED: no JSONTestSuite in TBMS_CAPTURES");
	while (list != NULL && (entry = readdir(list)) != NULL)
		if (strchr("yni", entry->d_name[0]) != NULL)
			suite_file(dir.data, entry->d_name);
	if (list != NULL)
		closedir(list);
	buf_free(&dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_put_text),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_suite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
