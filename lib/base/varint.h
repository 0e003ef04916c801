/*
 * Whole numbers of any size in few bytes: seven bits a byte, the lowest
 * first, and the highest bit set where more follow.
 */
#ifndef BASE_VARINT_H
#define BASE_VARINT_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of the longest one. */
#define VARINT_MAX 10

/* Small numbers of either sign as small numbers: 2v for v >= 0, else
 * -2v - 1 ("zigzag"); and back. */
static inline uint64_t
varint_code(int64_t value)
{
	return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static inline int64_t
varint_signed(uint64_t code)
{
	return (int64_t)(code >> 1) ^ -(int64_t)(code & 1);
}

/* Write it where there is room for VARINT_MAX bytes; returns what is behind
 * it. */
static inline uint8_t *
varint_put(uint8_t *out, uint64_t value)
{
	while (value >= 0x80) {
		*out++ = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	*out++ = (uint8_t)value;
	return out;
}

/* Numbers one after the other; `bad` once one was cut or too long, and all
 * that come then are 0. */
struct varint_reader {
	const uint8_t *next, *end;
	bool bad;
};

/* One of any length, or one that is cut. */
static inline uint64_t
varint_get_long(struct varint_reader *in)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (in->next == in->end)
			break;
		value |= (uint64_t)(*in->next & 0x7f) << shift;
		if ((*in->next++ & 0x80) == 0)
			return value;
	}
	in->bad = true;
	in->next = in->end;
	return 0;
}

/* Nearly all have one byte or two. */
static inline uint64_t
varint_get(struct varint_reader *in)
{
	const uint8_t *next = in->next;

	if (in->end - next >= 2) {
		if (next[0] < 0x80) {
			in->next = next + 1;
			return next[0];
		}
		if (next[1] < 0x80) {
			in->next = next + 2;
			return (next[0] & 0x7fu) | (uint64_t)next[1] << 7;
		}
	}
	return varint_get_long(in);
}

#endif
