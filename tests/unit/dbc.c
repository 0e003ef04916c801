/*
 * DBC files: layouts against the published generic vectors, and what
 * broken files do. With a file as its argument it is a tool instead: lines
 * ID#DATA in, {"Signal":[raw,physical],...} out (captures.t compares those
 * with cantools).
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/io.h"
#include "profile/dbc.h"
#include "record/frame.h"

static struct dbc *
parse(const char *text)
{
	struct failure why;

	return dbc_parse(text, strlen(text), &why);
}

struct layout_case {
	unsigned start, length;
	bool motorola, is_signed;
	int64_t raw;
};

/* Payload 01 23 45 67 89 AB CD EF, worked out by another decoder. */
static void
test_layouts(void **state)
{
	static const struct layout_case cases[] = {
		{ 7, 8, true, false, 1 },
		{ 0, 1, true, false, 1 },
		{ 0, 8, false, false, 1 },
		{ 7, 16, true, false, 291 },
		{ 0, 16, false, false, 8961 },
		{ 3, 12, true, true, 291 },
		{ 11, 13, true, false, 1674 },
		{ 30, 13, true, false, 6626 },
		{ 33, 13, true, false, 3422 },
		{ 52, 13, true, false, 3567 },
		{ 0, 5, true, false, 18 },
		{ 8, 15, true, true, -11943 },
		{ 4, 20, false, false, 283184 },
		{ 12, 12, false, true, 1106 },
		{ 39, 16, true, true, -30293 },
		{ 32, 16, false, true, -21623 },
		{ 55, 16, true, true, -12817 },
		{ 48, 16, false, true, -4147 },
		{ 7, 64, true, false, INT64_C(81985529216486895) },
		{ 0, 64, false, false, INT64_C(-1167088121787636991) },
		{ 0, 64, false, true, INT64_C(-1167088121787636991) },
		{ 40, 17, true, true, -12817 },
		{ 46, 18, false, true, -16586 },
		{ 63, 1, true, false, 1 },
		{ 63, 1, false, false, 1 },
	};
	uint8_t data[8 + BITS_SLACK] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab,
		0xcd, 0xef };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t copy[8 + BITS_SLACK];
		struct bits bits = { 0 };
		int64_t raw = 0, again = 0;

		bits_set(&bits, cases[i].start, cases[i].length,
		    cases[i].motorola, cases[i].is_signed);
		assert_true(bits_get(&bits, data, 8, &raw));
		assert_int_equal(raw, cases[i].raw);
		memcpy(copy, data, sizeof(copy));
		assert_true(bits_put(&bits, copy, 8, 0));
		assert_true(bits_get(&bits, copy, 8, &again));
		assert_int_equal(again, 0);
		assert_true(bits_put(&bits, copy, 8, raw));
		assert_memory_equal(copy, data, 8);
		assert_false(bits_get(&bits, data, (size_t)bits.end - 1, &raw));
	}
}

/* A signal that nine bytes hold, in a CAN FD message. */
static void
test_nine_bytes(void **state)
{
	uint8_t data[12 + BITS_SLACK] = { 0 };
	int64_t raw;

	(void)state;
	for (int motorola = 0; motorola < 2; motorola++) {
		struct bits bits = { 0 };

		bits_set(&bits, motorola ? 10 : 13, 61, motorola != 0, true);
		assert_true(bits.wide);
		assert_true(bits_put(&bits, data, 12, -1234567890123));
		assert_true(bits_get(&bits, data, 12, &raw));
		assert_int_equal(raw, -1234567890123);
	}
}

static const char sample[] =
    "VERSION \"\"\n"
    "NS_ :\n\tNS_DESC_\n\tBO_\n\tSG_\n\n"
    "WHATEVER is unknown here;\n"
    "BO_ 100 One: 8 Node\n"
    "SG_ Plain : 0|8@1+ (0.5,-10) [0|0] \"degC\" A,B\n"
    " SG_ Which M : 8|4@1+ (1,0) [0|0] \"\" A\n"
    " SG_ Zero m0 : 16|16@1- (1E-003,0) [0|0] \"\" A\n"
    " SG_ Ten m10 : 16|16@1+ (1,0) [0|0] \"\" A\n"
    " SG_ Long : 0|65@1+ (1,0) [0|0] \"\" A\n"
    "\n"
    "BO_ 2147483748 Two: 64 Node\n"
    " SG_ Far : 500|8@1+ (+1,+0) \"\" A\n"
    " SG_ Half : 0|32@1- (1,0) [0|0] \"\" A\n"
    "BO_ 200 Three: 8 Node\n"
    " SG_ S0 M : 0|4@1+ (1,0) [0|0] \"\" A\n"
    " SG_ S1 m3M : 4|4@1+ (1,0) [0|0] \"\" A\n"
    " SG_ Deep m1 : 8|8@1+ (1,0) [0|0] \"\" A\n"
    "CM_ SG_ 100 Plain \"text; with\nSG_ and BO_ 1 x: 8 y\";\n"
    "SIG_VALTYPE_ 2147483748 Half : 1;\n"
    "SG_MUL_VAL_ 200 S1 S0 3-5, 7-7;\n"
    "SG_MUL_VAL_ 200 Deep S1 1-2;\n";

static const struct dbc_signal *
signal_of(const struct dbc *dbc, const char *name)
{
	const struct dbc_message *message;
	const struct dbc_signal *signal;

	assert_int_equal(dbc_signal_find(dbc, name, &message, &signal), 1);
	return signal;
}

static void
test_sample(void **state)
{
	struct dbc *dbc = parse(sample);
	const struct dbc_signal *plain;

	(void)state;
	assert_non_null(dbc);
	assert_int_equal(dbc->count, 3);
	plain = signal_of(dbc, "One.Plain");
	assert_int_equal(plain->factor.digits, 5);
	assert_int_equal(plain->factor.exponent, -1);
	assert_int_equal(plain->offset.digits, -1);
	assert_int_equal(plain->offset.exponent, 1);
	assert_string_equal(plain->unit, "degC");
	assert_int_equal(signal_of(dbc, "Zero")->factor.exponent, -3);
	assert_false(signal_of(dbc, "Long")->usable);
	assert_int_equal(signal_of(dbc, "Half")->type, DBC_FLOAT);
	assert_non_null(dbc_message_find(dbc, 100, true));
	assert_int_equal(dbc_message_find(dbc, 100, true)->size, 64);
	assert_null(dbc_message_find(dbc, 101, false));
	dbc_free(dbc);
}

static bool
active(const struct dbc *dbc, uint32_t id, const char *name, uint8_t first)
{
	uint8_t data[8 + BITS_SLACK] = { first, first };

	return dbc_signal_active(
	    dbc_message_find(dbc, id, false), signal_of(dbc, name), data, 8);
}

static void
test_multiplexed(void **state)
{
	struct dbc *dbc = parse(sample);

	(void)state;
	assert_true(active(dbc, 100, "Plain", 3));
	assert_true(active(dbc, 100, "Zero", 0));
	assert_false(active(dbc, 100, "Ten", 0));
	assert_true(active(dbc, 100, "Ten", 10));
	assert_false(active(dbc, 100, "Zero", 10));
	/* S0 4 selects S1, S1 1 selects Deep */
	assert_true(active(dbc, 200, "Deep", 0x14));
	assert_false(active(dbc, 200, "Deep", 0x16));
	assert_false(active(dbc, 200, "Deep", 0x34));
	assert_true(active(dbc, 200, "Deep", 0x27));
	dbc_free(dbc);
}

static void
test_wrong(void **state)
{
	static const char *const texts[] = { "", "VERSION \"\"\n",
		"BO_ x Name: 8 N\n", "BO_ 1 Name 8 N\n", "BO_ 1 Name: -1 N\n",
		"BO_ 1 N: 8 N\n SG_ a : 0|8@2+ (1,0) [0|0] \"\" N\n",
		"BO_ 1 N: 8 N\n SG_ a : 0|8@1 (1,0) [0|0] \"\" N\n",
		"BO_ 1 N: 8 N\n SG_ a : 0|8@1+ (x,0) [0|0] \"\" N\n",
		"BO_ 1 N: 8 N\n SG_ a q : 0|8@1+ (1,0) [0|0] \"\" N\n",
		"BO_ 1 N: 8 N\n SG_ : 0|8@1+ (1,0) [0|0] \"\" N\n" };
	struct failure why;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_null(dbc_parse(texts[i], strlen(texts[i]), &why));
		assert_int_equal(why.status, EXIT_WRONG);
	}
	assert_null(dbc_parse(texts[5], strlen(texts[5]), &why));
	assert_non_null(strstr(why.message, "line 2"));
}

/* Whatever is cut or flipped: an answer, and no memory that is not ours. */
static void
test_damaged(void **state)
{
	size_t size = sizeof(sample) - 1;
	char *copy = malloc(size);
	struct failure why;

	(void)state;
	for (size_t cut = 0; cut < size; cut++) {
		char *part = malloc(cut + 1);

		memcpy(part, sample, cut);
		dbc_free(dbc_parse(part, cut, &why));
		free(part);
	}
	for (size_t bit = 0; bit < size * 8; bit++) {
		memcpy(copy, sample, size);
		copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
		dbc_free(dbc_parse(copy, size, &why));
	}
	free(copy);
}

/* ---- the tool -------------------------------------------------------- */

static double
real_of(const struct dbc_signal *signal, int64_t raw)
{
	uint32_t half = (uint32_t)raw;
	float single;
	double real;

	if (signal->type == DBC_FLOAT) {
		memcpy(&single, &half, sizeof(single));
		return (double)single;
	}
	memcpy(&real, &raw, sizeof(real));
	if (signal->type == DBC_DOUBLE)
		return real;
	return signal->bits.is_signed ? (double)raw : (double)(uint64_t)raw;
}

static void
put_real(double real)
{
	if (isfinite(real))
		printf("%.17g", real);
	else
		printf("\"%s\"",
		    isnan(real)    ? "nan"
			: real > 0 ? "inf"
				   : "-inf");
}

static void
put_signal(const struct dbc_signal *signal, int64_t raw, bool first)
{
	double real = real_of(signal, raw);

	printf("%s\"%s\":[", first ? "" : ",", signal->name);
	if (signal->type != DBC_INTEGER)
		put_real(real);
	else if (signal->bits.is_signed)
		printf("%lld", (long long)raw);
	else
		printf("%llu", (unsigned long long)raw);
	printf(",");
	put_real(real * decimal_real(&signal->factor) +
	    decimal_real(&signal->offset));
	printf("]");
}

static void
put_message(const struct dbc *dbc, const struct frame_can *can)
{
	const struct dbc_message *message =
	    dbc_message_find(dbc, can->id, can->extended);
	uint8_t data[FRAME_CAN_MAX + BITS_SLACK] = { 0 };
	bool first = true;
	int64_t raw;

	memcpy(data, can->data, can->size);
	printf("{");
	for (size_t i = 0; message != NULL && i < message->count; i++) {
		const struct dbc_signal *signal = &message->signals[i];

		if (!signal->usable ||
		    !dbc_signal_active(message, signal, data, can->size) ||
		    !bits_get(&signal->bits, data, can->size, &raw))
			continue;
		put_signal(signal, raw, first);
		first = false;
	}
	printf("}\n");
}

static int
tool(const char *path)
{
	struct buf text = { 0 };
	struct failure why;
	struct dbc *dbc;
	char line[512];

	if (io_file_read(-100, path, (size_t)4 << 20, &text, &why) != 0 ||
	    (dbc = dbc_parse(text.data, text.size, &why)) == NULL) {
		fprintf(stderr, "%s\n", why.message);
		return 2;
	}
	while (fgets(line, sizeof(line), stdin) != NULL) {
		uint8_t data[FRAME_CAN_MAX];
		struct frame_can can;

		if (frame_can_parse(line, strcspn(line, "\n"), &can, data))
			put_message(dbc, &can);
		else
			printf("{}\n");
	}
	dbc_free(dbc);
	buf_free(&text);
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_nine_bytes),
		cmocka_unit_test(test_sample),
		cmocka_unit_test(test_multiplexed),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_damaged),
	};

	if (argc > 1)
		return tool(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
