/* SunSpec: a chain of models out of register blocks. */
#include <stdlib.h>
#include <string.h>

#include "profile/evidence.h"

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
