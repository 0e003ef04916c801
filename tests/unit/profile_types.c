/*
 * Types of registers: the vectors of the tables that were recomputed by
 * script from the Modbus and SunSpec specifications, and every type that
 * can be written back again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "profile/profile.h"

static char dir[64];
static struct arena arena;
static struct failure why;

struct type_case {
	const char *rule; /* of power_w, at register 0 */
	const char *data; /* from register 0 on */
	bool there;
	int64_t centi; /* W * 100 */
};

static struct profile *
open_rule(const char *rule)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/p.json", dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file,
	    "{\"protocol\":\"modbus\",\"kind\":\"energy\",\"measurements\":["
	    "{\"name\":\"power_w\",\"at\":0%s},"
	    "{\"name\":\"energy_wh_total\",\"at\":100}]}",
	    rule);
	assert_int_equal(fclose(file), 0);
	return profile_open(dir, "p", &why);
}

/* Registers from 0 on, and one at 100. */
static void
parse(const char *data, struct frame *frame)
{
	static char line[1024];
	int size = snprintf(line, sizeof(line),
	    "{\"kind\":\"frame\",\"time\":\"2026-01-02T03:04:05.000Z\","
	    "\"tenant\":\"t\",\"device\":\"d\",\"profile\":\"p\","
	    "\"protocol\":\"modbus\",\"complete\":true,\"blocks\":["
	    "{\"function\":3,\"address\":0,\"data\":\"%s\"},"
	    "{\"function\":3,\"address\":100,\"data\":\"0001\"}]}",
	    data);

	arena_reset(&arena);
	if (frame_parse(line, (size_t)size, &arena, frame, &why) != 0)
		fail_msg("%s", why.message);
}

/* What was decoded, made into registers again. */
static void
back(const struct profile *profile, const struct reading *reading,
    const struct frame *from)
{
	const struct frame_block *was = from->part.block, *is;
	struct frame frame;

	assert_int_equal(
	    profile_encode(profile, reading, &arena, &frame, &why), 0);
	is = frame.part.block;
	assert_int_equal(is->address, 0);
	assert_true(is->size <= was->size);
	assert_memory_equal(is->data, was->data, is->size);
}

static void
one(const struct type_case *one)
{
	struct profile *profile = open_rule(one->rule);
	struct reading reading;
	struct frame frame;
	bool there;

	if (profile == NULL)
		fail_msg("%s", why.message);
	parse(one->data, &frame);
	if (profile_decode(profile, &frame, &arena, &reading, &why) != 0)
		fail_msg("%s", why.message);
	there = reading_has(&reading, MEASUREMENT_power_w);
	if (there != one->there ||
	    (there && reading.value[MEASUREMENT_power_w].number != one->centi))
		fail_msg("%s %s: %lld", one->rule, one->data,
		    there ? (long long)reading.value[MEASUREMENT_power_w].number
			  : -1);
	/* a float that was rounded is another float */
	if (there && strstr(one->rule, "\"f") == NULL &&
	    strstr(one->rule, "bit") == NULL &&
	    strstr(one->rule, "exponent") == NULL)
		back(profile, &reading, &frame);
	profile_free(profile);
}

#define TYPE(name) ",\"type\":\"" name "\""
#define ORDER(name) ",\"order\":\"" name "\""
#define SCALE(by) ",\"scale\":" by

static void
test_orders(void **state)
{
	static const struct type_case cases[] = {
		{ TYPE("s16"), "fb2e", true, -123400 },
		{ TYPE("s16") ORDER("BADC"), "fb2e", true, 1202700 },
		{ TYPE("u32"), "0001e240", true, 12345600 },
		{ TYPE("u32") ORDER("CDAB") SCALE("0.1"), "0001e240", true,
		    37958451210 },
		{ TYPE("u32") ORDER("BADC"), "0001e240", true, 1679382600 },
		{ TYPE("u32") ORDER("DCBA") SCALE("0.1"), "0001e240", true,
		    10885532160 },
		{ TYPE("s32"), "fffe1dc0", true, -12345600 },
		{ TYPE("s32") ORDER("CDAB"), "fffe1dc0", true, 49918771000 },
		{ TYPE("s32") ORDER("BADC"), "fffe1dc0", true, -1679357100 },
		{ TYPE("f32"), "c2480000", true, -5000 },
		{ TYPE("f32") ORDER("CDAB"), "f5c34048", true, 314 },
		{ TYPE("f32") ORDER("BADC") SCALE("0.001"), "4048f5c3", true,
		    19739 },
		{ TYPE("f32") ORDER("DCBA"), "4048f5c3", true, -49056 },
		{ TYPE("u64") SCALE("0.01"), "00000001000186a0", true,
		    4295067296 },
		{ TYPE("u64") SCALE("0.01") ORDER("ABCDEFGH"),
		    "00000001000186a0", true, 4295067296 },
		{ TYPE("u64") SCALE("0.01") ORDER("GHEFCDAB"),
		    "86a0000100010000", true, 4295067296 },
		{ TYPE("u64") SCALE("0.01") ORDER("BADCFEHG"),
		    "000001000100a086", true, 4295067296 },
		{ TYPE("u64") SCALE("0.01") ORDER("HGFEDCBA"),
		    "a086010001000000", true, 4295067296 },
		{ TYPE("s64"), "ffffffffffff3cb0", true, -5000000 },
		{ TYPE("s64") ORDER("BADC"), "ffffffffffff3cb0", true,
		    -2042000 },
		{ TYPE("f64"), "40091eb851eb851f", true, 314 },
		{ TYPE("f64") ORDER("GHEFCDAB"), "851f51eb1eb84009", true,
		    314 },
		{ TYPE("u48") SCALE("0.01"), "0001000186a0", true, 4295067296 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		one(&cases[i]);
}

static void
test_decimal(void **state)
{
	static const struct type_case cases[] = {
		{ TYPE("bcd16"), "2026", true, 202600 },
		{ TYPE("bcd16"), "1a00", false, 0 },
		{ TYPE("bcd32"), "00123456", true, 12345600 },
		{ TYPE("bcd32") ORDER("CDAB"), "34560012", true, 12345600 },
		{ TYPE("bcd64") SCALE("0.01"), "0000000456789012", true,
		    456789012 },
		{ TYPE("m10k32"), "00121a85", true, 18678900 },
		{ TYPE("m10k32"), "00122710", false, 0 },
		{ TYPE("m10k64") ORDER("GHEFCDAB"), "1a85001200000000", true,
		    18678900 },
		{ TYPE("sm16"), "80d0", true, -20800 },
		{ TYPE("sm16"), "00d0", true, 20800 },
		{ TYPE("sm32"), "80000001", true, -100 },
		/* packed bytes: 90 and 100; a signed low byte */
		{ ",\"bit\":8,\"width\":8", "5a64", true, 9000 },
		{ ",\"bit\":0,\"width\":8", "5a64", true, 10000 },
		{ ",\"bit\":0,\"width\":8,\"signed\":true", "5af6", true,
		    -1000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		one(&cases[i]);
}

static void
test_sunspec(void **state)
{
	static const struct type_case cases[] = {
		{ TYPE("int16"), "8000", false, 0 },
		{ TYPE("int16"), "8001", true, -3276700 },
		{ TYPE("uint16"), "ffff", false, 0 },
		{ TYPE("uint16"), "8000", true, 3276800 },
		{ TYPE("int32"), "80000000", false, 0 },
		{ TYPE("uint32"), "ffffffff", false, 0 },
		{ TYPE("enum16"), "ffff", false, 0 },
		{ TYPE("enum32"), "ffffffff", false, 0 },
		{ TYPE("bitfield16"), "ffff", false, 0 },
		{ TYPE("bitfield32"), "ffffffff", false, 0 },
		{ TYPE("int64"), "8000000000000000", false, 0 },
		{ TYPE("uint64"), "ffffffffffffffff", false, 0 },
		{ TYPE("acc32"), "00000000", true, 0 },
		{ TYPE("acc32") SCALE("0.1"), "fffffffa", true, 42949672900 },
		{ TYPE("float32"), "7fc00000", false, 0 },
		{ TYPE("float32"), "ff7fffff", false, 0 },
		{ TYPE("float32") ORDER("CDAB"), "ffffff7f", false, 0 },
		{ TYPE("float64"), "7ff8000000000000", false, 0 },
		/* one bit of a field that is not there is not there */
		{ TYPE("bitfield32") ",\"bit\":3", "ffffffff", false, 0 },
		{ TYPE("bitfield32") ",\"bit\":3", "00000008", true, 100 },
		/* 2301 * 10^-1; a factor that is not there; no factor */
		{ TYPE("uint16") ",\"exponent\":{\"at\":1}", "08fdffff", true,
		    23010 },
		{ TYPE("uint16") ",\"exponent\":{\"at\":1,\"type\":\"sunssf\"}",
		    "08fdffff", true, 23010 },
		{ TYPE("uint16") ",\"exponent\":{\"at\":1,\"type\":\"sunssf\"}",
		    "03208000", true, 80000 },
		{ TYPE("uint16") ",\"exponent\":{\"at\":1,\"type\":\"sunssf\"}",
		    "0320000b", false, 0 },
		{ TYPE("uint16") ",\"exponent\":{\"at\":1,\"type\":\"sunssf\"}",
		    "0320", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		one(&cases[i]);
}

/* Device text: "ABCDE", and with the bytes of each register turned. */
static void
test_string(void **state)
{
	static const char *const rules[] = {
		"},{\"name\":\"status\",\"at\":0,\"type\":\"string\","
		"\"size\":6",
		"},{\"name\":\"status\",\"at\":0,\"type\":\"string\","
		"\"size\":6,\"order\":\"BADC\"",
	};
	static const char *const data[] = { "414243444500", "424144430045" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct profile *profile = open_rule(rules[i]);
		struct reading reading;
		struct frame frame;

		assert_non_null(profile);
		parse(data[i], &frame);
		assert_int_equal(
		    profile_decode(profile, &frame, &arena, &reading, &why), 0);
		assert_string_equal(
		    reading.value[MEASUREMENT_status].text.json, "\"ABCDE\"");
		profile_free(profile);
	}
}

static void
test_refused(void **state)
{
	static const char *const rules[] = { TYPE("bcd128"), ORDER("ABDC"),
		TYPE("string"), ",\"function\":1" TYPE("u16"), TYPE("coils"),
		",\"signed\":1" };

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		struct profile *profile = open_rule(rules[i]);

		if (profile != NULL)
			fail_msg("%s is taken", rules[i]);
		assert_int_equal(why.status, EXIT_WRONG);
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
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_decimal),
		cmocka_unit_test(test_sunspec),
		cmocka_unit_test(test_string),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
