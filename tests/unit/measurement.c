/* The table of measurements against the customer's schema and its page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/measurement.h"

static void
finds_each_row(void **state)
{
	(void)state;
	for (int id = 0; id < MEASUREMENT_COUNT; id++) {
		const struct measurement *row = &measurement_table[id];

		assert_int_equal(row->name_size, strlen(row->name));
		assert_int_equal(
		    measurement_find(row->name, row->name_size), id);
		assert_int_equal(measurement_by_tag(row->tag), id);
		assert_true(row->low <= row->high);
		assert_true((row->shape == SHAPE_WORD) == (row->words != NULL));
	}
	assert_int_equal(measurement_find("pack_voltag", 11), -1);
	assert_int_equal(measurement_find("pack_voltage_", 13), -1);
	assert_int_equal(measurement_find("", 0), -1);
	assert_int_equal(measurement_by_tag(0), -1);
	assert_int_equal(measurement_by_tag(200), -1);
}

/* Table bms_data of the customer's schema has these decimals or fewer. */
static void
keeps_decimals_of_schema(void **state)
{
	static const struct {
		const char *name;
		unsigned decimals;
	} want[] = { { "pack_voltage", 3 }, { "pack_current", 3 },
		{ "cell_voltage_min", 3 }, { "pack_power", 2 },
		{ "temp_max", 2 }, { "soc_percent", 2 },
		{ "remaining_capacity_ah", 2 }, { "total_charge_ah", 2 },
		{ "total_energy_charged_wh", 2 }, { "signal_strength", 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		int id = measurement_find(want[i].name, strlen(want[i].name));

		assert_true(id >= 0);
		assert_true(measurement_table[id].decimals >= want[i].decimals);
	}
}

static void
scales_ranges(void **state)
{
	(void)state;
	assert_int_equal(
	    measurement_table[MEASUREMENT_pack_voltage].high, 2000000);
	assert_int_equal(measurement_table[MEASUREMENT_temp_min].low, -6000);
	assert_int_equal(measurement_table[MEASUREMENT_balancing_cells].low, 1);
}

static void
knows_words(void **state)
{
	(void)state;
	assert_int_equal(
	    measurement_word(MEASUREMENT_operation_mode, "discharging", 11), 2);
	assert_int_equal(
	    measurement_word(MEASUREMENT_data_quality, "invalid", 7), 4);
	assert_int_equal(
	    measurement_word(MEASUREMENT_source_type, "grid_export", 11), 3);
	assert_int_equal(
	    measurement_word(MEASUREMENT_operation_mode, "charg", 5), -1);
	assert_int_equal(
	    measurement_word(MEASUREMENT_pack_voltage, "idle", 4), -1);
}

/* "-60 to 100", or the one number of both sides. */
static void
range(const struct measurement *row, char *text, size_t size)
{
	long long power = row->decimals == 3 ? 1000
	    : row->decimals == 2             ? 100
					     : 1;
	long long low = row->low / power, high = row->high / power;

	if (low == -high)
		snprintf(text, size, "\\(+-%lld", high);
	else
		snprintf(text, size, "%lld to %lld", low, high);
}

/* One row of the table in man/reading.5, as its source writes it. */
static void
page_line(const struct measurement *row, char *line, size_t size)
{
	static const char *const shapes[] = { "number", "flag", "word", "time",
		"list", "codes", "map", "text" };
	static const char *const kinds[] = { "", "battery", "energy", "both" };
	const char *unit = *row->unit == '\0' ? "-" : row->unit;
	char bounds[64];

	range(row, bounds, sizeof(bounds));
	if (row->shape == SHAPE_NUMBER || row->shape == SHAPE_LIST)
		snprintf(line, size, ".It %s Ta %s Ta %s Ta %u Ta %s Ta %s\n",
		    row->name, shapes[row->shape], unit, row->decimals,
		    kinds[row->kinds], bounds);
	else
		snprintf(line, size, ".It %s Ta %s Ta - Ta - Ta %s Ta -\n",
		    row->name, shapes[row->shape], kinds[row->kinds]);
}

static FILE *
page_open(void)
{
	const char *build = getenv("B");
	char path[4096];

	snprintf(path, sizeof(path), "%s/man/reading.5",
	    build != NULL ? build : "build");
	return fopen(path, "r");
}

static void
page_has_each_row(void **state)
{
	static char page[65536];
	FILE *file = page_open();
	int rows = 0;
	size_t size;

	(void)state;
	assert_non_null(file);
	size = fread(page, 1, sizeof(page) - 1, file);
	fclose(file);
	page[size] = '\0';
	for (int id = 0; id < MEASUREMENT_COUNT; id++) {
		char line[256];

		page_line(&measurement_table[id], line, sizeof(line));
		if (strstr(page, line) == NULL)
			fail_msg("man/reading.5 lacks: %s", line);
	}
	for (const char *at = page; (at = strstr(at, " Ta ")) != NULL; at++)
		rows++;
	/* five in each row and in the heading */
	assert_int_equal(rows, 5 * (MEASUREMENT_COUNT + 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_each_row),
		cmocka_unit_test(keeps_decimals_of_schema),
		cmocka_unit_test(scales_ranges),
		cmocka_unit_test(knows_words),
		cmocka_unit_test(page_has_each_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
