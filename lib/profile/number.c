/* Numbers that are not binary as a machine has them. */
#include "profile/number.h"

#define WORD_BASE 10000

bool
number_bcd(uint64_t bits, unsigned digits, int64_t *number)
{
	*number = 0;
	while (digits-- > 0) {
		unsigned digit = (unsigned)(bits >> 4 * digits & 0xf);

		if (digit > 9)
			return false;
		*number = *number * 10 + digit;
	}
	return true;
}

bool
number_m10k(uint64_t bits, unsigned words, int64_t *number)
{
	*number = 0;
	while (words-- > 0) {
		unsigned word = (unsigned)(bits >> 16 * words & 0xffff);

		if (word >= WORD_BASE)
			return false;
		*number = *number * WORD_BASE + word;
	}
	return true;
}

int64_t
number_sign(uint64_t bits, unsigned width)
{
	uint64_t sign = UINT64_C(1) << (width - 1);
	int64_t magnitude = (int64_t)(bits & (sign - 1));

	return (bits & sign) != 0 ? -magnitude : magnitude;
}

/* Digits of a number in another base, each in so many bits. */
static uint64_t
digits_of(int64_t number, unsigned base, unsigned bits, unsigned count)
{
	uint64_t packed = 0;

	for (unsigned i = 0; i < count; i++, number /= base)
		packed |= (uint64_t)(number % base) << bits * i;
	return packed;
}

uint64_t
number_to_bcd(int64_t number, unsigned digits)
{
	return digits_of(number, 10, 4, digits);
}

uint64_t
number_to_m10k(int64_t number, unsigned words)
{
	return digits_of(number, WORD_BASE, 16, words);
}

uint64_t
number_to_sign(int64_t number, unsigned width)
{
	if (number >= 0)
		return (uint64_t)number;
	return (uint64_t)-number | UINT64_C(1) << (width - 1);
}
