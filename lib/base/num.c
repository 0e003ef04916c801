#include "base/num.h"

#include <math.h>
#include <string.h>

static const int64_t powers[19] = { 1, 10, 100, 1000, 10000, 100000, 1000000,
	10000000, 100000000, 1000000000, 10000000000, 100000000000,
	1000000000000, 10000000000000, 100000000000000, 1000000000000000,
	10000000000000000, 100000000000000000, 1000000000000000000 };

int64_t
num_power10(unsigned exponent)
{
	return powers[exponent < 19 ? exponent : 18];
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
num_integer(
    const char *text, size_t size, int64_t low, int64_t high, int64_t *value)
{
	bool negative = size > 0 && text[0] == '-';
	size_t i = negative ? 1 : 0;
	int64_t number = 0;

	if (i == size || size > 20)
		return false;
	for (; i < size; i++) {
		if (!is_digit(text[i]) ||
		    __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_sub_overflow(number, text[i] - '0', &number))
			return false;
	}
	/* Counted downwards, so that the smallest integer fits as well. */
	if (!negative && __builtin_sub_overflow(0, number, &number))
		return false;
	if (number < low || number > high)
		return false;
	*value = number;
	return true;
}

/* A decimal number as it is written: digits * 10^exponent. */
struct decimal {
	uint64_t digits;
	int exponent;
	bool negative;
};

static void
add_digit(struct decimal *number, char c, int scale)
{
	if (number->digits > (UINT64_MAX - 9) / 10) {
		number->exponent += 1 + scale;
		return;
	}
	number->digits = number->digits * 10 + (uint64_t)(c - '0');
	number->exponent += scale;
}

static size_t
read_exponent(const char *text, size_t size, size_t i, struct decimal *number)
{
	bool negative = false;
	int exponent = 0;

	if (i < size && (text[i] == '+' || text[i] == '-'))
		negative = text[i++] == '-';
	if (i == size || !is_digit(text[i]))
		return size + 1;
	for (; i < size && is_digit(text[i]); i++)
		if (exponent < 10000)
			exponent = exponent * 10 + (text[i] - '0');
	number->exponent += negative ? -exponent : exponent;
	return i;
}

/* JSON's grammar of a number; false for anything else. */
static bool
read_decimal(const char *text, size_t size, struct decimal *number)
{
	size_t i = 0, start;

	*number = (struct decimal){ 0 };
	if (i < size && text[i] == '-') {
		number->negative = true;
		i++;
	}
	start = i;
	for (; i < size && is_digit(text[i]); i++)
		add_digit(number, text[i], 0);
	if (i == start || (text[start] == '0' && i - start > 1))
		return false;
	if (i < size && text[i] == '.') {
		start = ++i;
		for (; i < size && is_digit(text[i]); i++)
			add_digit(number, text[i], -1);
		if (i == start)
			return false;
	}
	if (i < size && (text[i] == 'e' || text[i] == 'E'))
		i = read_exponent(text, size, i + 1, number);
	return i == size;
}

bool
num_scaled(const char *text, size_t size, unsigned decimals, int64_t *value)
{
	struct decimal number;
	uint64_t result;
	int shift;

	if (size > 400 || !read_decimal(text, size, &number))
		return false;
	result = number.digits;
	shift = number.exponent + (int)decimals;
	if (result == 0)
		shift = 0;
	if (shift > 18)
		return false;
	if (shift >= 0 &&
	    __builtin_mul_overflow(result, (uint64_t)powers[shift], &result))
		return false;
	if (shift < -19) {
		result = 0;
	} else if (shift == -19) {
		result = result >= UINT64_C(5000000000000000000) ? 1 : 0;
	} else if (shift < 0) {
		uint64_t power = (uint64_t)powers[-shift];
		uint64_t rest = result % power;

		result = result / power + (rest >= power - rest ? 1 : 0);
	}
	if (result > INT64_MAX)
		return false;
	*value = number.negative ? -(int64_t)result : (int64_t)result;
	return true;
}

bool
num_scale_double(double number, unsigned decimals, int64_t *value)
{
	double scaled = round(number * (double)num_power10(decimals));

	if (!isfinite(scaled) || scaled >= 9.2e18 || scaled <= -9.2e18)
		return false;
	*value = (int64_t)scaled;
	return true;
}

const char num_pairs[201] =
    "00010203040506070809101112131415161718192021222324"
    "25262728293031323334353637383940414243444546474849"
    "50515253545556575859606162636465666768697071727374"
    "75767778798081828384858687888990919293949596979899";

const uint8_t num_hex_digit[256] = {
	['0'] = 1,
	['1'] = 2,
	['2'] = 3,
	['3'] = 4,
	['4'] = 5,
	['5'] = 6,
	['6'] = 7,
	['7'] = 8,
	['8'] = 9,
	['9'] = 10,
	['a'] = 11,
	['b'] = 12,
	['c'] = 13,
	['d'] = 14,
	['e'] = 15,
	['f'] = 16,
	['A'] = 11,
	['B'] = 12,
	['C'] = 13,
	['D'] = 14,
	['E'] = 15,
	['F'] = 16,
};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* Sixteen digits at once, in the vectors that GCC and clang have for every
 * machine. */
#define HEX_STEP 16
typedef uint8_t hex_text __attribute__((vector_size(HEX_STEP)));
typedef uint16_t hex_pairs __attribute__((vector_size(HEX_STEP)));
typedef uint8_t hex_bytes __attribute__((vector_size(HEX_STEP / 2)));

static bool
hex_step(const char *text, uint8_t *out)
{
	hex_text in, digit, letter, good;
	uint64_t test[2];
	hex_pairs pairs;
	hex_bytes bytes;

	memcpy(&in, text, sizeof(in));
	digit = in - '0';
	letter = (in | 0x20) - 'a';
	good = (hex_text)(digit < 10) | (hex_text)(letter < 6);
	memcpy(test, &good, sizeof(test));
	if ((test[0] & test[1]) != UINT64_MAX)
		return false;
	digit = ((hex_text)(digit < 10) & digit) |
	    ((hex_text)(letter < 6) & (letter + 10));
	memcpy(&pairs, &digit, sizeof(pairs));
	/* the first digit of a pair is its low byte here */
	pairs = (pairs << 4 | pairs >> 8) & 0xff;
	bytes = __builtin_convertvector(pairs, hex_bytes);
	memcpy(out, &bytes, sizeof(bytes));
	return true;
}
#else
#define HEX_STEP SIZE_MAX

static bool
hex_step(const char *text, uint8_t *out)
{
	(void)text;
	(void)out;
	return false;
}
#endif

long
num_hex(const char *text, size_t size, uint8_t *out, size_t room)
{
	const uint8_t *in = (const uint8_t *)text;
	size_t i = 0;
	unsigned seen = 0;

	if (size % 2 != 0 || size / 2 > room)
		return -1;
	for (; size - i >= HEX_STEP; i += HEX_STEP)
		if (!hex_step(text + i, out + i / 2))
			return -1;
	for (; i < size; i += 2) {
		unsigned high = num_hex_digit[in[i]] - 1U;
		unsigned low = num_hex_digit[in[i + 1]] - 1U;

		seen |= high | low;
		out[i / 2] = (uint8_t)(high << 4 | low);
	}
	/* what is no digit became 0 - 1, with all bits set */
	return seen > 15 ? -1 : (long)(size / 2);
}

/* Length of the well-formed sequence at s (Unicode 15, table 3-7), or 0. */
static size_t
sequence(const unsigned char *s, size_t left)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t size;

	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		size = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		size = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		size = 4;
	else
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (left < size || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < size; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return size;
}

bool
num_utf8(const char *text, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t i = 0;

	while (i < size) {
		size_t step = s[i] < 0x80 ? 1 : sequence(s + i, size - i);

		if (step == 0)
			return false;
		i += step;
	}
	return true;
}
