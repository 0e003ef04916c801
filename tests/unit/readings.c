/* Packed rows by hand-made bytes; what is stored, kept and noted; walking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/pack.h"
#include "store/readings.h"

#define HOUR INT64_C(3600000)
#define T0 INT64_C(1772323200000) /* 2026-03-01T00:00:00Z */

static struct arena arena;
static char root[64];
static struct tenant *tenant;
static struct failure why;

static struct reading
at(int64_t time_ms)
{
	struct reading reading;

	memset(&reading, 0, sizeof(reading));
	reading_clear(&reading);
	reading.kind = READING_BATTERY;
	reading.time_ms = time_ms;
	return reading;
}

/* ---- packing ---------------------------------------------------------- */

static void
packs_to(const struct reading *reading, const char *wanted)
{
	struct buf packed = { 0 }, hex = { 0 };

	pack_reading(reading, &packed);
	buf_hex(&hex, (const uint8_t *)packed.data, packed.size);
	assert_string_equal(hex.data, wanted);
	buf_free(&packed);
	buf_free(&hex);
}

static void
bytes(void **data)
{
	static const int32_t cells[] = { 3300, READING_ITEM_UNKNOWN, 3299 };
	struct reading reading = at(T0);

	(void)data;
	packs_to(&reading, "0100");
	/* tag 1: bit 0; 52481 is zigzag 104962: 82 b4 06 */
	reading_set(&reading, MEASUREMENT_pack_voltage, 52481);
	packs_to(&reading, "01010182b406");
	/* tag 2: bit 1; -10 is zigzag 19 */
	reading_set(&reading, MEASUREMENT_pack_current, -10);
	packs_to(&reading, "01010382b40613");
	/* derived ones and the quality are left out */
	reading_derive(&reading);
	reading_set(&reading, MEASUREMENT_data_quality, QUALITY_POOR);
	packs_to(&reading, "01010382b40613");
	/* tag 3: three items; 6601 is c9 33; unknown; -1 is 1, and 1 more */
	reading = at(T0);
	reading_set_list(&reading, MEASUREMENT_cell_voltages, cells, 3);
	packs_to(&reading, "01010403c9330002");
	/* tag 36 is bit 3 of the fifth byte */
	reading = at(T0);
	reading_set_text(&reading, MEASUREMENT_fault_codes, "[\"E\"]", 5);
	packs_to(&reading,
	    "0105000000000805"
	    "5b2245225d");
	/* tag 45 is bit 4 of the sixth; 5 s before the reading's time: 9999 */
	reading = at(T0);
	reading_set(&reading, MEASUREMENT_bms_timestamp, T0 - 5000);
	packs_to(&reading, "01060000000000108f4e");
}

static uint64_t
dice(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return *state >> 33;
}

static void
fill_random(struct reading *reading, uint64_t *seed)
{
	for (int id = 0; id < MEASUREMENT_COUNT; id++) {
		const struct measurement *row = &measurement_table[id];
		int32_t *items;
		size_t count;

		if (dice(seed) % 3 == 0 || (row->kinds & FOR_BATTERY) == 0)
			continue;
		switch (row->shape) {
		case SHAPE_LIST:
			count = dice(seed) % 20;
			items = arena_alloc(&arena, 20 * sizeof(*items));
			for (size_t i = 0; i < count; i++)
				items[i] = dice(seed) % 8 == 0
				    ? READING_ITEM_UNKNOWN
				    : (int32_t)(row->low +
					  (int64_t)(dice(seed) %
					      (uint64_t)(row->high - row->low +
						  1)));
			reading_set_list(reading, id, items, count);
			break;
		case SHAPE_CODES:
		case SHAPE_TEXT:
		case SHAPE_MAP:
			reading_set_text(reading, id, "[\"x\"]", 5);
			break;
		case SHAPE_TIME:
			reading_set(reading, id, (int64_t)dice(seed) * 1000);
			break;
		default:
			reading_set(reading, id,
			    row->low +
				(int64_t)(dice(seed) %
				    (uint64_t)(row->high - row->low + 1)));
			break;
		}
	}
	reading_derive(reading);
}

static void
read_back(const struct buf *packed, int64_t quality, struct reading *reading)
{
	*reading = at(T0);
	assert_int_equal(pack_read(packed->data, packed->size, quality, &arena,
			     reading, &why),
	    0);
}

/* What goes in comes out: compared as printed lines. */
static void
round_trips(void **data)
{
	uint64_t seed = 42;

	(void)data;
	for (int i = 0; i < 2000; i++) {
		struct buf one = { 0 }, two = { 0 }, packed = { 0 };
		struct reading reading = at(T0), back;

		arena_reset(&arena);
		fill_random(&reading, &seed);
		pack_reading(&reading, &packed);
		read_back(&packed, pack_quality(&reading), &back);
		back.tenant = reading.tenant = "t";
		back.device = reading.device = "d";
		reading_print(&reading, &one);
		reading_print(&back, &two);
		assert_string_equal(one.data, two.data);
		buf_free(&one);
		buf_free(&two);
		buf_free(&packed);
	}
}

/* Damaged rows are refused or read as something, never beyond their end. */
static void
damaged(void **data)
{
	uint64_t seed = 7;

	(void)data;
	for (int i = 0; i < 300; i++) {
		struct reading reading = at(T0);
		struct buf packed = { 0 };

		arena_reset(&arena);
		fill_random(&reading, &seed);
		pack_reading(&reading, &packed);
		for (size_t size = 0; size < packed.size; size++) {
			/* exactly as large, for the sanitizer's sake */
			char *cut = malloc(size + 1);

			memcpy(cut, packed.data, size);
			reading = at(T0);
			assert_int_equal(
			    pack_read(cut, size, 255, &arena, &reading, &why),
			    -1);
			assert_int_equal(why.status, EXIT_WRONG);
			free(cut);
		}
		for (int n = 0; n < 200; n++) {
			size_t byte = dice(&seed) % packed.size;
			char before = packed.data[byte];

			packed.data[byte] =
			    (char)(before ^ (1 << dice(&seed) % 8));
			reading = at(T0);
			(void)pack_read(packed.data, packed.size, 255, &arena,
			    &reading, &why);
			packed.data[byte] = before;
		}
		buf_free(&packed);
	}
}

/* ---- storing ---------------------------------------------------------- */

static const char fleet[] =
    "INSERT INTO battery_types (slug, name, chemistry, nominal_voltage,"
    " capacity_ah, capacity_wh, cell_count)"
    " VALUES ('t', 't', 'lfp', 1, 1, 1, 1);"
    "INSERT INTO locations (slug, name) VALUES ('l', 'l');"
    "INSERT INTO batteries (slug, serial_number, name, battery_type_id,"
    " location_id) VALUES ('b-1', '1', 'b', 1, 1), ('b-2', '2', 'b', 1, 1);"
    "INSERT INTO devices (device, profile, address)"
    " VALUES ('d', 'p', 'tcp://h:1');"
    "INSERT INTO device_batteries (device_id, valid_from, battery_id)"
    " VALUES (1, 1000, 1), (1, 2000, 2), (1, 3000, NULL);";

static int
setup(void **data)
{
	const char *share = getenv("TBMS_SHARE");
	char schema[4096];

	(void)data;
	strcpy(root, "/tmp/tbms-readings-XXXXXX");
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
	arena_free(&arena);
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

static void
ids(void **data)
{
	(void)data;
	assert_string_equal(tenant_slug(tenant), "acme");
	assert_string_equal(tenant_zone(tenant), "UTC");
	assert_int_equal(tenant_battery(tenant, "b-2", &why), 2);
	assert_int_equal(tenant_battery(tenant, "b-3", &why), 0);
	assert_null(tenant_open(root, "../acme", SQL_READ, &why));
	assert_int_equal(why.status, EXIT_WRONG);
	assert_null(tenant_open(root, "nobody", SQL_READ, &why));
	assert_int_equal(why.status, EXIT_WRONG);
}

static enum readings_put
put(int64_t battery_id, const struct reading *reading)
{
	struct readings_writer *writer = readings_writer_open(tenant, &why);
	enum readings_put result;

	assert_non_null(writer);
	assert_int_equal(sql_begin(tenant_sql(tenant), &why), 0);
	result = readings_put(writer, battery_id, reading, &why);
	assert_int_equal(sql_commit(tenant_sql(tenant), false, &why), 0);
	readings_writer_close(writer);
	return result;
}

static void
rivals(void **data)
{
	struct reading reading = at(T0 + 10 * HOUR), other;
	struct touched touched[8];
	int64_t seq;

	(void)data;
	reading_set(&reading, MEASUREMENT_soc_percent, 5000);
	assert_int_equal(put(1, &reading), READINGS_STORED);
	assert_int_equal(put(1, &reading), READINGS_SAME);
	assert_int_equal(readings_touched(tenant, 0, touched, 8, &why), 1);
	assert_int_equal(touched[0].battery_id, 1);
	assert_int_equal(touched[0].hour_ms, T0 + 10 * HOUR);
	seq = touched[0].seq;
	other = reading; /* greater bytes */
	reading_set(&other, MEASUREMENT_soc_percent, 5001);
	assert_int_equal(put(1, &other), READINGS_STORED);
	assert_int_equal(put(1, &reading), READINGS_LOST);
	other = reading; /* a quality beats none */
	reading_set(&other, MEASUREMENT_data_quality, QUALITY_INVALID);
	assert_int_equal(put(1, &other), READINGS_STORED);
	other = reading; /* a better one beats it */
	reading_set(&other, MEASUREMENT_data_quality, QUALITY_GOOD);
	assert_int_equal(put(1, &other), READINGS_STORED);
	reading_set(&reading, MEASUREMENT_soh_percent, 9000);
	assert_int_equal(put(1, &reading), READINGS_LOST);
	reading.gen = 1; /* a replay beats all */
	assert_int_equal(put(1, &reading), READINGS_STORED);
	assert_int_equal(put(1, &other), READINGS_LOST);
	/* the entry moved forward, and is still one */
	assert_int_equal(readings_touched(tenant, 0, touched, 8, &why), 1);
	assert_true(touched[0].seq > seq);
	assert_int_equal(
	    readings_touched(tenant, touched[0].seq, touched, 8, &why), 0);
	reading.kind = READING_ENERGY; /* another key */
	assert_int_equal(put(1, &reading), READINGS_STORED);
}

static void
walks(void **data)
{
	struct readings_writer *writer = readings_writer_open(tenant, &why);
	struct readings_walk *walk;
	struct reading reading;
	int64_t battery_id, wanted = T0;
	int count = 0, got;

	(void)data;
	assert_int_equal(sql_begin(tenant_sql(tenant), &why), 0);
	for (int i = 0; i < 2500; i++) {
		reading = at(T0 + i * 1000);
		reading_set(&reading, MEASUREMENT_soc_percent, i);
		reading_set(&reading, MEASUREMENT_pack_voltage, 50000);
		reading_set(&reading, MEASUREMENT_pack_current, i);
		for (int64_t b = 1; b <= 2; b++)
			assert_int_equal(
			    readings_put(writer, b, &reading, &why),
			    READINGS_STORED);
	}
	assert_int_equal(sql_commit(tenant_sql(tenant), false, &why), 0);
	readings_writer_close(writer);
	walk = readings_walk_open(tenant, 2, T0, T0 + 2400 * 1000, &why);
	while ((got = readings_walk_next(walk, &battery_id, &reading, &why)) ==
	    1) {
		assert_int_equal(battery_id, 2);
		assert_int_equal(reading.time_ms, wanted);
		assert_int_equal(
		    reading.value[MEASUREMENT_pack_power].number, count * 5);
		wanted += 1000;
		count++;
	}
	assert_int_equal(got, 0);
	assert_int_equal(count, 2400);
	readings_walk_close(walk);
	walk = readings_walk_open(tenant, 0, T0, INT64_MAX, &why);
	for (count = 0;
	     readings_walk_next(walk, &battery_id, &reading, &why) == 1;
	     count++)
		;
	assert_int_equal(count, 5002); /* and two of the test before */
	readings_walk_close(walk);
}

static void
latest(void **data)
{
	struct reading reading;
	const char *name = "latest";

	(void)data;
	assert_int_equal(readings_latest_before(
			     tenant, 2, INT64_MAX, &arena, &reading, &why),
	    1);
	assert_int_equal(reading.time_ms, T0 + 2499 * 1000);
	assert_int_equal(reading.value[MEASUREMENT_soc_percent].number, 2499);
	assert_int_equal(readings_latest_before(
			     tenant, 1, INT64_MAX, &arena, &reading, &why),
	    1);
	assert_int_equal(reading.time_ms, T0 + 10 * HOUR);
	assert_int_equal(readings_latest_before(
			     tenant, 3, INT64_MAX, &arena, &reading, &why),
	    0);
	assert_int_equal(cursor_get(tenant, name, &why), 0);
	assert_int_equal(cursor_set(tenant, name, 9, &why), 0);
	assert_int_equal(cursor_set(tenant, name, 11, &why), 0);
	assert_int_equal(cursor_get(tenant, name, &why), 11);
	assert_int_equal(cursor_get(tenant, "other", &why), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(bytes),
		cmocka_unit_test(round_trips), cmocka_unit_test(damaged),
		cmocka_unit_test(ids), cmocka_unit_test(rivals),
		cmocka_unit_test(walks), cmocka_unit_test(latest) };

	return cmocka_run_group_tests_name("readings", tests, setup, teardown);
}
