/* Modbus framing; frames and sums from the specification's examples, as
 * libmodbus and pymodbus make them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "wire/modbus.h"

static size_t
bytes(const char *hex, uint8_t *out, size_t room)
{
	long count = num_hex(hex, strlen(hex), out, room);

	assert_true(count >= 0);
	return (size_t)count;
}

static void
test_crc(void **state)
{
	static const struct {
		const char *hex;
		unsigned crc;
	} cases[] = { { "313233343536373839", 0x4B37 }, { "", 0xFFFF },
		{ "00", 0x40BF }, { "01030000000A", 0xCDC5 },
		{ "D203000C0001", 0xAA57 }, { "1103006B0003", 0x8776 } };
	uint8_t data[16];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t size = bytes(cases[i].hex, data, sizeof(data));

		assert_int_equal(modbus_crc(data, size), cases[i].crc);
	}
}

static const struct {
	struct modbus_ask ask;
	const char *rtu, *tcp;
} asks[] = { { { 1, 1, 0x13, 19, 0 }, "0101001300138C02",
		 "000100000006010100130013" },
	{ { 1, 2, 0xC4, 22, 0 }, "010200C40016B839",
	    "0001000000060102"
	    "00C40016" },
	{ { 1, 3, 40000, 2, 0 }, "01039C400002EB8F",
	    "00010000000601039C400002" },
	{ { 1, 3, 0, 125, 0 }, "01030000007D85EB", "00010000000601030000007D" },
	{ { 1, 4, 0x1000, 18, 0 }, "01041000001274C7",
	    "000100000006010410000012" } };

static void
test_ask(void **state)
{
	uint8_t wanted[16], out[MODBUS_ASK_MAX];
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		size = bytes(asks[i].rtu, wanted, sizeof(wanted));
		assert_int_equal(modbus_ask_rtu(&asks[i].ask, out), size);
		assert_memory_equal(out, wanted, size);
		size = bytes(asks[i].tcp, wanted, sizeof(wanted));
		assert_int_equal(modbus_ask_tcp(&asks[i].ask, 1, out), size);
		assert_memory_equal(out, wanted, size);
	}
}

static const struct {
	struct modbus_ask ask;
	const char *tcp, *rtu;
	enum modbus_result result;
	const char *data;
	unsigned exception;
} answers[] = { { { 1, 1, 0x13, 19, 0 }, "000100000006010103CD6B05",
		    "010103CD6B054282", MODBUS_DATA, "CD6B05", 0 },
	{ { 1, 2, 0xC4, 22, 0 }, "000100000006010203ACDB35", "010203ACDB352288",
	    MODBUS_DATA, "ACDB35", 0 },
	{ { 1, 3, 40000, 2, 0 }, "00010000000701030453756E53",
	    "01030453756E5396F0", MODBUS_DATA, "53756E53", 0 },
	{ { 1, 3, 40000, 2, 0 }, "000100000003018302", "018302C0F1",
	    MODBUS_EXCEPTION, "", 2 },
	{ { 1, 4, 0, 1, 0 }, "000100000003018401", "01840182C0",
	    MODBUS_EXCEPTION, "", 1 } };

static void
check_answer(
    size_t i, enum modbus_result result, const struct modbus_answer *answer)
{
	uint8_t wanted[16];
	size_t size = bytes(answers[i].data, wanted, sizeof(wanted));

	assert_int_equal(result, answers[i].result);
	assert_int_equal(answer->exception, answers[i].exception);
	assert_int_equal(answer->size, size);
	if (size > 0)
		assert_memory_equal(answer->data, wanted, size);
}

/* Whole, and cut at each byte. */
static void
test_answer(void **state)
{
	struct modbus_answer answer;
	uint8_t in[32];

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const struct modbus_ask *ask = &answers[i].ask;
		size_t size = bytes(answers[i].tcp, in, sizeof(in));

		for (size_t cut = 0; cut < size; cut++)
			assert_int_equal(
			    modbus_take_tcp(ask, 1, in, cut, &answer),
			    MODBUS_MORE);
		check_answer(
		    i, modbus_take_tcp(ask, 1, in, size, &answer), &answer);
		assert_int_equal(answer.used, size);
		size = bytes(answers[i].rtu, in, sizeof(in));
		for (size_t cut = 0; cut < size; cut++)
			assert_int_equal(modbus_take_rtu(ask, in, cut, &answer),
			    MODBUS_MORE);
		check_answer(
		    i, modbus_take_rtu(ask, in, size, &answer), &answer);
	}
}

static void
test_wrong_tcp(void **state)
{
	static const struct {
		const char *hex;
		enum modbus_result result;
		const char *why;
	} cases[] = { { "00020000000701030453756E53", MODBUS_STRAY, "" },
		{ "00010000000702030453756E53", MODBUS_WRONG,
		    "answer from unit 2 instead of 1" },
		{ "00010000000701040453756E53", MODBUS_WRONG,
		    "answer to function 4 instead of 3" },
		{ "00010000000501030253756E", MODBUS_WRONG,
		    "answer with 2 bytes instead of 4" },
		{ "00010000000701030653756E53", MODBUS_WRONG,
		    "answer with 4 bytes instead of 4" },
		{ "00010001000701030453756E53", MODBUS_BROKEN,
		    "what came is no Modbus TCP" },
		{ "00010000FFFF01030453756E53", MODBUS_BROKEN,
		    "what came is no Modbus TCP" },
		{ "485454502F312E3120343030", MODBUS_BROKEN,
		    "what came is no Modbus TCP" } };
	const struct modbus_ask ask = { 1, 3, 40000, 2, 0 };
	struct modbus_answer answer;
	uint8_t in[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t size = bytes(cases[i].hex, in, sizeof(in));

		assert_int_equal(modbus_take_tcp(&ask, 1, in, size, &answer),
		    cases[i].result);
		assert_string_equal(answer.why, cases[i].why);
	}
}

/* Noise, an echo of the request and another unit's answer stand before. */
static void
test_noise_rtu(void **state)
{
	static const char *const before[] = { "00", "FF", "01039C400002EB8F",
		"01039C400002EB8F00", "0103", "02030453756E53A5C3",
		"018302C0F0" };
	const struct modbus_ask ask = { 1, 3, 40000, 2, 0 };
	struct modbus_answer answer;
	uint8_t in[64];

	(void)state;
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		size_t size = bytes(before[i], in, sizeof(in));

		size +=
		    bytes("01030453756E5396F0", in + size, sizeof(in) - size);
		assert_int_equal(
		    modbus_take_rtu(&ask, in, size, &answer), MODBUS_DATA);
		assert_memory_equal(answer.data, "SunS", 4);
	}
}

static void
test_blame_rtu(void **state)
{
	static const struct {
		const char *hex, *why;
	} cases[] = {
		{ "", "" },
		{ "010304", "answer cut after 3 of 9 bytes" },
		{ "01030453756E5396F1", "answer with a wrong checksum" },
		{ "01840182C0", "answer to function 132 instead of 3" },
	};
	const struct modbus_ask ask = { 1, 3, 40000, 2, 0 };
	uint8_t in[64];
	char why[96];
	uint16_t crc;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t size = bytes(cases[i].hex, in, sizeof(in));

		modbus_blame_rtu(&ask, in, size, why, sizeof(why));
		assert_string_equal(why, cases[i].why);
	}
	assert_int_equal(bytes("04030453756E53", in, sizeof(in)), 7);
	crc = modbus_crc(in, 7);
	in[7] = (uint8_t)crc;
	in[8] = (uint8_t)(crc >> 8);
	modbus_blame_rtu(&ask, in, 9, why, sizeof(why));
	assert_string_equal(why, "answer from unit 4 instead of 1");
}

static void
test_names(void **state)
{
	(void)state;
	assert_string_equal(modbus_exception_name(2), "illegal data address");
	assert_null(modbus_exception_name(0));
	assert_null(modbus_exception_name(9));
	assert_null(modbus_exception_name(255));
	/* 3.5 characters: 4.01 ms at 9600, 1.75 ms fixed above 19200 */
	assert_true(modbus_gap_ms(9600) >= 5);
	assert_true(modbus_gap_ms(115200) >= 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_crc),
		cmocka_unit_test(test_ask), cmocka_unit_test(test_answer),
		cmocka_unit_test(test_wrong_tcp),
		cmocka_unit_test(test_noise_rtu),
		cmocka_unit_test(test_blame_rtu),
		cmocka_unit_test(test_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
