/* Signals out of and into message bytes. */
#include "profile/bits.h"

/* Index from the first bit on the wire, counted from each byte's top. */
static unsigned
wire_index(unsigned start)
{
	return 8 * (start / 8) + (7 - start % 8);
}

void
bits_set(struct bits *bits, unsigned start, unsigned length, bool motorola,
    bool is_signed)
{
	unsigned first = motorola ? wire_index(start) : start;

	bits->start = (uint16_t)start;
	bits->length = (uint8_t)length;
	bits->motorola = motorola;
	bits->is_signed = is_signed;
	bits->byte = (uint16_t)(first / 8);
	bits->end = (uint16_t)((first + length + 7) / 8);
	bits->wide = first % 8 + length > 64;
	bits->shift = (uint8_t)(first % 8);
	if (motorola && !bits->wide)
		bits->shift = (uint8_t)(64 - first % 8 - length);
}

/* Where bit i of the value (from its lowest) lies. */
static void
locate(const struct bits *bits, unsigned i, unsigned *byte, unsigned *bit)
{
	unsigned index;

	if (!bits->motorola) {
		index = bits->start + i;
		*byte = index / 8;
		*bit = index % 8;
		return;
	}
	index = wire_index(bits->start) + bits->length - 1 - i;
	*byte = index / 8;
	*bit = 7 - index % 8;
}

int64_t
bits_get_wide(const struct bits *bits, const uint8_t *data)
{
	uint64_t number = 0;
	unsigned byte, bit;

	for (unsigned i = 0; i < bits->length; i++) {
		locate(bits, i, &byte, &bit);
		number |= (uint64_t)(data[byte] >> bit & 1) << i;
	}
	return bits_extend(bits, number);
}

bool
bits_put(const struct bits *bits, uint8_t *data, size_t size, int64_t raw)
{
	unsigned byte, bit;

	if (bits->end > size)
		return false;
	for (unsigned i = 0; i < bits->length; i++) {
		unsigned one = (unsigned)((uint64_t)raw >> i & 1);

		locate(bits, i, &byte, &bit);
		data[byte] =
		    (uint8_t)((data[byte] & ~(1U << bit)) | one << bit);
	}
	return true;
}

int64_t
bits_low(const struct bits *bits)
{
	if (!bits->is_signed)
		return 0;
	return bits->length >= 64 ? INT64_MIN
				  : -(INT64_C(1) << (bits->length - 1));
}

int64_t
bits_high(const struct bits *bits)
{
	unsigned length = bits->length - (bits->is_signed ? 1U : 0U);

	return length >= 63 ? INT64_MAX : (INT64_C(1) << length) - 1;
}
