/*
 * The models of a SunSpec map in the registers that were read. These come
 * as runs without a gap: one begins with the marker "SunS", the others with
 * the id of a model, since a chain that is known is not read as a whole.
 */
#include <stdlib.h>
#include <string.h>

#include "profile/evidence.h"

#define PIECES_MAX 256
#define MARKER_SIZE 4
#define HEADER_SIZE 4 /* id and length */
#define END_ID 0xffff

struct run {
	uint32_t first; /* address */
	size_t size;
	uint8_t *data;
};

static int
by_address(const void *a, const void *b)
{
	const struct frame_block *const *x = a, *const *y = b;

	return (*x)->address < (*y)->address ? -1
					     : (*x)->address > (*y)->address;
}

/* The blocks of the map's function, by address. */
static size_t
sort_blocks(const struct evidence *e, const struct frame *frame,
    const struct frame_block **sorted, size_t *bytes)
{
	size_t count = 0;

	*bytes = 0;
	for (size_t i = 0; i < frame->count; i++) {
		const struct frame_block *block = &frame->part.block[i];

		if (block->function != e->profile->function)
			continue;
		sorted[count++] = block;
		*bytes += block->size;
	}
	qsort(sorted, count, sizeof(*sorted), by_address);
	return count;
}

/* Put blocks that touch or overlap together. The number of runs. */
static size_t
join(const struct frame_block **blocks, size_t count, uint8_t *room,
    struct run *runs)
{
	size_t run_count = 0;

	for (size_t i = 0; i < count; i++) {
		struct run *run = run_count > 0 ? &runs[run_count - 1] : NULL;
		size_t skip = 0;

		if (run == NULL ||
		    blocks[i]->address > run->first + run->size / 2) {
			run = &runs[run_count++];
			run->first = blocks[i]->address;
			run->size = 0;
			run->data = room;
		} else {
			skip = run->size -
			    2 * (size_t)(blocks[i]->address - run->first);
		}
		if (skip >= blocks[i]->size)
			continue;
		memcpy(room, blocks[i]->data + skip, blocks[i]->size - skip);
		run->size += blocks[i]->size - skip;
		room += blocks[i]->size - skip;
	}
	return run_count;
}

static unsigned
word_at(const uint8_t *data)
{
	return (unsigned)data[0] << 8 | data[1];
}

/* Which of the models with its id is it? */
static unsigned
instance_of(const struct evidence *e, unsigned id)
{
	unsigned before = 0;

	for (size_t i = 0; i < e->piece_count; i++)
		before += e->pieces[i].first >> 16 == id;
	return before;
}

/* Models from here on, as far as the run goes. */
static void
walk(struct evidence *e, const struct run *run, size_t at)
{
	while (at + HEADER_SIZE <= run->size && e->piece_count < PIECES_MAX) {
		unsigned id = word_at(run->data + at);
		unsigned length = word_at(run->data + at + 2);
		unsigned instance = instance_of(e, id);
		size_t size = length * (size_t)2 + HEADER_SIZE;
		struct piece *piece = &e->pieces[e->piece_count];

		if (id == END_ID || id == 0 || length > SUNSPEC_LENGTH_MAX)
			return;
		piece->first = SUNSPEC_ADDRESS(id, instance, 0);
		piece->function = e->profile->function;
		piece->data = run->data + at;
		piece->size =
		    (uint32_t)(size < run->size - at ? size : run->size - at);
		if (instance < SUNSPEC_INSTANCES_MAX)
			e->piece_count++;
		at += size;
	}
}

static bool
has_marker(const struct run *run)
{
	return run->size >= MARKER_SIZE && memcmp(run->data, "SunS", 4) == 0;
}

int
framing_sunspec(struct evidence *evidence, const struct frame *frame,
    struct arena *arena, struct failure *why)
{
	const struct frame_block **sorted =
	    arena_alloc(arena, (frame->count + 1) * sizeof(*sorted));
	struct run *runs =
	    arena_alloc(arena, (frame->count + 1) * sizeof(*runs));
	size_t bytes;
	size_t count = sort_blocks(evidence, frame, sorted, &bytes);
	bool marked = false;

	count = join(sorted, count, arena_alloc(arena, bytes + 1), runs);
	for (size_t i = 0; i < count; i++)
		marked |= has_marker(&runs[i]);
	if (!marked)
		return failure_set(
		    why, EXIT_REFUSED, "no SunSpec marker in the registers");
	evidence->pieces =
	    arena_alloc(arena, PIECES_MAX * sizeof(*evidence->pieces));
	for (size_t i = 0; i < count; i++)
		walk(
		    evidence, &runs[i], has_marker(&runs[i]) ? MARKER_SIZE : 0);
	return 0;
}
