/*
 * ANT boards of the newer protocol: 7E A1, function, address, length, data,
 * CRC (both low byte first), AA 55. Cells and sensors make the data of the
 * status vary: part 0 is all of them, part 1 the cells, part 2 their sensors
 * and part 3 what follows.
 */
#include <string.h>

#include "base/crc.h"
#include "profile/evidence.h"
#include "profile/framing_cut.h"
#include "profile/writing.h"

#define HEAD 6
#define BEHIND 4
#define STATUS 0x11
#define FIXED 28 /* bytes of data before the cells */

static void
seal(struct buf *out, size_t start)
{
	const uint8_t *bytes = (const uint8_t *)out->data + start;
	uint16_t crc = crc_modbus(bytes + 1, out->size - start - 1);

	buf_put(out,
	    (const uint8_t[]){ (uint8_t)crc, (uint8_t)(crc >> 8), 0xaa, 0x55 },
	    BEHIND);
}

/* 01: the status. */
static int
ask(const char *request, unsigned unit, struct buf *out)
{
	static const uint8_t bytes[HEAD] = { 0x7e, 0xa1, 1, 0, 0, 0xbe };
	size_t start;

	(void)unit; /* one device on a line */
	if (framing_number(request, strlen(request)) != 1)
		return -1;
	if (out == NULL)
		return STATUS;
	start = out->size;
	buf_put(out, bytes, sizeof(bytes));
	seal(out, start);
	return STATUS;
}

static enum framing_look
look(const uint8_t *bytes, size_t size, struct framing_found *found)
{
	size_t whole;
	bool asks;

	if (bytes[0] != 0x7e || (size > 1 && bytes[1] != 0xa1))
		return FRAMING_NONE;
	if (size < HEAD)
		return FRAMING_MORE;
	asks = bytes[2] < 0x10; /* then the length is that of the answer */
	whole = HEAD + (asks ? 0U : bytes[5]) + BEHIND;
	if (size < whole)
		return FRAMING_MORE;
	if (bytes[whole - 2] != 0xaa || bytes[whole - 1] != 0x55 ||
	    crc_modbus(bytes + 1, whole - BEHIND - 1) !=
		(bytes[whole - 4] | bytes[whole - 3] << 8))
		return FRAMING_WRONG;
	found->size = whole;
	found->key = bytes[2];
	found->request = asks;
	found->body = bytes + HEAD;
	found->body_size = whole - HEAD - BEHIND;
	return FRAMING_WHOLE;
}

static int
take(struct evidence *evidence, const struct framing_found *found,
    struct arena *arena, struct failure *why)
{
	struct framing_cut cut = { .evidence = evidence,
		.data = found->body,
		.size = found->body_size,
		.at = FIXED,
		.key = (unsigned)found->key,
		.part = 1 };

	(void)arena;
	(void)why;
	framing_piece(evidence, cut.key << 16, cut.data, cut.size);
	if (cut.key != STATUS || cut.size < FIXED)
		return 0;
	framing_part(&cut, 2U * cut.data[3]);
	framing_part(&cut, 2U * cut.data[2]);
	framing_part(&cut, cut.size);
	return 0;
}

/* The lists are as long as the first part says. */
static void
put(struct writing *w, struct frame *frame)
{
	uint8_t data[HEAD + 255] = { 0x7e, 0xa1, STATUS };
	struct buf out = { 0 };
	size_t size = 0;

	for (size_t i = 0; i < w->piece_count; i++) {
		const struct written_piece *piece = &w->pieces[i];
		unsigned part = piece->first >> 24;
		size_t one = part == 0 ? FIXED
		    : part == 1        ? 2U * data[HEAD + 3]
		    : part == 2        ? 2U * data[HEAD + 2]
				       : piece->used;

		if (one > 255 - size)
			break;
		memcpy(data + HEAD + size, piece->data,
		    one < piece->size ? one : piece->size);
		size += one;
	}
	data[5] = (uint8_t)size;
	buf_put(&out, data, HEAD + size);
	seal(&out, 0);
	framing_line(w, frame, out.data, out.size);
	buf_free(&out);
}

const struct framing framing_ant = { .name = "ant",
	.member = "command",
	.key = STATUS,
	.has_parts = true,
	.gap_ms = 20,
	.ask = ask,
	.look = look,
	.take = take,
	.put = put };
