/* A signal's bits in a message, by the rules of DBC files. */
#ifndef PROFILE_BITS_H
#define PROFILE_BITS_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes that must be readable behind a message handed to bits_get. */
#define BITS_SLACK 8

/*
 * start counts bits as DBC files do: bit n is in byte n / 8 with the weight
 * 1 << n % 8; it is the lowest bit of an Intel signal and the highest one
 * of a Motorola signal. length is 1 to 64.
 */
struct bits {
	uint16_t start;
	uint8_t length;
	bool motorola;
	bool is_signed;
	/* set by bits_set: */
	bool wide; /* more than 8 bytes hold it */
	uint8_t shift;
	uint16_t byte; /* of the first byte that holds it */
	uint16_t end; /* bytes that a message must have */
};

/* Where a signal of 1 to 64 bits stands; `start` as a DBC file counts. */
void bits_set(struct bits *bits, unsigned start, unsigned length, bool motorola,
    bool is_signed);
/* What bits_get does where nine bytes hold the signal. */
int64_t bits_get_wide(const struct bits *bits, const uint8_t *data);
static inline int64_t
bits_extend(const struct bits *bits, uint64_t number)
{
	unsigned above = 64U - bits->length;

	return bits->is_signed ? (int64_t)(number << above) >> above
			       : (int64_t)(number << above >> above);
}
/* The raw number, sign-extended where signed. data has BITS_SLACK bytes
 * behind its size. False when the message is too short. */
static inline bool
bits_get(
    const struct bits *bits, const uint8_t *data, size_t size, int64_t *raw)
{
	uint64_t word;

	if (bits->end > size)
		return false;
	if (bits->wide) {
		*raw = bits_get_wide(bits, data);
		return true;
	}
	memcpy(&word, data + bits->byte, sizeof(word));
	word = bits->motorola ? be64toh(word) : le64toh(word);
	*raw = bits_extend(bits, word >> bits->shift);
	return true;
}
/* Write it; false where it does not fit the signal or the message. */
bool bits_put(const struct bits *bits, uint8_t *data, size_t size, int64_t raw);
/* The range of raw numbers that fit. */
int64_t bits_low(const struct bits *bits);
int64_t bits_high(const struct bits *bits);

#endif
