/* Device lines and the forms of an address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/device.h"

static struct arena arena;

static int
parse(const char *text, struct device *device, struct failure *why)
{
	char line[1024];

	strcpy(line, text);
	return device_parse(line, strlen(line), &arena, device, why);
}

static int
address(const char *text, struct device *device)
{
	struct failure why;

	memset(device, 0, sizeof(*device));
	return device_address(text, &arena, device, &why);
}

static void
takes_and_prints(void **state)
{
	static const char line[] =
	    "{\"kind\":\"device\",\"tenant\":\"acme\","
	    "\"device\":\"bms-1\",\"profile\":\"jk\",\"battery\":\"b1\","
	    "\"valid_from\":\"2026-01-02T03:04:05.000Z\","
	    "\"address\":\"tcp://10.0.0.7:502\",\"unit\":7,"
	    "\"interval_ms\":5000,\"timeout_ms\":250}";
	struct buf out = { 0 };
	struct device device;
	struct failure why;

	(void)state;
	assert_int_equal(parse(line, &device, &why), 0);
	assert_string_equal(device.tenant, "acme");
	assert_string_equal(device.battery, "b1");
	assert_int_equal(device.valid_from_ms, INT64_C(1767323045000));
	assert_int_equal(device.link, LINK_TCP);
	assert_string_equal(device.host, "10.0.0.7");
	assert_int_equal(device.port, 502);
	assert_int_equal(device.unit, 7);
	assert_int_equal(device.interval_ms, 5000);
	assert_int_equal(device.timeout_ms, 250);
	device_print(&device, &out);
	assert_int_equal(out.size, sizeof(line));
	assert_memory_equal(out.data, line, sizeof(line) - 1);
	buf_free(&out);
}

static void
has_defaults(void **state)
{
	struct device device;
	struct failure why;

	(void)state;
	assert_int_equal(
	    parse("{\"address\":\"can://can0\",\"profile\":\"p\","
		  "\"device\":\"d\",\"tenant\":\"t\",\"kind\":\"device\"}",
		&device, &why),
	    0);
	assert_string_equal(device.battery, "");
	assert_int_equal(device.valid_from_ms, 0);
	assert_int_equal(device.unit, 1);
	assert_int_equal(device.interval_ms, 0);
	assert_int_equal(device.timeout_ms, 1000);
	assert_int_equal(device.link, LINK_CAN);
	assert_string_equal(device.host, "can0");
}

static void
knows_addresses(void **state)
{
	struct device device;

	(void)state;
	assert_int_equal(address("tcp://[fe80::1]:1502", &device), 0);
	assert_string_equal(device.host, "fe80::1");
	assert_int_equal(device.port, 1502);
	assert_false(device.rtu || device.brief);
	assert_int_equal(device.pause_ms, 0);
	assert_int_equal(
	    address("rtu+tcp://gw.example:4001?pause=50&close=yes", &device),
	    0);
	assert_int_equal(device.link, LINK_TCP);
	assert_string_equal(device.host, "gw.example");
	assert_int_equal(device.port, 4001);
	assert_true(device.rtu && device.brief);
	assert_int_equal(device.pause_ms, 50);
	assert_int_equal(address("serial:///dev/ttyUSB0", &device), 0);
	assert_int_equal(device.link, LINK_SERIAL);
	assert_string_equal(device.host, "/dev/ttyUSB0");
	assert_int_equal(device.baud, 9600);
	assert_int_equal(device.parity, 'N');
	assert_int_equal(device.stop_bits, 1);
	assert_int_equal(address("serial:///dev/ttyS1?baud=115200&parity=E"
				 "&stop=2",
			     &device),
	    0);
	assert_int_equal(device.baud, 115200);
	assert_int_equal(device.parity, 'E');
	assert_int_equal(device.stop_bits, 2);
	assert_int_equal(address("slcan:///dev/ttyACM0", &device), 0);
	assert_int_equal(device.bitrate, 500000);
	assert_int_equal(
	    address("slcan:///dev/ttyACM0?bitrate=250000", &device), 0);
	assert_int_equal(device.bitrate, 250000);
	assert_int_equal(address("candump:///var/log/can.log", &device), 0);
	assert_int_equal(device.link, LINK_CANDUMP);
	assert_string_equal(device.host, "/var/log/can.log");
	assert_string_equal(device.address, "candump:///var/log/can.log");
	assert_string_equal(device.interface, "");
	assert_int_equal(address("candump:///x?interface=can1", &device), 0);
	assert_string_equal(device.host, "/x");
	assert_string_equal(device.interface, "can1");
	assert_int_equal(address("candump:-?interface=", &device), -1);
	assert_int_equal(address("http://box", &device), 0);
	assert_int_equal(device.link, LINK_HTTP);
	assert_string_equal(device.host, "box");
	assert_int_equal(device.port, 80);
	assert_false(device.tls);
	assert_string_equal(device.base, "");
	assert_int_equal(
	    address("https://[fe80::1]/a/b/?secret=/k&cafile=/c", &device), 0);
	assert_true(device.tls);
	assert_string_equal(device.host, "fe80::1");
	assert_int_equal(device.port, 443);
	assert_string_equal(device.base, "a/b");
	assert_string_equal(device.secret, "/k");
	assert_string_equal(device.cafile, "/c");
	assert_int_equal(address("wss://h:8443/", &device), 0);
	assert_int_equal(device.link, LINK_WEBSOCKET);
	assert_int_equal(device.port, 8443);
	assert_string_equal(device.base, "");
	assert_int_equal(address("candump:-", &device), 0);
	assert_string_equal(device.host, "-");
}

static void
refuses_addresses(void **state)
{
	static const char *const wrong[] = { "", "10.0.0.7:502", "tcp://",
		"tcp://host", "tcp://host:", "tcp://host:0", "tcp://host:65536",
		"tcp://:502", "tcp://ho st:502", "tcp://[]:502",
		"tcp://a/b:502", "tcp://host:502?unit=1",
		"tcp://host:502?pause=-1", "tcp://host:502?pause=60001",
		"tcp://host:502?close=1", "can://can0?pause=1",
		"rtu+tcp://host", "rtu://host:1", "serial://ttyUSB0",
		"serial:///dev/x?baud=0", "serial:///dev/x?baud",
		"serial:///dev/x?parity=X", "serial:///dev/x?bitrate=250000",
		"serial:///dev/x?stop=3", "can://", "can://../x",
		"can://averyveryverylongname", "candump:x", "gopher://host:80",
		"http://", "http://u@h", "http://h?cafile=/c",
		"https://h?secret=k", "http://h/../x", "http://h/a?b=c",
		"ws://h:0" };
	struct device device;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (address(wrong[i], &device) != -1)
			fail_msg("taken: %s", wrong[i]);
}

static void
refuses_lines(void **state)
{
	static const struct {
		const char *line, *word;
	} cases[] = { { "{}", "kind" }, { "{\"kind\":\"frame\"}", "kind" },
		{ "{\"kind\":\"device\",\"tenant\":\"../x\"}", "tenant" },
		{ "{\"kind\":\"device\",\"tenant\":\"t\",\"device\":\"d\","
		  "\"profile\":\"p\"}",
		    "address" },
		{ "{\"kind\":\"device\",\"tenant\":\"t\",\"device\":\"d\","
		  "\"profile\":\"../p\",\"address\":\"can://c\"}",
		    "profile" },
		{ "{\"kind\":\"device\",\"tenant\":\"t\",\"device\":\"d\","
		  "\"profile\":\"p\",\"address\":\"can://c\",\"unit\":256}",
		    "unit" },
		{ "{\"kind\":\"device\",\"tenant\":\"t\",\"device\":\"d\","
		  "\"profile\":\"p\",\"address\":\"can://c\",\"color\":1}",
		    "color" } };
	struct device device;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct failure why = { EXIT_OK, "" };

		assert_int_equal(parse(cases[i].line, &device, &why), -1);
		assert_int_equal(why.status, EXIT_REFUSED);
		if (strstr(why.message, cases[i].word) == NULL)
			fail_msg("%s: %s", cases[i].line, why.message);
	}
}

static int
release(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_and_prints),
		cmocka_unit_test(has_defaults),
		cmocka_unit_test(knows_addresses),
		cmocka_unit_test(refuses_addresses),
		cmocka_unit_test(refuses_lines),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
