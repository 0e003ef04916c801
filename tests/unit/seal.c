/* Sealing while others walk, and where blocks meet in one minute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/readings.h"
#include "store/seal.h"
#include "store/stored.h"
#include "store/tenant.h"

#define HOUR INT64_C(3600000)
#define T0 INT64_C(1772323200000) /* 2026-03-01T00:00:00Z */

static char root[64];
static struct tenant *tenant;
static struct failure why;

static const char fleet[] =
    "INSERT INTO battery_types (slug, name, chemistry, nominal_voltage,"
    " capacity_ah, capacity_wh, cell_count)"
    " VALUES ('t', 't', 'lfp', 1, 1, 1, 1);"
    "INSERT INTO locations (slug, name) VALUES ('l', 'l');"
    "INSERT INTO batteries (slug, serial_number, name, battery_type_id,"
    " location_id) VALUES ('b-1', '1', 'b', 1, 1), ('b-2', '2', 'b', 1, 1);"
    "INSERT INTO devices (device, profile, address)"
    " VALUES ('d', 'p', 'tcp://h:1'), ('e', 'p', 'tcp://h:2');"
    "INSERT INTO device_batteries (device_id, valid_from, battery_id)"
    " VALUES (1, 0, 2);";

static int
setup(void **data)
{
	const char *share = getenv("TBMS_SHARE");
	char schema[4096];

	(void)data;
	strcpy(root, "/tmp/tbms-seal-XXXXXX");
	assert_non_null(mkdtemp(root));
	snprintf(schema, sizeof(schema), "%s/schema",
	    share == NULL ? "share" : share);
	if (tenant_create(root, "acme", schema, NULL, &why) == -1)
		fail_msg("%s", why.message);
	tenant = tenant_open(root, "acme", SQL_WRITE, &why);
	assert_non_null(tenant);
	assert_int_equal(sql_run(tenant_sql(tenant), fleet, &why), 0);
	return 0;
}

static int
teardown(void **data)
{
	char command[128];

	(void)data;
	tenant_close(tenant);
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

/* Rows every step_ms, of both kinds where `both`. */
static void
put(int64_t from_ms, int64_t step_ms, int count, bool both)
{
	struct readings_writer *writer = readings_writer_open(tenant, &why);

	assert_non_null(writer);
	assert_int_equal(sql_begin(tenant_sql(tenant), &why), 0);
	for (int i = 0; i < count * (both ? 2 : 1); i++) {
		struct reading reading;

		reading_clear(&reading);
		reading.kind =
		    both && i % 2 != 0 ? READING_ENERGY : READING_BATTERY;
		reading.time_ms = from_ms + (both ? i / 2 : i) * step_ms;
		reading_set(&reading, MEASUREMENT_data_quality, QUALITY_GOOD);
		assert_int_equal(
		    readings_put(writer, 1, &reading, &why), READINGS_STORED);
	}
	assert_int_equal(sql_commit(tenant_sql(tenant), false, &why), 0);
	readings_writer_close(writer);
}

static int
seal(int64_t now_ms)
{
	struct seal_counts counts = { .rows = 0 };

	return seal_due(tenant_sql(tenant), now_ms, 0, NULL, &counts, &why);
}

static int
forget(void **data)
{
	(void)data;
	return sql_run(tenant_sql(tenant),
	    "DELETE FROM readings; DELETE FROM blocks", &why);
}

/* Walks; after so many rows all is sealed. The count of rows, all of them
 * in order. */
static int
walk(int64_t from_ms, int64_t to_ms, bool down, int seal_after)
{
	struct stored *stored =
	    stored_open(tenant_sql(tenant), 1, from_ms, to_ms, down, &why);
	int64_t before = down ? INT64_MAX : -1;
	struct stored_row row;
	int count = 0, got;

	assert_non_null(stored);
	while ((got = stored_next(stored, &row, &why)) == 1) {
		int64_t now = row.row.time_ms * 2 + (int64_t)row.row.kind;

		assert_true(down ? now < before : now > before);
		before = now;
		if (++count == seal_after)
			assert_int_equal(seal(T0 + 2 * HOUR), 0);
	}
	assert_int_equal(got, 0);
	stored_close(stored);
	return count;
}

/* A walk reads rows in batches: what is sealed between two of them is
 * neither told twice nor left out. */
static void
walks_while_sealing(void **data)
{
	(void)data;
	for (int down = 0; down < 2; down++) {
		put(T0 + 5000, 1000, 2500, false);
		assert_int_equal(walk(T0, T0 + HOUR, down != 0, 500), 2500);
		assert_int_equal(forget(NULL), 0);
		/* a batch ends between the two rows of an instant, which is
		 * the last or the first of its hour */
		put(T0 + 5000, 1000, 1000, true);
		put(T0 + (down != 0 ? 1005000 : 4999), 1000, 1, false);
		assert_int_equal(walk(T0, T0 + HOUR, down != 0, 900), 2001);
		assert_int_equal(forget(NULL), 0);
		put(T0 + HOUR - 1000, 1, 500, true);
		put(T0 + HOUR - (down != 0 ? 1 : 2000), 1, 1, false);
		assert_int_equal(walk(T0, T0 + HOUR, down != 0, 900), 1001);
		assert_int_equal(forget(NULL), 0);
	}
}

/* A late row makes a block that begins in the minute the one before ends. */
static void
blocks_in_one_minute(void **data)
{
	(void)data;
	put(T0, 10000, 360 - 2, false); /* to 00:59:30 */
	assert_int_equal(seal(T0 + 2 * HOUR), 0);
	put(T0 + HOUR - 10000, 10000, 1, false);
	assert_int_equal(seal(T0 + 2 * HOUR), 0);
	for (int i = 0; i < 360; i++) {
		int left = 360 - i - (i < 359);

		assert_int_equal(
		    walk(T0 + i * 10000, T0 + HOUR, false, 0), left);
		assert_int_equal(
		    walk(T0 + i * 10000, T0 + HOUR, true, 0), left);
	}
}

/* What is divided anew must not begin where another block does. */
static void
divides(void **data)
{
	(void)data;
	/* three blocks; the first ends with row 4091, 11:21:55 */
	put(T0 + 5000, 10000, 8639, false);
	assert_int_equal(seal(T0 + 48 * HOUR), 0);
	put(T0 + 40918000, 1, 1, false);
	assert_int_equal(seal(T0 + 48 * HOUR), 0);
	/* as many in front of the first as bring its limit to that minute */
	put(T0 + 1, 1, 6, false);
	if (seal(T0 + 48 * HOUR) == -1)
		fail_msg("%s", why.message);
	assert_int_equal(walk(T0, T0 + 24 * HOUR, false, 0), 8646);
}

/* No minute is divided, however many rows it has. */
static void
crowded_minute(void **data)
{
	(void)data;
	put(T0, 7, 6000, false); /* 42 s */
	put(T0 + 60000, 10, 500, false);
	if (seal(T0 + 48 * HOUR) == -1)
		fail_msg("%s", why.message);
	assert_int_equal(walk(T0, T0 + HOUR, false, 0), 6500);
	assert_int_equal(walk(T0, T0 + HOUR, true, 0), 6500);
}

/* A device was moved to another battery: a replay takes its rows away from
 * the one before, of which no table of devices tells any more. */
static void
replay_after_move(void **data)
{
	const struct mark_replay replay = { .device = "d",
		.profile = "",
		.from_ms = T0,
		.to_ms = T0 + HOUR,
		.gen = 1 };

	(void)data;
	for (int sealed = 0; sealed < 2; sealed++) {
		put(T0, 1000, 10, false);
		put(T0 + HOUR, 1000, 5, false);
		assert_int_equal(sql_run(tenant_sql(tenant),
				     "UPDATE readings SET made = 1,"
				     " device_id = 1 + (time / 1000 % 5 = 0)",
				     &why),
		    0);
		if (sealed != 0)
			assert_int_equal(seal(T0 + 24 * HOUR), 0);
		assert_int_equal(
		    readings_close_replay(tenant, &replay, false, &why), 0);
		/* those of another device, and those of another hour */
		assert_int_equal(walk(T0, T0 + HOUR, false, 0), 2);
		assert_int_equal(walk(T0, T0 + 2 * HOUR, false, 0), 7);
		assert_int_equal(forget(NULL), 0);
	}
}

static int64_t
number(const char *text)
{
	return sql_ask(tenant_sql(tenant), text, NULL, 0, &why);
}

/* Called before each hour that is sealed, and so before the packing of the
 * day before: then a row of that day comes late, and is seen behind it. */
static bool
late(void)
{
	static int hours;

	if (hours == 24)
		put(T0 + 5 * HOUR + 1800000, 1000, 1, false);
	if (hours++ == 25) {
		assert_int_equal(number("SELECT count(*) FROM readings"), 61);
		assert_int_equal(
		    walk(T0, T0 + 26 * HOUR, false, -1), 25 * 60 + 1);
	}
	return false;
}

static void
late_rows_stay_outside(void **data)
{
	struct seal_counts counts = { .rows = 0 };

	(void)data;
	put(T0 + 1000, 60000, 25 * 60, false);
	assert_int_equal(seal_due(tenant_sql(tenant), T0 + 26 * HOUR, 0, late,
			     &counts, &why),
	    0);
	assert_int_equal(walk(T0, T0 + 26 * HOUR, false, -1), 25 * 60 + 1);
	assert_int_equal(walk(T0, T0 + 26 * HOUR, true, -1), 25 * 60 + 1);
	assert_int_equal(number("SELECT count(*) FROM readings"), 0);
	assert_int_equal(number("SELECT count(*) FROM blocks"), 2);
	assert_int_equal(forget(NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(walks_while_sealing, forget),
		cmocka_unit_test_setup(blocks_in_one_minute, forget),
		cmocka_unit_test_setup(divides, forget),
		cmocka_unit_test_setup(crowded_minute, forget),
		cmocka_unit_test_setup(replay_after_move, forget),
		cmocka_unit_test_setup(late_rows_stay_outside, forget),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
