/* Frames: both ways of parsing against each other, limits, candump's
 * notation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/frame.h"
#include "record/frame_parts.h"

#define MUTATIONS 40000
#define HEAD                                                                   \
	"{\"kind\":\"frame\",\"time\":\"2026-01-02T03:04:05.678Z\","           \
	"\"tenant\":\"acme\",\"device\":\"bms-1\",\"profile\":\"jk\","

static const char modbus[] =
    HEAD "\"boot\":\"b-1\",\"mono\":12345,"
	 "\"gen\":1,\"protocol\":\"modbus\",\"complete\":true,\"blocks\":["
	 "{\"function\":3,\"address\":4096,\"data\":\"0102a0ff\"},"
	 "{\"function\":1,\"address\":0,\"data\":\"07\"}]}";
static const char can[] =
    HEAD "\"protocol\":\"can\",\"complete\":false,"
	 "\"error\":\"0x35E is missing\",\"messages\":[\"351#00112233\","
	 "\"18FF50E5#0011223344556677\",\"7FF#\",\"123##0AABB\"]}";
static const char thingset[] =
    HEAD "\"protocol\":\"thingset\","
	 "\"complete\":true,\"answers\":[{\"path\":\"Bat\","
	 "\"values\":{\"rBat_V\":14.25,\"x\":[1,null]}},"
	 "{\"path\":\"\",\"values\":\"text\"}]}";
static const char serial[] =
    HEAD "\"protocol\":\"serial\","
	 "\"complete\":true,\"lines\":[\"BB1C0\",\"\"]}";
static const char failed[] =
    HEAD "\"protocol\":\"modbus\","
	 "\"complete\":false,\"error\":\"timeout after 1.0 s\"}";
static const char *const lines[] = { modbus, can, thingset, serial, failed };

static char *
copy_line(const char *text, size_t size)
{
	char *line = malloc(size + 1);

	assert_non_null(line);
	memcpy(line, text, size);
	line[size] = '\0';
	return line;
}

static void
takes_modbus(void **state)
{
	static const uint8_t data[] = { 1, 2, 0xa0, 0xff };
	struct arena arena = { 0 };
	struct frame frame;
	char *line = copy_line(modbus, strlen(modbus));

	(void)state;
	assert_true(frame_scan(line, strlen(modbus), &arena, &frame));
	assert_int_equal(frame.time_ms, INT64_C(1767323045678));
	assert_string_equal(frame.tenant, "acme");
	assert_string_equal(frame.device, "bms-1");
	assert_string_equal(frame.profile, "jk");
	assert_string_equal(frame.boot, "b-1");
	assert_string_equal(frame.error, "");
	assert_int_equal(frame.mono_ms, 12345);
	assert_int_equal(frame.gen, 1);
	assert_int_equal(frame.protocol, FRAME_MODBUS);
	assert_true(frame.complete);
	assert_int_equal(frame.count, 2);
	assert_int_equal(frame.part.block[0].function, 3);
	assert_int_equal(frame.part.block[0].address, 4096);
	assert_int_equal(frame.part.block[0].size, 4);
	assert_memory_equal(frame.part.block[0].data, data, 4);
	assert_int_equal(frame.part.block[1].size, 1);
	free(line);
	arena_free(&arena);
}

static void
takes_can(void **state)
{
	struct arena arena = { 0 };
	struct frame frame;
	char *line = copy_line(can, strlen(can));

	(void)state;
	assert_true(frame_scan(line, strlen(can), &arena, &frame));
	assert_false(frame.complete);
	assert_string_equal(frame.error, "0x35E is missing");
	assert_int_equal(frame.count, 4);
	assert_int_equal(frame.part.can[0].id, 0x351);
	assert_false(frame.part.can[0].extended);
	assert_int_equal(frame.part.can[0].size, 4);
	assert_int_equal(frame.part.can[0].data[3], 0x33);
	assert_int_equal(frame.part.can[1].id, 0x18ff50e5);
	assert_true(frame.part.can[1].extended);
	assert_int_equal(frame.part.can[1].data[7], 0x77);
	assert_int_equal(frame.part.can[2].size, 0);
	assert_true(frame.part.can[3].fd);
	assert_int_equal(frame.part.can[3].data[1], 0xbb);
	free(line);
	arena_free(&arena);
}

static void
takes_answers(void **state)
{
	struct arena arena = { 0 };
	struct frame frame;
	struct failure why;
	char *line = copy_line(thingset, strlen(thingset));

	(void)state;
	assert_int_equal(
	    frame_parse(line, strlen(thingset), &arena, &frame, &why), 0);
	assert_int_equal(frame.count, 2);
	assert_string_equal(frame.part.answer[0].path, "Bat");
	assert_string_equal(
	    frame.part.answer[0].text, "{\"rBat_V\":14.25,\"x\":[1,null]}");
	assert_int_equal(frame.part.answer[1].text_size, 6);
	free(line);
	line = copy_line(serial, strlen(serial));
	assert_true(frame_scan(line, strlen(serial), &arena, &frame));
	assert_string_equal(frame.part.answer[0].text, "BB1C0");
	assert_int_equal(frame.part.answer[0].text_size, 5);
	assert_string_equal(frame.part.answer[1].text, "");
	free(line);
	arena_free(&arena);
}

static void
prints_what_it_took(void **state)
{
	struct arena arena = { 0 };
	struct buf out = { 0 };
	struct frame frame;
	struct failure why;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		size_t size = strlen(lines[i]);
		char *line = copy_line(lines[i], size);

		assert_int_equal(
		    frame_parse(line, size, &arena, &frame, &why), 0);
		buf_clear(&out);
		frame_print(&frame, &out);
		assert_int_equal(out.size, size + 1);
		assert_memory_equal(out.data, lines[i], size);
		assert_int_equal(
		    frame_load(lines[i], size, &arena, &frame, &why), 0);
		buf_clear(&out);
		frame_print(&frame, &out);
		assert_int_equal(out.size, size + 1);
		assert_memory_equal(out.data, lines[i], size);
		free(line);
	}
	buf_free(&out);
	arena_free(&arena);
}

static void
refuses(void **state)
{
	static const struct {
		const char *line, *word;
	} cases[] = { { "{\"kind\":\"battery\"}", "kind" },
		{ HEAD "\"protocol\":\"modbus\",\"complete\":true}",
		    "neither" },
		{ HEAD "\"protocol\":\"modbus\",\"blocks\":[]}", "blocks" },
		{ HEAD "\"protocol\":\"modbus\",\"messages\":[\"1#\"]}",
		    "messages" },
		{ HEAD "\"protocol\":\"morse\",\"error\":\"x\"}", "protocol" },
		{ HEAD "\"protocol\":\"modbus\",\"blocks\":["
		       "{\"function\":5,\"address\":0,\"data\":\"0000\"}]}",
		    "function" },
		{ HEAD "\"protocol\":\"modbus\",\"blocks\":["
		       "{\"function\":3,\"address\":0,\"data\":\"000000\"}]}",
		    "register" },
		{ HEAD "\"protocol\":\"modbus\",\"blocks\":["
		       "{\"function\":3,\"address\":65535,\"data\":"
		       "\"00000000\"}]}",
		    "register" },
		{ HEAD "\"protocol\":\"modbus\",\"blocks\":["
		       "{\"function\":3,\"address\":0,\"data\":\"00g0\"}]}",
		    "hexadecimal" },
		{ HEAD "\"protocol\":\"can\",\"messages\":[\"351#001\"]}",
		    "CAN" },
		{ HEAD "\"protocol\":\"serial\",\"lines\":[1]}", "lines" },
		{ HEAD "\"protocol\":\"thingset\",\"answers\":[{}]}",
		    "path" } };
	struct arena arena = { 0 };
	struct frame frame;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t size = strlen(cases[i].line);
		char *line = copy_line(cases[i].line, size);
		struct failure why = { EXIT_OK, "" };

		if (frame_parse(line, size, &arena, &frame, &why) != -1)
			fail_msg("taken: %s", cases[i].line);
		assert_int_equal(why.status, EXIT_REFUSED);
		if (strstr(why.message, cases[i].word) == NULL)
			fail_msg("%s: %s", cases[i].line, why.message);
		free(line);
	}
	arena_free(&arena);
}

static void
keeps_limits(void **state)
{
	struct arena arena = { 0 };
	struct buf text = { 0 };
	struct frame frame;
	struct failure why;

	(void)state;
	for (int count = FRAME_PARTS_MAX; count <= FRAME_PARTS_MAX + 1;
	     count++) {
		buf_clear(&text);
		buf_text(&text,
		    HEAD "\"protocol\":\"can\",\"complete\":true,"
			 "\"messages\":[\"123#00\"");
		for (int i = 1; i < count; i++)
			buf_text(&text, ",\"123#0011223344556677\"");
		buf_text(&text, "]}");
		assert_int_equal(
		    frame_parse(text.data, text.size, &arena, &frame, &why),
		    count <= FRAME_PARTS_MAX ? 0 : -1);
	}
	for (int size = FRAME_BLOCK_MAX; size <= FRAME_BLOCK_MAX + 2;
	     size += 2) {
		buf_clear(&text);
		buf_text(&text,
		    HEAD "\"protocol\":\"modbus\",\"complete\":"
			 "true,\"blocks\":[{\"function\":3,\"address\":0,"
			 "\"data\":\"");
		for (int i = 0; i < size; i++)
			buf_text(&text, "a5");
		buf_text(&text, "\"}]}");
		assert_int_equal(
		    frame_parse(text.data, text.size, &arena, &frame, &why),
		    size <= FRAME_BLOCK_MAX ? 0 : -1);
	}
	buf_free(&text);
	arena_free(&arena);
}

/* The notation as can-utils documents and writes it. */
static void
knows_candump(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = { { "5A1#11.22", false }, { "5A1#1122", true },
		{ "123#DEADBEEF", true }, { "7ff#", true }, { "800#00", false },
		{ "1F334455#1122334455667788", true },
		{ "20000080#0000000000000000", false },
		{ "123#112233445566778899", false }, { "123#R", false },
		{ "123##1", true }, { "123##", false },
		{ "123##0112233445566778899AABBCC", true },
		{ "123##0112233445566778899", false }, { "12#00", false },
		{ "1234#00", false }, { "", false }, { "#", false },
		{ "123", false }, { "12g#00", false }, { "12345678", false } };
	struct frame_can message;
	uint8_t data[FRAME_CAN_MAX];
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t size = strlen(cases[i].text);
		char *text = copy_line(cases[i].text, size);

		if (frame_can_parse(text, size, &message, data) !=
		    cases[i].good)
			fail_msg("%s", text);
		free(text);
	}
	assert_true(frame_can_parse("00000351#0a", 11, &message, data));
	frame_can_print(&message, &out);
	assert_string_equal(out.data, "00000351#0A");
	buf_free(&out);
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

static void
mutate(char *line, size_t *size)
{
	static const char bytes[] = "\",:{}[]0123456789.-e#\\ \x80ntfa";
	size_t at = (size_t)chance(*size);

	switch (chance(4)) {
	case 0:
		line[at] = (char)(line[at] ^ (1 << chance(8)));
		break;
	case 1:
		line[at] = bytes[chance(sizeof(bytes) - 1)];
		break;
	case 2:
		*size = at;
		break;
	default:
		memmove(line + at, line + at + 1, *size - at - 1);
		--*size;
		break;
	}
}

static bool
same_both_ways(const char *text, size_t size)
{
	struct arena arena = { 0 };
	struct frame fast, slow;
	struct buf first = { 0 }, second = { 0 };
	struct failure why;
	char *line = copy_line(text, size);
	bool taken = frame_scan(line, size, &arena, &fast);

	if (taken) {
		if (frame_load(text, size, &arena, &slow, &why) != 0)
			fail_msg("only taken by one: %s: %.*s", why.message,
			    (int)size, text);
		frame_print(&fast, &first);
		frame_print(&slow, &second);
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
same_where_damaged(void **state)
{
	int taken = 0;

	(void)state;
	for (int i = 0; i < MUTATIONS; i++) {
		const char *text = lines[i % 5];
		size_t size = strlen(text);
		char *line = copy_line(text, size);

		mutate(line, &size);
		taken += same_both_ways(line, size);
		free(line);
	}
	assert_true(taken > MUTATIONS / 100);
	assert_true(taken < MUTATIONS / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_modbus),
		cmocka_unit_test(takes_can),
		cmocka_unit_test(takes_answers),
		cmocka_unit_test(prints_what_it_took),
		cmocka_unit_test(refuses),
		cmocka_unit_test(keeps_limits),
		cmocka_unit_test(knows_candump),
		cmocka_unit_test(same_where_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
