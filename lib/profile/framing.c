/*
 * Framings: where a device's own frames begin and end and what is proof of
 * them. What their bytes mean is the profile's business.
 */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "profile/evidence.h"

#define JK02_SIZE 300
#define JK_4E57_FIRST 11 /* of the first register code */
#define PIECES_MAX 256

static struct piece *
piece_add(struct evidence *e, uint32_t first, const uint8_t *data, size_t size)
{
	struct piece *piece = &e->pieces[e->piece_count++];

	piece->first = first;
	piece->function = e->profile->function;
	piece->data = data;
	piece->size = (uint32_t)size;
	return piece;
}

/* All lines of a frame, which are hexadecimal, as one run of bytes. */
static int
bytes_of_lines(const struct frame *frame, struct arena *arena, uint8_t **data,
    size_t *size, struct failure *why)
{
	size_t room = 0;

	*size = 0;
	for (size_t i = 0; i < frame->count; i++)
		room += frame->part.answer[i].text_size / 2;
	*data = arena_alloc(arena, room + 1);
	for (size_t i = 0; i < frame->count; i++) {
		long got = num_hex(frame->part.answer[i].text,
		    frame->part.answer[i].text_size, *data + *size,
		    room - *size);

		if (got < 0)
			return failure_set(why, EXIT_REFUSED,
			    "lines[%zu]: not hexadecimal", i);
		*size += (size_t)got;
	}
	return 0;
}

/* 55 AA EB 90, kind, counter, payload, sum: junk may lie between frames. */
int
framing_jk02(struct evidence *evidence, const struct frame *frame,
    struct arena *arena, struct failure *why)
{
	static const uint8_t head[4] = { 0x55, 0xaa, 0xeb, 0x90 };
	size_t size, bad = 0;
	uint8_t *data, sum;

	if (bytes_of_lines(frame, arena, &data, &size, why) != 0)
		return -1;
	evidence->pieces =
	    arena_alloc(arena, PIECES_MAX * sizeof(*evidence->pieces));
	for (size_t at = 0;
	     at + JK02_SIZE <= size && evidence->piece_count < PIECES_MAX;
	     at++) {
		if (memcmp(data + at, head, sizeof(head)) != 0)
			continue;
		sum = 0;
		for (size_t i = 0; i < JK02_SIZE - 1; i++)
			sum = (uint8_t)(sum + data[at + i]);
		if (sum != data[at + JK02_SIZE - 1]) {
			bad++;
			continue;
		}
		piece_add(evidence, (uint32_t)data[at + 4] << 16, data + at,
		    JK02_SIZE);
		at += JK02_SIZE - 1;
	}
	if (evidence->piece_count == 0)
		return failure_set(why, EXIT_REFUSED,
		    bad > 0 ? "a JK frame whose checksum is wrong"
			    : "no JK frame");
	return 0;
}

/* Bytes of each register code of the 4E57 frame from 0x79 on. */
static const uint8_t jk_4e57_sizes[] = { 0, 0, 0, 0, 0, 0, 0, /* 0x80: */ 2, 2,
	2, 2, 2, 1, 1, 2, 0, 4, 2, 2, 2, 0, 2, 2, /* 0x90: */ 2, 2, 2, 2, 2, 2,
	2, 2, 2, 2, 2, 2, 2, 1, 2, 2, /* 0xa0: */ 2, 2, 2, 2, 2, 2, 2, 2, 2, 1,
	4, 1, 1, 2, 1, 1, /* 0xb0: */ 2, 1, 10, 1, 8, 4, 4, 15, 1, 4, 24, 2, 2,
	2, 2, 2, /* 0xc0: */ 1 };

static size_t
jk_4e57_size(const uint8_t *data, size_t left)
{
	unsigned code = data[0];

	if (code == 0x79) /* carries its own length */
		return left < 2 ? 0 : data[1] + 1U;
	if (code < 0x79 || code - 0x79 >= sizeof(jk_4e57_sizes))
		return 0;
	return jk_4e57_sizes[code - 0x79];
}

/* Register codes and values up to the end mark. */
static int
jk_4e57_registers(
    struct evidence *e, const uint8_t *data, size_t size, struct failure *why)
{
	for (size_t at = 0; at < size && e->piece_count < PIECES_MAX;) {
		size_t width = jk_4e57_size(data + at, size - at);

		if (width == 0 || at + 1 + width > size)
			return failure_set(why, EXIT_REFUSED,
			    "JK register code 0x%02x is unknown or cut",
			    (unsigned)data[at]);
		piece_add(e, (uint32_t)data[at] << 16, data + at + 1, width);
		at += 1 + width;
	}
	return 0;
}

int
framing_jk_4e57(struct evidence *evidence, const struct frame *frame,
    struct arena *arena, struct failure *why)
{
	size_t size, length;
	uint8_t *data;
	unsigned sum = 0;

	if (bytes_of_lines(frame, arena, &data, &size, why) != 0)
		return -1;
	if (size < 20 || data[0] != 0x4e || data[1] != 0x57)
		return failure_set(why, EXIT_REFUSED, "no JK 4E57 frame");
	length = (size_t)data[2] << 8 | data[3];
	if (length + 2 > size || length < 18)
		return failure_set(why, EXIT_REFUSED, "a JK frame that is cut");
	for (size_t i = 0; i < length - 2; i++)
		sum += data[i];
	if ((sum & 0xffff) != ((unsigned)data[length] << 8 | data[length + 1]))
		return failure_set(
		    why, EXIT_REFUSED, "a JK frame whose checksum is wrong");
	evidence->pieces =
	    arena_alloc(arena, PIECES_MAX * sizeof(*evidence->pieces));
	return jk_4e57_registers(
	    evidence, data + JK_4E57_FIRST, length - 7 - JK_4E57_FIRST, why);
}

static int
by_address(const void *a, const void *b)
{
	const struct frame_block *const *x = a, *const *y = b;

	return (*x)->address < (*y)->address ? -1
					     : (*x)->address > (*y)->address;
}

/* Registers from the base on, as far as they go without a gap. */
static uint8_t *
image_of(const struct evidence *e, const struct frame *frame,
    struct arena *arena, size_t *size)
{
	const struct frame_block **sorted;
	size_t room = 0, base = e->profile->base;
	uint8_t *image;

	sorted = arena_alloc(arena, (frame->count + 1) * sizeof(*sorted));
	for (size_t i = 0; i < frame->count; i++) {
		sorted[i] = &frame->part.block[i];
		room += sorted[i]->size;
	}
	qsort(sorted, frame->count, sizeof(*sorted), by_address);
	image = arena_alloc(arena, room + 1);
	*size = 0;
	for (size_t i = 0; i < frame->count; i++) {
		size_t at = sorted[i]->address, skip;

		if (sorted[i]->function != e->profile->function ||
		    at > base + *size / 2 || at < base)
			continue;
		skip = *size - (at - base) * 2;
		if (skip >= sorted[i]->size)
			continue;
		memcpy(image + *size, sorted[i]->data + skip,
		    sorted[i]->size - skip);
		*size += sorted[i]->size - skip;
	}
	return image;
}

/* "SunS", then models: id, length, points, until id 0xffff. The first of
 * an id counts. */
int
framing_sunspec(struct evidence *evidence, const struct frame *frame,
    struct arena *arena, struct failure *why)
{
	size_t size, at = 4;
	uint8_t *image = image_of(evidence, frame, arena, &size);

	if (size < 4 || memcmp(image, "SunS", 4) != 0)
		return failure_set(why, EXIT_REFUSED,
		    "no SunSpec marker at register %u",
		    (unsigned)evidence->profile->base);
	evidence->pieces =
	    arena_alloc(arena, PIECES_MAX * sizeof(*evidence->pieces));
	while (at + 4 <= size && evidence->piece_count < PIECES_MAX) {
		uint32_t id = (uint32_t)image[at] << 8 | image[at + 1];
		size_t bytes =
		    ((size_t)image[at + 2] << 8 | image[at + 3]) * 2 + 4;

		if (id == 0xffff)
			break;
		piece_add(evidence, id << 16, image + at,
		    bytes < size - at ? bytes : size - at);
		at += bytes;
	}
	return 0;
}

/* "$#g00152.3$#v0013.33$": a letter, three digits, the value. */
json_t *
framing_green_bms(const struct frame *frame)
{
	json_t *items = json_object();
	char key[5];

	for (size_t i = 0; i < frame->count; i++) {
		const char *at = frame->part.answer[i].text;
		const char *end = at + frame->part.answer[i].text_size;

		while (at < end) {
			const char *next = memchr(at, '$', (size_t)(end - at));

			if (next == NULL)
				next = end;
			if (next - at >= 5 && at[0] == '#') {
				memcpy(key, at + 1, 4);
				key[4] = '\0';
				json_object_set_new(items, key,
				    json_stringn(
					at + 5, (size_t)(next - at - 5)));
			}
			at = next + 1;
		}
	}
	return items;
}
