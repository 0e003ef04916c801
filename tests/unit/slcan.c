/* Lines of serial CAN adapters; what is valid is the kernel driver's word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "wire/slcan.h"

static const struct {
	const char *line;
	enum slcan_result result;
	uint32_t id;
	bool extended, fd;
	const char *data;
} cases[] = { { "t220817200080C3000032", SLCAN_DATA, 0x220, false, false,
		  "17200080C3000032" },
	{ "t1230", SLCAN_DATA, 0x123, false, false, "" },
	{ "t12321122", SLCAN_DATA, 0x123, false, false, "1122" },
	{ "T18000100403011871", SLCAN_DATA, 0x18000100, true, false,
	    "03011871" },
	{ "T000001231AA", SLCAN_DATA, 0x123, true, false, "AA" },
	{ "x000001231aa", SLCAN_DATA, 0x123, true, false, "AA" },
	{ "r1230", SLCAN_REMOTE, 0, false, false, "" },
	{ "r1238", SLCAN_REMOTE, 0, false, false, "" },
	{ "r123", SLCAN_REMOTE, 0, false, false, "" },
	{ "R123456784", SLCAN_REMOTE, 0, false, false, "" },
	{ "t12321122EA5F", SLCAN_DATA, 0x123, false, false, "1122" },
	{ "t12321122000F4240", SLCAN_DATA, 0x123, false, false, "1122" },
	{ "T1111222281122334455667788EA5F", SLCAN_DATA, 0x11112222, true, false,
	    "1122334455667788" },
	{ "t7FF100", SLCAN_DATA, 0x7FF, false, false, "00" },
	{ "d1239112233445566778899AABBCC", SLCAN_DATA, 0x123, false, true,
	    "112233445566778899AABBCC" },
	{ "b12380011223344556677", SLCAN_DATA, 0x123, false, true,
	    "0011223344556677" },
	{ "t8000", SLCAN_DAMAGED, 0, false, false, "" },
	{ "t1239112233445566778899", SLCAN_DAMAGED, 0, false, false, "" },
	{ "t12321", SLCAN_DAMAGED, 0, false, false, "" },
	{ "t12321122EA5", SLCAN_DAMAGED, 0, false, false, "" },
	{ "tXYZ0", SLCAN_DAMAGED, 0, false, false, "" },
	{ "T200000000", SLCAN_DAMAGED, 0, false, false, "" },
	{ "t", SLCAN_DAMAGED, 0, false, false, "" },
	{ "t12", SLCAN_DAMAGED, 0, false, false, "" },
	{ "t123", SLCAN_DAMAGED, 0, false, false, "" },
	{ "", SLCAN_NONE, 0, false, false, "" },
	{ "z", SLCAN_NONE, 0, false, false, "" },
	{ "V1013", SLCAN_NONE, 0, false, false, "" },
	{ "F00", SLCAN_NONE, 0, false, false, "" },
	{ "sw096096", SLCAN_NONE, 0, false, false, "" } };

static void
test_lines(void **state)
{
	uint8_t data[FRAME_CAN_MAX], wanted[FRAME_CAN_MAX];
	struct frame_can can;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum slcan_result result = slcan_parse(
		    cases[i].line, strlen(cases[i].line), &can, data);
		long size = num_hex(cases[i].data, strlen(cases[i].data),
		    wanted, sizeof(wanted));

		if (result != cases[i].result)
			print_message("%s\n", cases[i].line);
		assert_int_equal(result, cases[i].result);
		if (result != SLCAN_DATA)
			continue;
		assert_int_equal(can.id, cases[i].id);
		assert_int_equal(can.extended, cases[i].extended);
		assert_int_equal(can.fd, cases[i].fd);
		assert_int_equal(can.size, size);
		assert_memory_equal(can.data, wanted, (size_t)size);
	}
}

/* 64 bytes behind DLC F; one less is damaged. */
static void
test_longest(void **state)
{
	uint8_t data[FRAME_CAN_MAX];
	struct frame_can can;
	char line[SLCAN_LINE_MAX];
	size_t size = (size_t)snprintf(line, sizeof(line), "D12345678F");

	(void)state;
	memset(line + size, '0', 128);
	assert_int_equal(slcan_parse(line, size + 128, &can, data), SLCAN_DATA);
	assert_int_equal(can.size, 64);
	assert_int_equal(
	    slcan_parse(line, size + 127, &can, data), SLCAN_DAMAGED);
}

static void
test_opening(void **state)
{
	struct buf out = { 0 };

	(void)state;
	slcan_opening(500000, false, &out);
	slcan_opening(10000, true, &out);
	slcan_opening(1000000, false, &out);
	buf_char(&out, '\0');
	assert_string_equal(
	    out.data, "\r\r\rC\rS6\rL\r\r\r\rC\rS0\rO\r\r\r\rC\rS8\rL\r");
	buf_free(&out);
	assert_true(slcan_has_bitrate(125000));
	assert_false(slcan_has_bitrate(333333));
}

/* What is sent is what the kernel's driver and the manual have. */
static void
test_print(void **state)
{
	static const uint8_t data[12] = { 0xde, 0xad, 0xbe, 0xef };
	const struct frame_can plain = { .id = 0x123, .size = 4, .data = data };
	const struct frame_can far = {
		.id = 0x18ff50e5, .extended = true, .size = 2, .data = data
	};
	const struct frame_can fd = {
		.id = 0x7ff, .fd = true, .size = 12, .data = data
	};
	struct buf out = { 0 };

	(void)state;
	slcan_print(&plain, false, &out);
	slcan_print(&plain, true, &out);
	slcan_print(&far, false, &out);
	slcan_print(&far, true, &out);
	slcan_print(&fd, false, &out);
	buf_char(&out, '\0');
	assert_string_equal(out.data,
	    "t1234DEADBEEF\rr1234\rT18FF50E52DEAD\rR18FF50E52\r"
	    "d7FF9DEADBEEF0000000000000000\r");
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lines),
		cmocka_unit_test(test_longest), cmocka_unit_test(test_opening),
		cmocka_unit_test(test_print) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
