/*
 * Profiles: what is refused and where, the read plan, raw types against
 * numbers worked out by hand, and both ways of every profile that ships:
 * what a frame said must come back out of the frame made from it.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "json/json.h"
#include "profile/check.h"
#include "profile/profile.h"

static char dir[64];
static struct arena arena;
static struct failure why;

static void
write_file(const char *name, const char *text, size_t size)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static struct profile *
open_text(const char *text)
{
	write_file("p.json", text, strlen(text));
	return profile_open(dir, "p", &why);
}

/* A Modbus profile with these rules. */
static struct profile *
open_rules(const char *modbus, const char *rules)
{
	char text[4096];

	snprintf(text, sizeof(text),
	    "{\"protocol\":\"modbus\",\"modbus\":{%s},\"measurements\":[%s]}",
	    modbus, rules);
	return open_text(text);
}

static int
decode(
    const struct profile *profile, const char *parts, struct reading *reading)
{
	static char line[65536];
	struct frame frame;
	int size = snprintf(line, sizeof(line),
	    "{\"kind\":\"frame\",\"time\":\"2026-01-02T03:04:05.000Z\","
	    "\"tenant\":\"t\",\"device\":\"d\",\"profile\":\"p\","
	    "\"protocol\":\"%s\",\"complete\":true,%s}",
	    frame_protocol_names[profile_protocol(profile)], parts);

	arena_reset(&arena);
	if (frame_parse(line, (size_t)size, &arena, &frame, &why) != 0)
		fail_msg("%s", why.message);
	return profile_decode(profile, &frame, &arena, reading, &why);
}

struct wrong_case {
	const char *text, *said;
};

static void
test_refused(void **state)
{
	static const struct wrong_case cases[] = {
		{ "", "p.json" },
		{ "[]", "not an object" },
		{ "{\"measurements\":[]}", "protocol" },
		{ "{\"protocol\":\"rs232\"}", "rs232" },
		{ "{\"protocol\":\"modbus\"}", "measurements" },
		{ "{\"protocol\":\"can\"}", "can" },
		{ "{\"protocol\":\"can\",\"can\":{\"dbc\":\"../x\"}}",
		    "beside" },
		{ "{\"protocol\":\"can\",\"can\":{\"dbc\":\"no.dbc\"}}",
		    "no.dbc" },
		{ "{\"protocol\":\"serial\",\"serial\":{\"framing\":\"x\"}}",
		    "framing" },
		{ "{\"protocol\":\"modbus\",\"colour\":1}", "colour" },
		{ "{\"protocol\":\"modbus\",\"modbus\":{\"limit\":126}}",
		    "limit" },
		{ "{\"protocol\":\"modbus\",\"modbus\":{\"order\":\"AB\"}}",
		    "order" },
		{ "{\"protocol\":\"modbus\",\"interval\":\"often\"}",
		    "interval" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_null(open_text(cases[i].text));
		assert_int_equal(why.status, EXIT_WRONG);
		assert_non_null(strstr(why.message, "p.json"));
		if (strstr(why.message, cases[i].said) == NULL)
			fail_msg("%s", why.message);
	}
	assert_null(profile_open(dir, "../p", &why));
	assert_null(profile_open(dir, "", &why));
	assert_null(profile_open("/nowhere", "p", &why));
}

static void
test_refused_rules(void **state)
{
	static const struct wrong_case cases[] = {
		{ "1", "not an object" },
		{ "{\"at\":1}", "name" },
		{ "{\"name\":\"pack_volt\",\"at\":1}", "pack_volt" },
		{ "{\"name\":\"notes\",\"at\":1}", "notes" },
		{ "{\"name\":\"pack_voltage\"}", "where it is found" },
		{ "{\"name\":\"pack_voltage\",\"at\":65536}", "at" },
		{ "{\"name\":\"pack_voltage\",\"at\":\"0xG\"}", "at" },
		{ "{\"name\":\"pack_voltage\",\"at\":1,\"scale\":0}", "scale" },
		{ "{\"name\":\"pack_voltage\",\"at\":1,\"scale\":\"1,5\"}",
		    "scale" },
		{ "{\"name\":\"pack_voltage\",\"at\":1,\"type\":\"u12\"}",
		    "u12" },
		{ "{\"name\":\"pack_voltage\",\"at\":1,\"order\":\"ACBD\"}",
		    "order" },
		{ "{\"name\":\"pack_voltage\",\"signal\":\"X\"}",
		    "where it is found|at" },
		{ "{\"name\":\"pack_voltage\",\"at\":1,"
		  "\"absent\":[1,2,3,4,5,6,7,8,9]}",
		    "absent" },
		{ "{\"name\":\"pack_voltage\",\"at\":65535,\"type\":\"u32\"}",
		    "65535" },
		{ "{\"name\":\"cell_voltages\",\"at\":1,\"count\":1025}",
		    "count" },
		{ "{\"name\":\"operation_mode\",\"at\":1,"
		  "\"values\":{\"1\":\"flying\"}}",
		    "flying" },
		{ "{\"name\":\"operation_mode\",\"at\":1}", "values" },
		{ "{\"name\":\"fault_codes\",\"at\":1,"
		  "\"bits\":{\"64\":\"x\"}}",
		    "64" },
		{ "{\"name\":\"pack_voltage\",\"at\":1,"
		  "\"when\":{\"at\":2}}",
		    "when" },
		{ "{\"name\":\"pack_voltage\",\"at\":1,"
		  "\"when\":{\"at\":2,\"equals\":1,\"not\":2}}",
		    "when" },
		{ "{\"name\":\"pack_voltage\",\"at\":1,\"exponent\":3}",
		    "exponent" },
		{ "{\"name\":\"pack_voltage\",\"at\":1,\"index\":\"a\"}",
		    "index" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct profile *profile = open_rules("", cases[i].text);
		char *said = strdup(cases[i].said), * or = strchr(said, '|');

		if (or != NULL)
			* or = '\0';
		if (profile != NULL)
			fail_msg("taken: %s", cases[i].text);
		if (strstr(why.message, said) == NULL &&
		    (or == NULL || strstr(why.message, or +1) == NULL))
			fail_msg("%s: %s", cases[i].text, why.message);
		free(said);
	}
}

static void
assert_plan(const char *modbus, const char *rules, const char *wanted)
{
	struct profile *profile = open_rules(modbus, rules);
	const struct profile_block *blocks;
	char text[256] = "";
	size_t count;

	if (profile == NULL)
		fail_msg("%s", why.message);
	count = profile_blocks(profile, &blocks);
	for (size_t i = 0; i < count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%u:%u+%u ", (unsigned)blocks[i].function,
		    (unsigned)blocks[i].address, (unsigned)blocks[i].count);
	assert_string_equal(text, wanted);
	profile_free(profile);
}

#define RULE(name, at) "{\"name\":\"" name "\",\"at\":" #at "}"

static void
test_plan(void **state)
{
	const char *two = RULE("pack_voltage", 10) "," RULE("soc_percent", 20);

	(void)state;
	/* eight registers that nobody wants are read over, nine are not */
	assert_plan("\"hole\":9", two, "3:10+11 ");
	assert_plan("\"hole\":8", two, "3:10+1 3:20+1 ");
	assert_plan("\"hole\":9,\"no_join\":[[15,15]]", two, "3:10+1 3:20+1 ");
	assert_plan("\"hole\":9,\"limit\":10", two, "3:10+1 3:20+1 ");
	assert_plan("\"hole\":9,\"limit\":11", two, "3:10+11 ");
	/* 250 cells in requests of 100; a value of two registers is whole */
	assert_plan("", "{\"name\":\"cell_voltages\",\"at\":0,\"count\":250}",
	    "3:0+100 3:100+100 3:200+50 ");
	assert_plan("\"limit\":3",
	    "{\"name\":\"cell_voltages\",\"at\":0,"
	    "\"type\":\"u32\",\"count\":3}",
	    "3:0+2 3:2+2 3:4+2 ");
	assert_plan("\"function\":4",
	    RULE("pack_voltage",
		5) ",{\"name\":\"balancing_active\",\"at\":5,\"function\":1,"
		   "\"type\":\"coils\",\"size\":4}",
	    "1:5+4 4:5+1 ");
	/* SunSpec: base, models with their headers, end mark */
	assert_plan("\"base\":40000,\"models\":[[1,66],[802,62]]",
	    "{\"name\":\"pack_voltage\",\"model\":802,\"at\":34}",
	    "3:40000+100 3:40100+36 ");
}

struct type_case {
	const char *rule; /* of pack_voltage, at register 0 */
	const char *data; /* from register 0 on */
	bool there;
	int64_t milli;
};

static void
test_types(void **state)
{
	static const struct type_case cases[] = {
		{ "", "0005", true, 5000 },
		{ ",\"scale\":0.001", "ffff", true, 65535 },
		{ ",\"scale\":0.0001", "8005", true, 3277 },
		{ ",\"type\":\"s16\",\"scale\":-1", "ffff", true, 1000 },
		{ ",\"type\":\"u32\",\"scale\":0.001", "00010001", true,
		    65537 },
		{ ",\"type\":\"u32\",\"scale\":0.001,\"order\":\"CDAB\"",
		    "00010002", true, 131073 },
		{ ",\"type\":\"u32\",\"scale\":0.001,\"order\":\"DCBA\"",
		    "01020000", true, 513 },
		{ ",\"type\":\"u32\",\"scale\":0.001,\"order\":\"BADC\"",
		    "00000102", true, 513 },
		{ ",\"type\":\"s32\",\"scale\":-0.001", "ffffff85", true, 123 },
		{ ",\"type\":\"u64\",\"scale\":0.001", "00000000000186a0", true,
		    100000 },
		{ ",\"type\":\"s64\",\"scale\":-0.001", "ffffffffffffff85",
		    true, 123 },
		{ ",\"type\":\"f32\"", "41540000", true, 13250 },
		{ ",\"type\":\"f32\"", "7fc00000", false, 0 },
		{ ",\"type\":\"f64\"", "402a800000000000", true, 13250 },
		{ ",\"bit\":8,\"width\":8", "0d40", true, 13000 },
		{ ",\"absent\":\"0xFFFF\"", "ffff", false, 0 },
		{ ",\"absent\":[1,5]", "0005", false, 0 },
		{ ",\"absent\":-1,\"type\":\"s16\"", "ffff", false, 0 },
		{ ",\"offset\":-2.5,\"scale\":0.5", "0007", true, 1000 },
		{ ",\"exponent\":{\"at\":1}", "0005fffe", true, 50 },
		{ ",\"exponent\":{\"at\":1}", "00050002", true, 500000 },
		{ ",\"exponent\":{\"at\":1}", "00058000", false, 0 },
		{ ",\"exponent\":{\"at\":1}", "0005000b", false, 0 },
		{ ",\"when\":{\"at\":1,\"equals\":7}", "00050007", true, 5000 },
		{ ",\"when\":{\"at\":1,\"equals\":7}", "00050008", false, 0 },
		{ ",\"when\":{\"at\":1,\"above\":7}", "00050008", true, 5000 },
		{ ",\"when\":{\"at\":1,\"not\":8}", "00050008", false, 0 },
		{ ",\"when\":{\"at\":9,\"equals\":0}", "00050008", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct reading reading;
		struct profile *profile;
		char rule[256], parts[256];
		int status;

		snprintf(rule, sizeof(rule),
		    "{\"name\":\"pack_voltage\",\"at\":0%s},"
		    "{\"name\":\"charge_cycles\",\"at\":100}",
		    cases[i].rule);
		profile = open_rules("", rule);
		if (profile == NULL)
			fail_msg("%s", why.message);
		snprintf(parts, sizeof(parts),
		    "\"blocks\":["
		    "{\"function\":3,\"address\":0,\"data\":\"%s\"},"
		    "{\"function\":3,\"address\":100,\"data\":\"0001\"}]",
		    cases[i].data);
		status = decode(profile, parts, &reading);
		assert_int_equal(status, 0);
		if (reading_has(&reading, MEASUREMENT_pack_voltage) !=
		    cases[i].there)
			fail_msg("%s %s", cases[i].rule, cases[i].data);
		if (cases[i].there)
			assert_int_equal(
			    reading.value[MEASUREMENT_pack_voltage].number,
			    cases[i].milli);
		profile_free(profile);
	}
}

/* Counters too large for any measurement are refused, not wrapped. */
static void
test_too_large(void **state)
{
	struct profile *profile = open_rules(
	    "", "{\"name\":\"pack_voltage\",\"at\":0,\"type\":\"u64\"}");
	struct reading reading;

	(void)state;
	assert_int_equal(decode(profile,
			     "\"blocks\":[{\"function\":3,"
			     "\"address\":0,\"data\":\"ffffffffffffffff\"}]",
			     &reading),
	    0);
	assert_false(reading_has(&reading, MEASUREMENT_pack_voltage));
	assert_string_equal(reading.value[MEASUREMENT_notes].text.json,
	    "[\"pack_voltage too large\"]");
	assert_int_equal(
	    reading.value[MEASUREMENT_data_quality].number, QUALITY_POOR);
	profile_free(profile);
}

static void
test_counted_list(void **state)
{
	struct profile *profile = open_rules("",
	    "{\"name\":\"cell_voltages\",\"at\":10,\"scale\":0.001,"
	    "\"absent\":0,\"count\":{\"at\":0,\"max\":8}},"
	    "{\"name\":\"temperatures\",\"at\":30,\"type\":\"s16\","
	    "\"count\":{\"at\":1,\"mask\":true,\"max\":4},\"stride\":2}");
	struct reading reading;
	const union reading_value *cells;

	(void)state;
	assert_non_null(profile);
	assert_int_equal(
	    decode(profile,
		"\"blocks\":["
		"{\"function\":3,\"address\":0,\"data\":\"00030005\"},"
		"{\"function\":3,\"address\":10,\"data\":"
		"\"0ce400000ce60ce7\"},"
		"{\"function\":3,\"address\":30,\"data\":"
		"\"001977770014\"}]",
		&reading),
	    0);
	cells = &reading.value[MEASUREMENT_cell_voltages];
	assert_int_equal(cells->list.count, 3);
	assert_int_equal(cells->list.item[0], 3300);
	assert_int_equal(cells->list.item[1], READING_ITEM_UNKNOWN);
	assert_int_equal(cells->list.item[2], 3302);
	cells = &reading.value[MEASUREMENT_temperatures];
	assert_int_equal(cells->list.count, 2);
	assert_int_equal(cells->list.item[1], 2000);
	/* more than can be */
	assert_int_equal(
	    decode(profile,
		"\"blocks\":["
		"{\"function\":3,\"address\":0,\"data\":\"00090003\"},"
		"{\"function\":3,\"address\":30,\"data\":\"001900000014\"}]",
		&reading),
	    0);
	assert_false(reading_has(&reading, MEASUREMENT_cell_voltages));
	assert_string_equal(reading.value[MEASUREMENT_notes].text.json,
	    "[\"cell_voltages more than can be\"]");
	profile_free(profile);
}

/* What protects, as a map: each name once, with its state. */
static void
test_map(void **state)
{
	struct profile *profile = open_rules("",
	    "{\"name\":\"protection_status\",\"at\":0,"
	    "\"bits\":{\"0\":\"charge\",\"3\":\"heat\"}},"
	    "{\"name\":\"protection_status\",\"at\":1,"
	    "\"bits\":{\"15\":\"lock\"}}");
	struct reading reading;

	(void)state;
	assert_non_null(profile);
	assert_int_equal(decode(profile,
			     "\"blocks\":[{\"function\":3,"
			     "\"address\":0,\"data\":\"00088000\"}]",
			     &reading),
	    0);
	assert_string_equal(
	    reading.value[MEASUREMENT_protection_status].text.json,
	    "{\"charge\":false,\"heat\":true,\"lock\":true}");
	profile_free(profile);
	assert_null(open_rules("",
	    "{\"name\":\"protection_status\",\"at\":0,"
	    "\"bits\":{\"0\":\"a\",\"3\":\"b\"}},"
	    "{\"name\":\"protection_status\",\"at\":1,"
	    "\"bits\":{\"15\":\"b\"}}"));
	assert_non_null(strstr(why.message, "named twice"));
}

static const char *
shipped(void)
{
	static char path[512];
	const char *share = getenv("TBMS_SHARE");

	snprintf(
	    path, sizeof(path), "%s/profiles", share == NULL ? "share" : share);
	return path;
}

struct round {
	struct profile *profile;
	size_t vectors, wrong;
};

static void
count_vectors(void *context, size_t number, const char *wrong)
{
	struct round *round = context;

	round->vectors++;
	round->wrong += wrong != NULL;
	if (wrong != NULL)
		fprintf(stderr, "# %s %zu: %s\n", profile_name(round->profile),
		    number, wrong);
}

/* What the notes and derived values say is not what a device sends. */
static void
strip(struct reading *reading)
{
	for (int id = 0; id < MEASUREMENT_COUNT; id++)
		if (measurement_table[id].derived || id == MEASUREMENT_notes ||
		    id == MEASUREMENT_operation_mode ||
		    id == MEASUREMENT_data_quality)
			reading_unset(reading, id);
}

/* Frame, reading, frame, reading: both readings are the same. */
static void
there_and_back(const struct profile *profile, const json_t *vector)
{
	json_t *object = json_deep_copy(json_object_get(vector, "frame"));
	struct reading first, second;
	struct frame frame, made;
	struct buf one = { 0 }, two = { 0 }, line = { 0 };
	char *text;
	size_t size;

	json_object_set_new(object, "kind", json_string("frame"));
	json_object_set_new(
	    object, "time", json_string("2026-01-02T03:04:05.000Z"));
	json_object_set_new(object, "tenant", json_string("t"));
	json_object_set_new(object, "device", json_string("d"));
	json_object_set_new(
	    object, "profile", json_string(profile_name(profile)));
	json_object_set_new(object, "protocol",
	    json_string(frame_protocol_names[profile_protocol(profile)]));
	text = json_canonical(&arena, object, &size);
	json_decref(object);
	assert_int_equal(frame_parse(text, size, &arena, &frame, &why), 0);
	assert_int_equal(
	    profile_decode(profile, &frame, &arena, &first, &why), 0);
	strip(&first);
	if (first.present == 0) /* no data: nothing to send */
		return;
	if (profile_encode(profile, &first, &arena, &made, &why) != 0) {
		assert_non_null(strstr(why.message, "cannot be made"));
		return;
	}
	frame_print(&made, &line);
	assert_int_equal(
	    frame_parse(line.data, line.size - 1, &arena, &frame, &why), 0);
	if (profile_decode(profile, &frame, &arena, &second, &why) != 0)
		fail_msg("%s", why.message);
	/* what is missing comes as zeros, and a pack of zeros is no data */
	if (!reading_has(&first, MEASUREMENT_pack_voltage) &&
	    second.value[MEASUREMENT_data_quality].number == QUALITY_INVALID) {
		buf_free(&line);
		return;
	}
	strip(&second);
	/* what the first frame did not have may come as zeros */
	second.present &= first.present;
	reading_print(&first, &one);
	reading_print(&second, &two);
	assert_string_equal(two.data, one.data);
	buf_free(&one);
	buf_free(&two);
	buf_free(&line);
}

static void
one_shipped(const char *name)
{
	struct round round = { 0 };
	const json_t *vector;
	char path[1024];
	json_t *top;
	size_t i;

	round.profile = profile_open(shipped(), name, &why);
	if (round.profile == NULL)
		fail_msg("%s", why.message);
	assert_int_equal(profile_check(shipped(), round.profile, count_vectors,
			     &round, &why),
	    0);
	assert_true(round.vectors > 0);
	assert_int_equal(round.wrong, 0);
	snprintf(path, sizeof(path), "%s/%s.json", shipped(), name);
	top = json_file(path, &why);
	json_array_foreach(json_object_get(top, "vectors"), i, vector)
	{
		arena_reset(&arena);
		there_and_back(round.profile, vector);
	}
	json_decref(top);
	profile_free(round.profile);
}

static void
test_shipped(void **state)
{
	DIR *open = opendir(shipped());
	const struct dirent *entry;
	unsigned count = 0;

	(void)state;
	if (open == NULL) {
		fprintf(stderr, "# SKIP: no %s here\n", shipped());
		skip();
	}
	while ((entry = readdir(open)) != NULL) {
		const char *dot = strstr(entry->d_name, ".json");
		char name[256];

		if (dot == NULL)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(dot - entry->d_name),
		    entry->d_name);
		one_shipped(name);
		count++;
	}
	closedir(open);
	assert_true(count >= 6);
}

/* Bytes of a frame's parts cut and flipped: an answer every time. */
static void
damage(const struct profile *profile, const char *line)
{
	size_t size = strlen(line);
	char *copy = malloc(size + 1);

	for (size_t bit = 0; bit < size * 8; bit += 3) {
		struct reading reading;
		struct frame frame;

		memcpy(copy, line, size + 1);
		copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
		arena_reset(&arena);
		if (frame_parse(copy, size, &arena, &frame, &why) == 0)
			(void)profile_decode(
			    profile, &frame, &arena, &reading, &why);
	}
	for (size_t cut = 0; cut < size; cut++) {
		struct frame frame;
		char *part = malloc(cut + 1);

		memcpy(part, line, cut);
		part[cut] = '\0';
		arena_reset(&arena);
		assert_int_equal(
		    frame_parse(part, cut, &arena, &frame, &why), -1);
		free(part);
	}
	free(copy);
}

static void
test_damaged(void **state)
{
	static const char *const names[] = { "foxbms2", "seplos-v3",
		"libresolar-bms", "green-bms", "jk-4e57", "sunspec-battery" };
	struct buf line = { 0 };

	(void)state;
	if (access(shipped(), R_OK) != 0)
		skip();
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct profile *profile =
		    profile_open(shipped(), names[i], &why);
		struct reading reading;
		struct frame frame;
		const int32_t cells[] = { 3300, 3301, 3302, 3303 };

		assert_non_null(profile);
		arena_reset(&arena);
		reading_clear(&reading);
		reading.tenant = reading.device = "t";
		reading_set(&reading, MEASUREMENT_pack_voltage, 13200);
		reading_set(&reading, MEASUREMENT_soc_percent, 5000);
		reading_set_list(&reading, MEASUREMENT_cell_voltages, cells, 4);
		buf_clear(&line);
		if (profile_encode(profile, &reading, &arena, &frame, &why) ==
		    0) {
			frame_print(&frame, &line);
			line.data[line.size - 1] = '\0';
			damage(profile, line.data);
		}
		profile_free(profile);
	}
	buf_free(&line);
}

/* The same for the profile's own text. */
static void
test_damaged_profile(void **state)
{
	static const char text[] =
	    "{\"protocol\":\"modbus\",\"modbus\":{\"limit\":50,"
	    "\"no_join\":[[5,6]]},\"measurements\":[{\"name\":"
	    "\"cell_voltages\",\"at\":\"0x10\",\"count\":{\"at\":1,\"max\":9},"
	    "\"scale\":0.001,\"absent\":[0,1]},{\"name\":\"fault_codes\","
	    "\"at\":2,\"bits\":{\"1\":\"a\"},\"when\":{\"at\":3,"
	    "\"equals\":1}},{\"name\":\"operation_mode\",\"at\":4,"
	    "\"values\":{\"1\":\"idle\",\"2\":null}}]}";
	char copy[sizeof(text)];

	(void)state;
	for (size_t bit = 0; bit < (sizeof(text) - 1) * 8; bit += 2) {
		memcpy(copy, text, sizeof(text));
		copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
		write_file("p.json", copy, sizeof(text) - 1);
		profile_free(profile_open(dir, "p", &why));
	}
	for (size_t cut = 0; cut < sizeof(text) - 1; cut++) {
		write_file("p.json", text, cut);
		assert_null(profile_open(dir, "p", &why));
	}
}

static int
make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/tbms.XXXXXX");
	return mkdtemp(dir) == NULL;
}

static int
remove_dir(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/p.json", dir);
	unlink(path);
	arena_free(&arena);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_rules),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_counted_list),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_damaged_profile),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
