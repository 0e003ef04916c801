/*
 * Polls of made-up devices: which requests are made, what refusals do to
 * them, and how a SunSpec map is found, against sequences that were worked
 * out by hand (the first is the vector of the notes on block splitting).
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

#include "wire/modbus_reader.h"

static char dir[64];
static struct failure why;

/* Registers that a device has, as runs of first and last address. */
struct device {
	uint32_t runs[8][2];
	unsigned limit; /* more at once is exception 3 */
	uint16_t words[65536];
};

static struct device device;

static struct profile *
open_profile(const char *modbus, const char *rules)
{
	char path[128];
	FILE *file;
	struct profile *profile;

	snprintf(path, sizeof(path), "%s/p.json", dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file,
	    "{\"protocol\":\"modbus\",\"modbus\":{%s},\"measurements\":[%s]}",
	    modbus, rules);
	assert_int_equal(fclose(file), 0);
	profile = profile_open(dir, "p", &why);
	if (profile == NULL)
		fail_msg("%s", why.message);
	return profile;
}

static bool
has(uint32_t address)
{
	for (size_t i = 0; device.runs[i][1] > 0; i++)
		if (address >= device.runs[i][0] &&
		    address <= device.runs[i][1])
			return true;
	return false;
}

static enum modbus_reader_result
answer(struct modbus_reader *reader, const struct profile_block *block)
{
	static uint8_t data[4000];
	size_t size = block->count * (size_t)2;

	if (block->count > device.limit)
		return modbus_reader_refuse(reader, 3);
	for (unsigned i = 0; i < block->count; i++) {
		if (!has(block->address + i))
			return modbus_reader_refuse(reader, 2);
		data[2 * i] = (uint8_t)(device.words[block->address + i] >> 8);
		data[2 * i + 1] = (uint8_t)device.words[block->address + i];
	}
	return modbus_reader_take(reader, data, size);
}

/* One poll: "0+29 0+9! ..." with ! behind what is for the frame. */
static void
assert_poll(struct modbus_reader *reader, int64_t now_ms, const char *wanted)
{
	static const char *const marks[] = { "!", "", "?" };
	struct profile_block block;
	char got[2000] = "";
	size_t size = 0;

	modbus_reader_begin(reader, now_ms);
	while (modbus_reader_next(reader, &block) && size < 1900) {
		enum modbus_reader_result result = answer(reader, &block);

		size += (size_t)snprintf(got + size, sizeof(got) - size,
		    "%u+%u%s ", block.address, block.count, marks[result]);
	}
	assert_string_equal(got, wanted);
}

#define AT(name, at) "{\"name\":\"" name "\",\"at\":" #at "}"
#define FIVE                                                                   \
	AT("pack_voltage", 0)                                                  \
	"," AT("pack_current", 2) "," AT("soc_percent", 8) "," AT(             \
	    "soh_percent", 20) "," AT("ambient_temp", 28)

static struct modbus_reader *
open_five(struct profile **profile, unsigned limit)
{
	*profile = open_profile("\"hole\":16", FIVE);
	return modbus_reader_open(*profile, limit);
}

static void
test_hole(void **state)
{
	struct profile *profile;
	struct modbus_reader *reader = open_five(&profile, 0);

	(void)state;
	device =
	    (struct device){ .runs = { { 0, 9 }, { 20, 29 } }, .limit = 125 };
	assert_poll(reader, 0, "0+29 0+9! 20+9! ");
	assert_true(modbus_reader_whole(reader));
	assert_string_equal(modbus_reader_error(reader), "");
	assert_poll(reader, 1000, "0+9! 20+9! ");
	modbus_reader_free(reader);
	profile_free(profile);
}

static void
test_missing(void **state)
{
	struct profile *profile;
	struct modbus_reader *reader = open_five(&profile, 0);

	(void)state;
	/* 8 is not there: told once, left alone for an hour */
	device =
	    (struct device){ .runs = { { 0, 5 }, { 20, 29 } }, .limit = 125 };
	assert_poll(reader, 0, "0+29 0+9 0+3! 8+1 20+9! ");
	assert_false(modbus_reader_whole(reader));
	assert_string_equal(modbus_reader_error(reader),
	    "illegal data address (exception 2) at 3:8+1");
	assert_poll(reader, 3599999, "0+3! 20+9! ");
	assert_string_equal(modbus_reader_error(reader), "");
	assert_false(modbus_reader_whole(reader));
	assert_poll(reader, 3600000, "0+3! 8+1 20+9! ");
	/* nothing is there: all is asked for again */
	device.runs[0][1] = 0;
	assert_poll(reader, 4000000, "0+3 0+1 2+1 20+9 20+1 28+1 ");
	device = (struct device){ .runs = { { 0, 29 } }, .limit = 125 };
	assert_poll(reader, 4001000, "0+1! 2+1! 8+1! 20+1! 28+1! ");
	assert_true(modbus_reader_whole(reader));
	modbus_reader_free(reader);
	profile_free(profile);
}

static void
test_optional(void **state)
{
	struct profile *profile = open_profile("",
	    AT("pack_voltage", 0) ",{\"name\":\"soc_percent\",\"at\":1,"
				  "\"optional\":true}");
	struct modbus_reader *reader = modbus_reader_open(profile, 0);

	(void)state;
	device =
	    (struct device){ .runs = { { 0, 0 }, { 0, 1 } }, .limit = 125 };
	device.runs[0][1] = 0;
	device.runs[0][0] = 0;
	device.runs[0][1] = 1;
	assert_poll(reader, 0, "0+2! ");
	modbus_reader_free(reader);
	reader = modbus_reader_open(profile, 0);
	device = (struct device){ .runs = { { 1, 1 } }, .limit = 125 };
	assert_poll(reader, 0, "0+2 0+1 1+1! ");
	assert_false(modbus_reader_whole(reader));
	modbus_reader_free(reader);
	profile_free(profile);
	profile = open_profile("",
	    AT("pack_voltage", 1) ",{\"name\":\"soc_percent\",\"at\":0,"
				  "\"optional\":true}");
	reader = modbus_reader_open(profile, 0);
	assert_poll(reader, 0, "0+2 0+1 1+1! ");
	assert_true(modbus_reader_whole(reader));
	assert_string_equal(modbus_reader_error(reader), "");
	assert_poll(reader, 1000, "1+1! ");
	modbus_reader_free(reader);
	profile_free(profile);
}

static void
test_limits(void **state)
{
	struct profile *profile = open_profile("",
	    "{\"name\":\"cell_voltages\",\"at\":0,\"type\":\"u32\","
	    "\"count\":16}");
	struct modbus_reader *reader = modbus_reader_open(profile, 11);

	(void)state;
	/* the device's own limit; a number of two registers stays whole */
	device = (struct device){ .runs = { { 0, 99 } }, .limit = 125 };
	assert_poll(reader, 0, "0+10! 10+10! 20+10! 30+2! ");
	modbus_reader_free(reader);
	/* one that has to be found out */
	reader = modbus_reader_open(profile, 0);
	device.limit = 10;
	assert_poll(reader, 0, "0+32 0+16 0+8! 8+8! 16+16 16+8! 24+8! ");
	assert_poll(reader, 1000, "0+8! 8+8! 16+8! 24+8! ");
	modbus_reader_free(reader);
	profile_free(profile);
}

/* "SunS", model 1 of two registers, `id` of four, the end. */
static void
set_map(uint32_t base, unsigned id)
{
	uint16_t map[] = { 0x5375, 0x6e53, 1, 2, 0, 0, (uint16_t)id, 4, 5230, 0,
		0, 55, 0xffff };

	memset(device.words, 0, sizeof(device.words));
	memcpy(device.words + base, map, sizeof(map));
	memset(device.runs, 0, sizeof(device.runs));
	device.runs[0][0] = base;
	device.runs[0][1] = base + 12;
	device.limit = 125;
}

#define IN(name, model, at)                                                    \
	"{\"name\":\"" name "\",\"model\":" model ",\"at\":" at "}"

static void
test_chain(void **state)
{
	struct profile *profile = open_profile("\"models\":[802]",
	    IN("pack_voltage", "[802,803]", "2") "," IN(
		"soc_percent", "802", "5"));
	struct modbus_reader *reader = modbus_reader_open(profile, 0);

	(void)state;
	set_map(50000, 802);
	/* bases in their order, the chain, then what is wanted of it */
	assert_poll(reader, 0,
	    "40000+2 50000+2 50002+2 50006+2 50012+2 50000+2! 50006+6! ");
	assert_true(modbus_reader_whole(reader));
	assert_poll(reader, 1000, "50000+2! 50006+6! ");
	/* the device was changed: its chain is looked up anew */
	set_map(50000, 803);
	assert_poll(reader, 2000,
	    "50000+2! 50006+6? 50000+2 50002+2 50006+2 50012+2 50000+2! "
	    "50006+3! ");
	/* another map, and at another base */
	set_map(0, 802);
	assert_poll(
	    reader, 3000, "50000+2? 50000+2 0+2 2+2 6+2 12+2 0+2! 6+6! ");
	assert_true(modbus_reader_whole(reader));
	/* no model of the profile's */
	set_map(0, 103);
	assert_poll(reader, 4000, "0+2! 6+6? 0+2 2+2 6+2 12+2 ");
	assert_false(modbus_reader_whole(reader));
	assert_string_equal(modbus_reader_error(reader),
	    "none of the profile's models among the 2 from 0 on");
	/* nothing at all */
	device.runs[0][1] = 0;
	assert_poll(reader, 5000, "0+2 40000+2 50000+2 ");
	assert_string_equal(modbus_reader_error(reader),
	    "no SunSpec marker at 40000, 50000 or 0");
	modbus_reader_free(reader);
	profile_free(profile);
}

static void
test_chain_limit(void **state)
{
	struct profile *profile = open_profile("\"models\":[802],\"limit\":4",
	    IN("pack_voltage", "802", "2") ",{\"name\":\"soc_percent\","
					   "\"model\":802,\"at\":4,\"type\":"
					   "\"u32\"}");
	struct modbus_reader *reader = modbus_reader_open(profile, 0);

	(void)state;
	set_map(40000, 802);
	assert_poll(reader, 0,
	    "40000+2 40002+2 40006+2 40012+2 40000+2! 40006+4! 40010+2! ");
	assert_poll(reader, 1000, "40000+2! 40006+4! 40010+2! ");
	/* the end of the model cannot be read: what is before it can */
	device.runs[0][1] = 40010;
	assert_poll(reader, 2000, "40000+2! 40006+4! 40010+2 ");
	assert_false(modbus_reader_whole(reader));
	modbus_reader_free(reader);
	profile_free(profile);
}

/* Polls that end early, as where no time is left or no answer comes. */
static void
begin_some(struct modbus_reader *reader, int64_t now_ms, unsigned requests)
{
	struct profile_block block;

	modbus_reader_begin(reader, now_ms);
	while (requests-- > 0 && modbus_reader_next(reader, &block))
		(void)answer(reader, &block);
}

static void
test_chain_cut(void **state)
{
	struct profile *profile =
	    open_profile("\"models\":[802]", IN("pack_voltage", "802", "2"));
	struct modbus_reader *reader = modbus_reader_open(profile, 0);

	(void)state;
	set_map(40000, 802);
	/* no time to see it all in one poll: the next ones go on */
	begin_some(reader, 0, 2);
	assert_poll(reader, 1000, "40006+2 40012+2 40000+2! 40006+3! ");
	assert_true(modbus_reader_whole(reader));
	modbus_reader_free(reader);
	/* nothing comes behind the last model: after a second time that is the
	 * end, and it is looked at again after an hour */
	reader = modbus_reader_open(profile, 0);
	begin_some(reader, 0, 3);
	begin_some(reader, 1000, 0);
	assert_poll(reader, 2000, "40000+2! 40006+3! ");
	assert_true(modbus_reader_whole(reader));
	assert_poll(reader, 3601999, "40000+2! 40006+3! ");
	assert_poll(reader, 3602000,
	    "40000+2 40002+2 40006+2 40012+2 40000+2! 40006+3! ");
	modbus_reader_free(reader);
	/* nothing comes at the first base */
	reader = modbus_reader_open(profile, 0);
	set_map(50000, 802);
	begin_some(reader, 0, 0);
	assert_poll(
	    reader, 1000, "50000+2 50002+2 50006+2 50012+2 50000+2! 50006+3! ");
	modbus_reader_free(reader);
	profile_free(profile);
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
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hole),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_optional),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_chain_limit),
		cmocka_unit_test(test_chain_cut),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
