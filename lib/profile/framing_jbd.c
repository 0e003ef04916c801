/*
 * JBD (Xiaoxiang, LLT Power, Overkill): DD, register, status, length, data,
 * two's complement of a sum that begins behind the register, 77.
 */
#include <string.h>

#include "profile/framing.h"
#include "profile/writing.h"

#define HEAD 4
#define BEHIND 3
#define LENGTH_MAX 128 /* of data; the longest known has 64 cells' bytes */

static void
close(uint8_t *bytes, size_t length)
{
	unsigned sum = 0x10000 - framing_sum(bytes + 2, length + 2);

	bytes[HEAD + length] = (uint8_t)(sum >> 8);
	bytes[HEAD + length + 1] = (uint8_t)sum;
	bytes[HEAD + length + 2] = 0x77;
}

/* 03 values, 04 cells, 05 the name, AA error counts. */
static int
ask(const char *request, unsigned unit, struct buf *out)
{
	int number = framing_number(request, strlen(request));
	uint8_t bytes[HEAD + BEHIND] = { 0xdd, 0xa5, (uint8_t)number, 0 };

	(void)unit; /* one device on a line */
	if (number != 3 && number != 4 && number != 5 && number != 0xaa)
		return -1;
	close(bytes, 0);
	if (out != NULL)
		buf_put(out, bytes, sizeof(bytes));
	return number;
}

static enum framing_look
look(const uint8_t *bytes, size_t size, struct framing_found *found)
{
	size_t length;

	if (bytes[0] != 0xdd)
		return FRAMING_NONE;
	if (size < HEAD)
		return FRAMING_MORE;
	length = bytes[3];
	if ((bytes[2] != 0 && bytes[2] != 0x80) || length > LENGTH_MAX)
		return FRAMING_NONE;
	if (size < HEAD + length + BEHIND)
		return FRAMING_MORE;
	if (((framing_sum(bytes + 2, length + 2) +
		 framing_u16(bytes + HEAD + length)) &
		0xffff) != 0 ||
	    bytes[HEAD + length + 2] != 0x77)
		return FRAMING_WRONG;
	found->size = HEAD + length + BEHIND;
	found->key = bytes[1];
	found->refusal = bytes[2];
	found->body = bytes + HEAD;
	found->body_size = length;
	return FRAMING_WHOLE;
}

static void
put(struct writing *w, struct frame *frame)
{
	for (size_t i = 0; i < w->piece_count; i++) {
		const struct written_piece *piece = &w->pieces[i];
		uint8_t bytes[HEAD + LENGTH_MAX + BEHIND] = { 0xdd };
		size_t size = piece->used;

		if (size > LENGTH_MAX)
			size = LENGTH_MAX;
		bytes[1] = (uint8_t)(piece->first >> 16);
		bytes[3] = (uint8_t)size;
		memcpy(bytes + HEAD, piece->data, size);
		close(bytes, size);
		framing_line(w, frame, bytes, HEAD + size + BEHIND);
	}
}

const struct framing framing_jbd = { .name = "jbd",
	.member = "command",
	.key = -1,
	.gap_ms = 20,
	.sleeps = true,
	.ask = ask,
	.look = look,
	.put = put };
