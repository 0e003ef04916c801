/* Readings: both ways of parsing against each other and against values
 * worked out by hand; deriving; printing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/reading.h"
#include "record/reading_parts.h"

#define MUTATIONS 40000

static const char full[] =
    "{\"kind\":\"battery\",\"time\":\"2026-01-02T03:04:05.678Z\","
    "\"tenant\":\"acme\",\"device\":\"bms-1\",\"profile\":\"jk.v2\","
    "\"battery\":\"B_1\",\"gen\":2,"
    "\"pack_voltage\":52.656,\"pack_current\":-12.500,"
    "\"cell_voltages\":[3.291,null,3.290,3.295],"
    "\"temperatures\":[21.50,-3.25],\"soc_percent\":87.60,"
    "\"charge_cycles\":112,\"operation_mode\":\"discharging\","
    "\"balancing_active\":false,\"balancing_cells\":[],"
    "\"fault_codes\":[\"OV\",\"a b\"],"
    "\"protection_status\":{\"ov\":true,\"n\":3,\"w\":\"x\"},"
    "\"bms_timestamp\":\"2026-01-02T03:04:00.000Z\","
    "\"data_quality\":\"good\"}";

static const char energy[] =
    "{\"kind\":\"energy\",\"time\":\"2026-06-30T23:59:59.999Z\","
    "\"tenant\":\"eds\",\"device\":\"inv\",\"source_type\":\"production\","
    "\"power_w\":-0.05,\"energy_wh_total\":1999999999.99,"
    "\"status\":\"MPPT\",\"notes\":[\"x\"]}";

static const char status[] =
    "{\"kind\":\"status\",\"time\":\"1970-01-01T00:00:00.000Z\","
    "\"tenant\":\"eds\",\"device\":\"inv\",\"profile\":\"p\","
    "\"error\":\"timeout after 1.0 s\"}";

/* A copy with its NUL, exactly as large, so that a sanitizer sees a step
 * too far. */
static char *
copy_line(const char *text, size_t size)
{
	char *line = malloc(size + 1);

	assert_non_null(line);
	memcpy(line, text, size);
	line[size] = '\0';
	return line;
}

static int
parse(const char *text, struct arena *arena, struct reading *reading,
    struct failure *why)
{
	static char *line;

	free(line);
	line = copy_line(text, strlen(text));
	arena_reset(arena);
	return reading_parse(line, strlen(text), arena, reading, why);
}

static int64_t
number(const struct reading *reading, int id)
{
	assert_true(reading_has(reading, id));
	return reading->value[id].number;
}

static void
takes_canonical(void **state)
{
	struct arena arena = { 0 };
	struct reading reading;
	char *line = copy_line(full, strlen(full));
	const union reading_value *value;

	(void)state;
	assert_true(reading_scan(line, strlen(full), &arena, &reading));
	assert_int_equal(reading.kind, READING_BATTERY);
	/* date -u -d 2026-01-02T03:04:05Z +%s */
	assert_int_equal(reading.time_ms, INT64_C(1767323045678));
	assert_string_equal(reading.tenant, "acme");
	assert_string_equal(reading.device, "bms-1");
	assert_string_equal(reading.profile, "jk.v2");
	assert_string_equal(reading.battery, "B_1");
	assert_string_equal(reading.error, "");
	assert_int_equal(reading.gen, 2);
	assert_int_equal(number(&reading, MEASUREMENT_pack_voltage), 52656);
	assert_int_equal(number(&reading, MEASUREMENT_pack_current), -12500);
	assert_int_equal(number(&reading, MEASUREMENT_soc_percent), 8760);
	assert_int_equal(number(&reading, MEASUREMENT_operation_mode), 2);
	assert_int_equal(number(&reading, MEASUREMENT_data_quality), 1);
	assert_int_equal(number(&reading, MEASUREMENT_balancing_active), 0);
	assert_int_equal(number(&reading, MEASUREMENT_bms_timestamp),
	    INT64_C(1767323040000));
	value = &reading.value[MEASUREMENT_cell_voltages];
	assert_int_equal(value->list.count, 4);
	assert_int_equal(value->list.item[0], 3291);
	assert_int_equal(value->list.item[1], READING_ITEM_UNKNOWN);
	assert_int_equal(value->list.item[3], 3295);
	value = &reading.value[MEASUREMENT_temperatures];
	assert_int_equal(value->list.item[1], -325);
	assert_int_equal(
	    reading.value[MEASUREMENT_balancing_cells].list.count, 0);
	assert_string_equal(reading.value[MEASUREMENT_fault_codes].text.json,
	    "[\"OV\",\"a b\"]");
	assert_string_equal(
	    reading.value[MEASUREMENT_protection_status].text.json,
	    "{\"ov\":true,\"n\":3,\"w\":\"x\"}");
	assert_false(reading_has(&reading, MEASUREMENT_pack_power));
	free(line);
	arena_free(&arena);
}

static void
prints_what_it_took(void **state)
{
	const char *lines[] = { full, energy, status };
	struct arena arena = { 0 };
	struct buf out = { 0 };
	struct reading reading;
	struct failure why;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char *line = copy_line(lines[i], strlen(lines[i]));

		assert_true(
		    reading_scan(line, strlen(lines[i]), &arena, &reading));
		buf_clear(&out);
		reading_print(&reading, &out);
		assert_int_equal(out.size, strlen(lines[i]) + 1);
		assert_memory_equal(out.data, lines[i], strlen(lines[i]));
		assert_int_equal(reading_load(lines[i], strlen(lines[i]),
				     &arena, &reading, &why),
		    0);
		buf_clear(&out);
		reading_print(&reading, &out);
		assert_int_equal(out.size, strlen(lines[i]) + 1);
		assert_memory_equal(out.data, lines[i], strlen(lines[i]));
		free(line);
	}
	buf_free(&out);
	arena_free(&arena);
}

#define HEAD                                                                   \
	"{\"kind\":\"battery\",\"time\":\"2026-01-02T03:04:05Z\","             \
	"\"tenant\":\"a\",\"battery\":\"b\""

static void
takes_other_forms(void **state)
{
	struct arena arena = { 0 };
	struct reading reading;
	struct failure why;

	(void)state;
	assert_int_equal(
	    parse(" { \"soc_percent\" : 5e1 , \"battery\":\"b\","
		  "\"tenant\":\"a\",\"time\":\"2026-01-02T04:04:05.5+01:00\","
		  "\"kind\":\"batter\\u0079\",\"pack_voltage\":52,"
		  "\"cell_voltages\":[3.2915,3]}",
		&arena, &reading, &why),
	    0);
	assert_int_equal(reading.time_ms, INT64_C(1767323045500));
	assert_int_equal(number(&reading, MEASUREMENT_soc_percent), 5000);
	assert_int_equal(number(&reading, MEASUREMENT_pack_voltage), 52000);
	assert_int_equal(
	    reading.value[MEASUREMENT_cell_voltages].list.item[0], 3292);
	assert_int_equal(
	    reading.value[MEASUREMENT_cell_voltages].list.item[1], 3000);
	assert_int_equal(parse(HEAD ",\"fault_codes\":[\"caf\\u00e9\", "
				    "\"\\\"\"]}",
			     &arena, &reading, &why),
	    0);
	assert_string_equal(reading.value[MEASUREMENT_fault_codes].text.json,
	    "[\"caf\xc3\xa9\",\"\\\"\"]");
	assert_int_equal(reading.value[MEASUREMENT_fault_codes].text.size, 14);
	arena_free(&arena);
}

static void
refuses(void **state)
{
	static const struct {
		const char *line, *word;
	} cases[] = { { "", "JSON" }, { "[]", "object" }, { "{", "JSON" },
		{ "{\"kind\":\"frame\"}", "kind" },
		{ HEAD ",\"pack_voltge\":1}", "pack_voltge" },
		{ HEAD ",\"pack_voltage\":2000.001}", "pack_voltage" },
		{ HEAD ",\"pack_voltage\":-0.001}", "pack_voltage" },
		{ HEAD ",\"pack_voltage\":\"1\"}", "pack_voltage" },
		{ HEAD ",\"pack_voltage\":01.000}", "JSON" },
		{ HEAD ",\"pack_voltage\":1,\"pack_voltage\":1}", "duplicate" },
		{ HEAD ",\"pack_voltage\":99999999999999999999}", "JSON" },
		{ HEAD ",\"cell_voltages\":[3.2,7]}", "item 1" },
		{ HEAD ",\"cell_voltages\":3.2}", "array" },
		{ HEAD ",\"operation_mode\":\"off\"}", "operation_mode" },
		{ HEAD ",\"balancing_active\":1}", "true" },
		{ HEAD ",\"fault_codes\":[1]}", "fault_codes" },
		{ HEAD ",\"protection_status\":{\"a\":[]}}", "protection" },
		{ HEAD ",\"bms_timestamp\":\"yesterday\"}", "bms_timestamp" },
		{ HEAD ",\"power_w\":1}", "power_w" },
		{ HEAD ",\"gen\":-1}", "gen" },
		{ HEAD ",\"device\":\"a/b\"}", "device" },
		{ HEAD ",\"device\":\".a\"}", "device" },
		{ HEAD ",\"notes\":[\"\xff\"]}", "JSON" },
		{ HEAD "} {}", "JSON" },
		{ "{\"kind\":\"battery\",\"time\":\"2026-01-02T03:04:05Z\","
		  "\"tenant\":\"A\",\"battery\":\"b\"}",
		    "tenant" },
		{ "{\"kind\":\"battery\",\"time\":\"2026-02-30T03:04:05Z\","
		  "\"tenant\":\"a\",\"battery\":\"b\"}",
		    "time" },
		{ "{\"kind\":\"battery\",\"time\":\"2026-01-02T03:04:05Z\","
		  "\"tenant\":\"a\"}",
		    "device" },
		{ "{\"kind\":\"status\",\"time\":\"2026-01-02T03:04:05Z\","
		  "\"tenant\":\"a\",\"device\":\"d\",\"soc_percent\":1}",
		    "soc_percent" } };
	struct arena arena = { 0 };
	struct reading reading;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct failure why = { EXIT_OK, "" };

		if (parse(cases[i].line, &arena, &reading, &why) != -1)
			fail_msg("taken: %s", cases[i].line);
		assert_int_equal(why.status, EXIT_REFUSED);
		if (strstr(why.message, cases[i].word) == NULL)
			fail_msg("%s: %s", cases[i].line, why.message);
	}
	arena_free(&arena);
}

static void
keeps_limits(void **state)
{
	struct arena arena = { 0 };
	struct buf line = { 0 };
	struct reading reading;
	struct failure why;

	(void)state;
	for (int count = 1023; count <= 1025; count++) {
		buf_clear(&line);
		buf_text(&line, HEAD ",\"cell_voltages\":[3.000");
		for (int i = 1; i < count; i++)
			buf_text(&line, ",3.000");
		buf_text(&line, "]}");
		assert_int_equal(parse(line.data, &arena, &reading, &why),
		    count <= READING_LIST_MAX ? 0 : -1);
	}
	for (int size = 8188; size <= 8189; size++) {
		buf_clear(&line);
		buf_text(&line, HEAD ",\"fault_codes\":[\"");
		for (int i = 0; i < size; i++)
			buf_char(&line, 'x');
		buf_text(&line, "\"]}");
		/* with ["" and ] the text is four longer */
		assert_int_equal(parse(line.data, &arena, &reading, &why),
		    size + 4 <= READING_TEXT_MAX ? 0 : -1);
	}
	buf_free(&line);
	arena_free(&arena);
}

static uint64_t seed = 88172645463325252;

static uint64_t
chance(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

/* What one way takes the other takes as well, and prints the same. */
static bool
same_both_ways(const char *text, size_t size)
{
	struct arena arena = { 0 };
	struct reading fast, slow;
	struct buf first = { 0 }, second = { 0 };
	struct failure why;
	char *line = copy_line(text, size);
	bool taken = reading_scan(line, size, &arena, &fast);

	if (taken) {
		if (reading_load(text, size, &arena, &slow, &why) != 0)
			fail_msg("only taken by one: %s: %.*s", why.message,
			    (int)size, text);
		assert_int_equal(fast.present, slow.present);
		reading_print(&fast, &first);
		reading_print(&slow, &second);
		assert_string_equal(first.data, second.data);
	} else {
		assert_memory_equal(line, text, size);
	}
	free(line);
	buf_free(&first);
	buf_free(&second);
	arena_free(&arena);
	return taken;
}

static void
mutate(char *line, size_t *size)
{
	static const char bytes[] = "\",:{}[]0123456789.-eE\\ \x80ntfa";
	size_t at = (size_t)chance(*size);

	switch (chance(5)) {
	case 0:
		line[at] = (char)(line[at] ^ (1 << chance(8)));
		break;
	case 1:
		line[at] = bytes[chance(sizeof(bytes) - 1)];
		break;
	case 2:
		*size = at;
		break;
	case 3:
		memmove(line + at, line + at + 1, *size - at - 1);
		--*size;
		break;
	default:
		memmove(line + at + 1, line + at, *size - at - 1);
		line[at] = bytes[chance(sizeof(bytes) - 1)];
		break;
	}
}

static void
same_where_damaged(void **state)
{
	const char *lines[] = { full, energy, status };
	int taken = 0;

	(void)state;
	for (int i = 0; i < MUTATIONS; i++) {
		const char *text = lines[i % 3];
		size_t size = strlen(text);
		char *line = copy_line(text, size);

		mutate(line, &size);
		if (size > 0 && chance(3) == 0)
			mutate(line, &size);
		taken += same_both_ways(line, size);
		free(line);
	}
	/* the mutations are not all beyond recognition */
	assert_true(taken > MUTATIONS / 100);
	assert_true(taken < MUTATIONS / 2);
}

/* Any value within the range of each number is taken and kept. */
static void
same_where_generated(void **state)
{
	struct buf line = { 0 };

	(void)state;
	for (int i = 0; i < 3000; i++) {
		buf_clear(&line);
		buf_text(&line, HEAD);
		line.data[line.size] = '\0';
		/* HEAD's time is short: make it canonical */
		char *zone = strstr(line.data, "05Z");
		size_t at = (size_t)(zone - line.data) + 2;
		char rest[64];

		snprintf(rest, sizeof(rest), ".000%s", line.data + at);
		line.size = at;
		buf_text(&line, rest);
		for (int id = 0; id < MEASUREMENT_COUNT; id++) {
			const struct measurement *row = &measurement_table[id];

			if (row->shape != SHAPE_NUMBER || chance(2) == 0 ||
			    (row->kinds & FOR_BATTERY) == 0)
				continue;
			buf_print(&line, ",\"%s\":", row->name);
			buf_scaled(&line,
			    row->low +
				(int64_t)chance(
				    (uint64_t)(row->high - row->low) + 1),
			    row->decimals);
		}
		buf_char(&line, '}');
		assert_true(same_both_ways(line.data, line.size));
	}
	buf_free(&line);
}

static void
derives(void **state)
{
	static const int32_t cells[] = { 3291, READING_ITEM_UNKNOWN, 3290,
		3295 };
	static const int32_t cold[] = { -325, -326 };
	struct reading reading;

	(void)state;
	reading_clear(&reading);
	reading_set(&reading, MEASUREMENT_pack_voltage, 52656);
	reading_set(&reading, MEASUREMENT_pack_current, -12500);
	reading_set_list(&reading, MEASUREMENT_cell_voltages, cells, 4);
	reading_set_list(&reading, MEASUREMENT_temperatures, cold, 2);
	reading_set_list(&reading, MEASUREMENT_balancing_cells, cells, 1);
	/* a derived value that came with it gives way */
	reading_set(&reading, MEASUREMENT_cell_voltage_min, 1);
	reading_derive(&reading);
	assert_int_equal(number(&reading, MEASUREMENT_cell_voltage_min), 3290);
	assert_int_equal(number(&reading, MEASUREMENT_cell_voltage_max), 3295);
	/* 9876 / 3 = 3292 */
	assert_int_equal(number(&reading, MEASUREMENT_cell_voltage_avg), 3292);
	assert_int_equal(number(&reading, MEASUREMENT_cell_voltage_diff), 5);
	assert_int_equal(number(&reading, MEASUREMENT_temp_min), -326);
	assert_int_equal(number(&reading, MEASUREMENT_temp_max), -325);
	/* -325.5 away from zero */
	assert_int_equal(number(&reading, MEASUREMENT_temp_avg), -326);
	assert_int_equal(number(&reading, MEASUREMENT_charge_current), 0);
	assert_int_equal(
	    number(&reading, MEASUREMENT_discharge_current), 12500);
	/* 52.656 V * -12.5 A = -658.2 W */
	assert_int_equal(number(&reading, MEASUREMENT_pack_power), -65820);
	assert_int_equal(number(&reading, MEASUREMENT_charge_power), 0);
	assert_int_equal(number(&reading, MEASUREMENT_discharge_power), 65820);
	assert_int_equal(
	    number(&reading, MEASUREMENT_operation_mode), MODE_DISCHARGING);
	assert_int_equal(number(&reading, MEASUREMENT_balancing_active), 1);
}

static void
derives_nothing_from_nothing(void **state)
{
	static const int32_t unknown[] = { READING_ITEM_UNKNOWN };
	struct reading reading;

	(void)state;
	reading_clear(&reading);
	reading_set(&reading, MEASUREMENT_pack_voltage, 50000);
	reading_set(&reading, MEASUREMENT_cell_voltage_max, 3400);
	reading_set_list(&reading, MEASUREMENT_cell_voltages, unknown, 1);
	reading_derive(&reading);
	assert_int_equal(number(&reading, MEASUREMENT_cell_voltage_max), 3400);
	assert_false(reading_has(&reading, MEASUREMENT_cell_voltage_min));
	assert_false(reading_has(&reading, MEASUREMENT_pack_power));
	assert_false(reading_has(&reading, MEASUREMENT_operation_mode));
	assert_false(reading_has(&reading, MEASUREMENT_balancing_active));
}

static void
derives_mode(void **state)
{
	static const struct {
		int64_t current;
		int mode;
	} cases[] = { { 100, MODE_IDLE }, { 101, MODE_CHARGING },
		{ -100, MODE_IDLE }, { -101, MODE_DISCHARGING } };
	struct reading reading;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		reading_clear(&reading);
		reading_set(
		    &reading, MEASUREMENT_pack_current, cases[i].current);
		reading_set_text(&reading, MEASUREMENT_fault_codes, "[]", 2);
		reading_derive(&reading);
		assert_int_equal(number(&reading, MEASUREMENT_operation_mode),
		    cases[i].mode);
	}
	reading_clear(&reading);
	reading_set_text(&reading, MEASUREMENT_fault_codes, "[\"OV\"]", 6);
	reading_derive(&reading);
	assert_int_equal(
	    number(&reading, MEASUREMENT_operation_mode), MODE_FAULT);
	reading_set(&reading, MEASUREMENT_operation_mode, MODE_BALANCING);
	reading_derive(&reading);
	assert_int_equal(
	    number(&reading, MEASUREMENT_operation_mode), MODE_BALANCING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_canonical),
		cmocka_unit_test(prints_what_it_took),
		cmocka_unit_test(takes_other_forms),
		cmocka_unit_test(refuses),
		cmocka_unit_test(keeps_limits),
		cmocka_unit_test(same_where_damaged),
		cmocka_unit_test(same_where_generated),
		cmocka_unit_test(derives),
		cmocka_unit_test(derives_nothing_from_nothing),
		cmocka_unit_test(derives_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
