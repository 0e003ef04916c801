/* Tables in order of an id: each is found, and nothing else. */
#include "base/ids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define ITEMS 33

struct item {
	int64_t id;
	char more[3];
};

static void
each_is_found(void **data)
{
	struct item item[ITEMS];

	(void)data;
	for (size_t i = 0; i < ITEMS; i++)
		item[i].id = 2 * (int64_t)i - 7;
	for (size_t count = 0; count <= ITEMS; count++)
		for (int64_t id = -9; id < 2 * ITEMS - 5; id++) {
			const struct item *there = NULL;

			for (size_t i = 0; i < count; i++)
				if (item[i].id == id)
					there = &item[i];
			assert_ptr_equal(
			    ids_find(item, count, sizeof(*item), id), there);
		}
	assert_null(ids_find(NULL, 0, sizeof(*item), 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_is_found) };

	return cmocka_run_group_tests_name("ids", tests, NULL, NULL);
}
