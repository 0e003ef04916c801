/*
 * GoodWe's own frames (ES, EM, BP): AA 55, who says it, to whom, two bytes of
 * command, length, data, sum of all before it.
 */
#include <string.h>

#include "profile/framing.h"
#include "profile/writing.h"

#define HEAD 7
#define BEHIND 2
#define HOST 0xc0
#define INVERTER 0x7f
#define ANSWER 0x80 /* in the command of an answer */

static void
close(uint8_t *bytes, size_t length)
{
	unsigned sum = framing_sum(bytes, HEAD + length);

	bytes[HEAD + length] = (uint8_t)(sum >> 8);
	bytes[HEAD + length + 1] = (uint8_t)sum;
}

/* 0102 names, 0106 values, 0109 settings; all others could write. */
static int
ask(const char *request, unsigned unit, struct buf *out)
{
	int number = framing_number(request, strlen(request));
	uint8_t bytes[HEAD + BEHIND] = { 0xaa, 0x55, HOST, INVERTER, 1,
		(uint8_t)number, 0 };

	(void)unit; /* one inverter on a line */
	if (number != 0x102 && number != 0x106 && number != 0x109)
		return -1;
	close(bytes, 0);
	if (out != NULL)
		buf_put(out, bytes, sizeof(bytes));
	return number | ANSWER;
}

static enum framing_look
look(const uint8_t *bytes, size_t size, struct framing_found *found)
{
	size_t length;

	if (bytes[0] != 0xaa || (size > 1 && bytes[1] != 0x55))
		return FRAMING_NONE;
	if (size < HEAD)
		return FRAMING_MORE;
	length = bytes[6];
	if (size < HEAD + length + BEHIND)
		return FRAMING_MORE;
	if (framing_sum(bytes, HEAD + length) !=
	    framing_u16(bytes + HEAD + length))
		return FRAMING_WRONG;
	found->size = HEAD + length + BEHIND;
	found->key = (int)framing_u16(bytes + 4);
	found->request = bytes[2] == HOST;
	found->body = bytes + HEAD;
	found->body_size = length;
	return FRAMING_WHOLE;
}

static void
put(struct writing *w, struct frame *frame)
{
	for (size_t i = 0; i < w->piece_count; i++) {
		const struct written_piece *piece = &w->pieces[i];
		uint8_t bytes[HEAD + UINT8_MAX + BEHIND] = { 0xaa, 0x55,
			INVERTER, HOST };
		size_t size = piece->used;

		if (size > UINT8_MAX)
			size = UINT8_MAX;
		bytes[4] = (uint8_t)(piece->first >> 24);
		bytes[5] = (uint8_t)(piece->first >> 16);
		bytes[6] = (uint8_t)size;
		memcpy(bytes + HEAD, piece->data, size);
		close(bytes, size);
		framing_line(w, frame, bytes, HEAD + size + BEHIND);
	}
}

const struct framing framing_goodwe = { .name = "goodwe-aa55",
	.member = "command",
	.key = 0x186,
	.gap_ms = 100,
	.ask = ask,
	.look = look,
	.put = put };
