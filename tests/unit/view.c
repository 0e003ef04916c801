/* Views: which batteries a selection means, and that none is ever wider. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/view.h"

static char root[] = "/tmp/tbms-view.XXXXXX";

/* Places: a > b > c, and d; batteries 1 in a, 2 in c, 3 in d, 4 in d but
 * not active; 1 and 3 of type x, the others of y. */
static const char rows[] =
    "INSERT INTO client (id, slug, uuid, name, company) VALUES (1, 't',"
    " '00000000-0000-4000-8000-000000000000', 'T', 'T');"
    "INSERT INTO battery_types (id, slug, name, chemistry, nominal_voltage,"
    " capacity_ah, capacity_wh, cell_count) VALUES"
    " (1, 'x', 'X', 'lfp', 48, 1, 48, 15), (2, 'y', 'Y', 'lfp', 48, 1, 48,"
    " 15);"
    "INSERT INTO locations (id, slug, name, parent_id) VALUES"
    " (1, 'a', 'A', NULL), (2, 'b', 'B', 1), (3, 'c', 'C', 2),"
    " (4, 'd', 'D', NULL);"
    "INSERT INTO batteries (id, slug, serial_number, name,"
    " battery_type_id, location_id, is_active) VALUES"
    " (1, 'one', '1', 'One', 1, 1, 1), (2, 'two', '2', 'Two', 2, 3, 1),"
    " (3, 'three', '3', 'Three', 1, 4, 1),"
    " (4, 'four', '4', 'Four', 2, 4, 0);";

static struct tenant *
open_tenant(void)
{
	const char *share = getenv("TBMS_SHARE");
	struct failure why;
	struct tenant *tenant;
	char schema[4096];

	snprintf(schema, sizeof(schema), "%s/schema",
	    share == NULL ? "share" : share);
	assert_non_null(mkdtemp(root));
	if (tenant_create(root, "t", schema, NULL, &why) == -1)
		fail_msg("%s", why.message);
	tenant = tenant_open(root, "t", SQL_WRITE, &why);
	assert_non_null(tenant);
	if (sql_run(tenant_sql(tenant), rows, &why) == -1)
		fail_msg("%s", why.message);
	return tenant;
}

static struct tenant *tenant;

/* The ids that a selection gives, "1 3"; "refused" where it is refused. */
static const char *
chosen(const char *selection, struct arena *arena)
{
	const char *text = "";
	struct sql_query *q;
	struct failure why;
	struct view *views;
	size_t count;

	q = sql_prepare(
	    tenant_sql(tenant), "UPDATE views SET selection = ?", &why);
	assert_non_null(q);
	sql_bind_text(q, 1, selection);
	assert_int_equal(sql_done(q, &why), 0);
	sql_query_free(q);
	if (view_list(tenant, arena, &views, &count, &why) == -1) {
		assert_int_equal(why.status, EXIT_WRONG);
		return "refused";
	}
	assert_int_equal(count, 1);
	assert_string_equal(views[0].slug, "all");
	for (int64_t id = 0; id < 6; id++)
		if (view_has(&views[0], id))
			text = arena_print(arena, "%s%s%lld", text,
			    *text == '\0' ? "" : " ", (long long)id);
	return text;
}

static void
selects(void **state)
{
	static const char *const table[][2] = { { "{}", "1 2 3" },
		{ "{\"batteries\":[\"two\",\"four\",\"none\"]}", "2" },
		{ "{\"locations\":[\"a\"]}", "1 2" },
		{ "{\"locations\":[\"b\",\"d\"]}", "2 3" },
		{ "{\"types\":[\"x\"]}", "1 3" },
		{ "{\"types\":[\"x\"],\"locations\":[\"a\"]}", "1" },
		{ "{\"types\":[\"y\"],\"batteries\":[\"one\"]}", "" },
		{ "{\"locations\":[]}", "" },
		{ "{\"locations\":[\"%\",\"a' OR 1=1 --\"]}", "" },
		{ "{\"location\":[\"a\"]}", "refused" },
		{ "{\"locations\":\"a\"}", "refused" },
		{ "{\"locations\":[1]}", "refused" },
		{ "{\"locations\":null}", "refused" },
		{ "{\"batteries\":[\"one\"],\"batteries\":[]}", "refused" },
		{ "{}x}", "refused" } };
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		assert_string_equal(chosen(table[i][0], &arena), table[i][1]);
	arena_free(&arena);
}

static void
without_rows_is_all(void **state)
{
	struct arena arena = { 0 };
	struct failure why;
	struct view *views;
	size_t count;

	(void)state;
	assert_int_equal(
	    sql_run(tenant_sql(tenant), "DELETE FROM views", &why), 0);
	assert_int_equal(view_list(tenant, &arena, &views, &count, &why), 0);
	assert_int_equal(count, 1);
	assert_string_equal(views[0].slug, "all");
	assert_int_equal(views[0].count, 3);
	arena_free(&arena);
}

static int
set_up(void **state)
{
	(void)state;
	tenant = open_tenant();
	return 0;
}

static int
tear_down(void **state)
{
	char command[128];

	(void)state;
	tenant_close(tenant);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selects),
		cmocka_unit_test(without_rows_is_all),
	};

	return cmocka_run_group_tests_name("view", tests, set_up, tear_down);
}
