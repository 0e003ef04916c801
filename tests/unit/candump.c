/* Lines of CAN logs; what is valid is the word of can-utils. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "wire/candump.h"

/* A token of a log line, and what it carries. */
static const struct {
	const char *token;
	enum candump_result result;
	uint32_t id;
	bool extended, fd;
	const char *data;
} tokens[] = { { "123#", CANDUMP_DATA, 0x123, false, false, "" },
	{ "123#R", CANDUMP_OTHER, 0, false, false, "" },
	{ "123#R8", CANDUMP_OTHER, 0, false, false, "" },
	{ "123#R8_9", CANDUMP_OTHER, 0, false, false, "" },
	{ "7A1#r", CANDUMP_OTHER, 0, false, false, "" },
	{ "123#1122334455667788", CANDUMP_DATA, 0x123, false, false,
	    "1122334455667788" },
	{ "123#1122334455667788_E", CANDUMP_DATA, 0x123, false, false,
	    "1122334455667788" },
	{ "123#11.22.33", CANDUMP_DATA, 0x123, false, false, "112233" },
	{ "12345678#1122", CANDUMP_DATA, 0x12345678, true, false, "1122" },
	{ "00000123#AA", CANDUMP_DATA, 0x123, true, false, "AA" },
	{ "1FFFFFFF#", CANDUMP_DATA, 0x1FFFFFFF, true, false, "" },
	{ "7FF#00", CANDUMP_DATA, 0x7FF, false, false, "00" },
	{ "123##0112233", CANDUMP_DATA, 0x123, false, true, "112233" },
	{ "123##1112233", CANDUMP_DATA, 0x123, false, true, "112233" },
	{ "123##5112233", CANDUMP_DATA, 0x123, false, true, "112233" },
	{ "123##311", CANDUMP_DATA, 0x123, false, true, "11" },
	{ "123##10102030405060708090A0B0C", CANDUMP_DATA, 0x123, false, true,
	    "0102030405060708090A0B0C" },
	{ "20000004#000C000000006060", CANDUMP_ERROR, 4, true, false,
	    "000C000000006060" },
	{ "20000088#00000219000000A0", CANDUMP_ERROR, 0x88, true, false,
	    "00000219000000A0" },
	{ "00123#81:00:12345678#1122", CANDUMP_OTHER, 0, false, false, "" },
	{ "123#1", CANDUMP_BAD, 0, false, false, "" },
	{ "123#112", CANDUMP_BAD, 0, false, false, "" },
	{ "12#00", CANDUMP_BAD, 0, false, false, "" },
	{ "1234#00", CANDUMP_BAD, 0, false, false, "" },
	{ "123", CANDUMP_BAD, 0, false, false, "" },
	{ "800#00", CANDUMP_BAD, 0, false, false, "" },
	{ "123#G0", CANDUMP_BAD, 0, false, false, "" },
	{ "123#112233445566778899", CANDUMP_BAD, 0, false, false, "" } };

static void
test_tokens(void **state)
{
	static const char *const ends[] = { "", " R", " T", "\r" };
	uint8_t data[FRAME_CAN_MAX], wanted[FRAME_CAN_MAX];
	struct candump out;
	char line[256];

	(void)state;
	for (size_t i = 0; i < 4 * sizeof(tokens) / sizeof(tokens[0]); i++) {
		size_t k = i / 4;
		size_t size = (size_t)snprintf(line, sizeof(line),
		    "(1436509052.249713)  can0 %s%s", tokens[k].token,
		    ends[i % 4]);
		long bytes = num_hex(tokens[k].data, strlen(tokens[k].data),
		    wanted, sizeof(wanted));

		if (candump_parse(line, size, &out, data) != tokens[k].result)
			print_message("%s\n", line);
		assert_int_equal(
		    candump_parse(line, size, &out, data), tokens[k].result);
		if (tokens[k].result != CANDUMP_DATA &&
		    tokens[k].result != CANDUMP_ERROR)
			continue;
		assert_true(out.timed);
		assert_true(out.time_ms == 1436509052249);
		assert_int_equal(out.interface_size, 4);
		assert_memory_equal(out.interface, "can0", 4);
		assert_int_equal(out.can.id, tokens[k].id);
		assert_int_equal(out.can.extended, tokens[k].extended);
		assert_int_equal(out.can.fd, tokens[k].fd);
		assert_int_equal(out.can.size, bytes);
		assert_memory_equal(out.can.data, wanted, (size_t)bytes);
	}
}

static const struct {
	const char *line;
	enum candump_result result;
	int64_t time_ms; /* -1: none */
	const char *data;
} lines[] = { { "(0000000001.000000) can1 123##1112233 T", CANDUMP_DATA, 1000,
		  "112233" },
	{ "(166.000000) vcan0 21A#FE3612FE690507AD", CANDUMP_DATA, 166000,
	    "FE3612FE690507AD" },
	{ "(1436509052.249713123) can0 123#00", CANDUMP_DATA, 1436509052249,
	    "00" },
	{ "(2024-05-01 12:00:00.123456) can0 123#00", CANDUMP_DATA,
	    1714564800123, "00" },
	{ "  can0  351   [8]  3A 02 64 00 64 00 A4 01", CANDUMP_DATA, -1,
	    "3A0264006400A401" },
	{ "  can0  35C   [2]  C0 00", CANDUMP_DATA, -1, "C000" },
	{ "  can0  18000001   [8]  07 85 F6 FA 41 54 00 00", CANDUMP_DATA, -1,
	    "0785F6FA41540000" },
	{ "  can0  123  [03]  11 22 33", CANDUMP_DATA, -1, "112233" },
	{ " (1436509052.249713)  can0  220   [2]  17 20", CANDUMP_DATA,
	    1436509052249, "1720" },
	{ "  can0  123   [0]  remote request", CANDUMP_OTHER, -1, "" },
	{ "  can0  123   [4]  remote request", CANDUMP_OTHER, -1, "" },
	{ "  can0  20000004   [8]  00 0C 00 00 00 00 60 60   ERRORFRAME",
	    CANDUMP_ERROR, -1, "000C000000006060" },
	{ " (000.000000)  can0  RX - -  123   [2]  11 22", CANDUMP_DATA, 0,
	    "1122" },
	{ " (001.250000)  can0  TX B E  123  [03]  11 22 33", CANDUMP_DATA,
	    1250, "112233" },
	{ "  can0  RX - -  123   [0]  remote request", CANDUMP_OTHER, -1, "" },
	{ "  can0  RX - -", CANDUMP_BAD, -1, "" },
	{ "  can0  123   [3]  11 22", CANDUMP_BAD, -1, "" },
	{ "  can0  123   [9]  11 22", CANDUMP_BAD, -1, "" },
	{ "(1436509052.2497) can0 123#00", CANDUMP_BAD, -1, "" },
	{ "(1436509052.249713) can0", CANDUMP_BAD, -1, "" },
	{ "(1436509052.249713 can0 123#00", CANDUMP_BAD, -1, "" },
	{ "(1436509052.249713) can0 123#00 X", CANDUMP_BAD, -1, "" },
	{ "(1436509052.249713) can0 123#00 R R", CANDUMP_BAD, -1, "" },
	{ "(99999999999999999999.000000) can0 123#00", CANDUMP_BAD, -1, "" },
	{ "(1436509052.249713) interface-too-long 123#00", CANDUMP_BAD, -1,
	    "" },
	{ "1436509052.249713 can0 123#00", CANDUMP_OTHER, -1, "" },
	{ "# comment", CANDUMP_OTHER, -1, "" },
	{ "DROPCOUNT: dropped 3 CAN frames", CANDUMP_OTHER, -1, "" },
	{ "   ", CANDUMP_OTHER, -1, "" }, { "", CANDUMP_OTHER, -1, "" } };

static void
test_lines(void **state)
{
	uint8_t data[FRAME_CAN_MAX], wanted[FRAME_CAN_MAX];
	struct candump out;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		enum candump_result result = candump_parse(
		    lines[i].line, strlen(lines[i].line), &out, data);
		long size = num_hex(lines[i].data, strlen(lines[i].data),
		    wanted, sizeof(wanted));

		if (result != lines[i].result)
			print_message("%s\n", lines[i].line);
		assert_int_equal(result, lines[i].result);
		if (result != CANDUMP_DATA)
			continue;
		assert_int_equal(out.timed, lines[i].time_ms >= 0);
		if (out.timed)
			assert_true(out.time_ms == lines[i].time_ms);
		assert_int_equal(out.can.size, size);
		assert_memory_equal(out.can.data, wanted, (size_t)size);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_lines) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
