/* Any registers as a SunSpec device: polled as the reader says, with
 * refusals strewn in, decoded, and guessed at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile/guess.h"
#include "profile/profile.h"
#include "wire/modbus_reader.h"

#define BASE 40000
#define BLOCKS_MAX 512

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct profile *profile;
static struct arena arena;

static void
prepare(void)
{
	const char *share = getenv("TBMS_SHARE");
	struct failure why;
	char dir[4096];

	snprintf(
	    dir, sizeof(dir), "%s/profiles", share == NULL ? "share" : share);
	profile = profile_open(dir, "sunspec-battery", &why);
	if (profile == NULL)
		abort();
}

/* What a poll brought, in a form that is read behind its end at once. */
static void
keep(
    struct frame *frame, const struct profile_block *block, const uint8_t *data)
{
	struct frame_block *kept = &frame->part.block[frame->count];
	size_t size = block->count * (size_t)2;

	if (frame->count == BLOCKS_MAX)
		return;
	kept->function = block->function;
	kept->address = block->address;
	kept->size = (uint16_t)size;
	kept->data = malloc(size);
	memcpy((uint8_t *)(uintptr_t)kept->data, data, size);
	frame->count++;
}

static void
forget(struct frame *frame)
{
	while (frame->count > 0)
		free((uint8_t *)(uintptr_t)frame->part.block[--frame->count]
			 .data);
}

/* One poll; every so many requests are refused. */
static void
poll(struct modbus_reader *reader, unsigned often, const uint8_t *bytes,
    size_t size, struct frame *frame)
{
	struct profile_block block;
	unsigned asked = 0;

	modbus_reader_begin(reader, 0);
	while (modbus_reader_next(reader, &block)) {
		size_t at = (size_t)(block.address - BASE) * 2;
		enum modbus_reader_result result;

		if (++asked > 20000)
			abort();
		if (block.address < BASE || at + 2 * block.count > size ||
		    (often > 0 && asked % often == 0))
			result = modbus_reader_refuse(reader, 2 + asked % 2);
		else
			result = modbus_reader_take(
			    reader, bytes + at, 2 * (size_t)block.count);
		if (result == READER_AGAIN)
			forget(frame);
		if (result == READER_KEEP)
			keep(frame, &block, bytes + at);
	}
	(void)modbus_reader_whole(reader);
}

static void
guess(const uint8_t *bytes, size_t size)
{
	static const struct decimal wanted = { 532, -1 };
	struct guess_registers registers = {
		.first = BASE, .count = (uint32_t)(size / 2), .data = bytes
	};
	struct guess guesses[4];
	bool *known = malloc(registers.count + 1);

	for (size_t i = 0; i < registers.count; i++)
		known[i] = bytes[i] % 8 != 0;
	registers.known = known;
	if (guess_find(&registers, &wanted, guesses, 4) > 4)
		abort();
	free(known);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct frame_block blocks[BLOCKS_MAX];
	struct modbus_reader *reader;
	struct reading reading;
	struct failure why;
	struct frame frame;

	if (profile == NULL)
		prepare();
	if (size < 2)
		return 0;
	reader = modbus_reader_open(profile, bytes[0] % 126);
	for (int i = 0; i < 2; i++) {
		frame_clear(&frame);
		frame.protocol = FRAME_MODBUS;
		frame.complete = true;
		frame.part.block = blocks;
		poll(reader, bytes[1], bytes + 2, size - 2, &frame);
		arena_reset(&arena);
		(void)profile_decode(profile, &frame, &arena, &reading, &why);
		forget(&frame);
	}
	modbus_reader_free(reader);
	guess(bytes, size < 400 ? size : 400);
	return 0;
}
