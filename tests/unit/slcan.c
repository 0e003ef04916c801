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
	(void)state;
	assert_string_equal(slcan_opening(500000), "\r\r\rC\rS6\rO\r");
	assert_string_equal(slcan_opening(10000), "\r\r\rC\rS0\rO\r");
	assert_string_equal(slcan_opening(1000000), "\r\r\rC\rS8\rO\r");
	assert_null(slcan_opening(333333));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lines),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_opening) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
