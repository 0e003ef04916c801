/*
 * Daly on UART and RS485: A5, address, command, 8, eight bytes, sum. Cells
 * and temperatures come in several such frames with a number from 1.
 */
#include <string.h>

#include "base/num.h"
#include "profile/framing.h"
#include "profile/writing.h"

#define DALY_SIZE 13
#define HEAD 4
#define HOST 0x3f /* with a board's number: the address of its host */
#define STATE 0x94 /* how many cells and sensors there are */

/* Bytes of a list that one frame carries; 0: the command has no list. */
static size_t
list_step(int command)
{
	switch (command) {
	case 0x95:
		return 6;
	case 0x57:
	case 0x96:
		return 7;
	default:
		return 0;
	}
}

static void
seal(uint8_t bytes[DALY_SIZE])
{
	bytes[DALY_SIZE - 1] = (uint8_t)framing_sum(bytes, DALY_SIZE - 1);
}

/* 50 to 5F: what the board is set to; 90 to 98: what it measures. */
static int
ask(const char *request, unsigned unit, struct buf *out)
{
	int number = framing_number(request, strlen(request));
	uint8_t bytes[DALY_SIZE] = { 0xa5, (uint8_t)(HOST + unit),
		(uint8_t)number, 8 };

	if ((number < 0x50 || number > 0x5f) &&
	    (number < 0x90 || number > 0x98))
		return -1;
	seal(bytes);
	if (out != NULL)
		buf_put(out, bytes, sizeof(bytes));
	return number;
}

static enum framing_look
look(const uint8_t *bytes, size_t size, struct framing_found *found)
{
	if (bytes[0] != 0xa5 || (size > 3 && bytes[3] != 8))
		return FRAMING_NONE;
	if (size < DALY_SIZE)
		return FRAMING_MORE;
	if ((framing_sum(bytes, DALY_SIZE - 1) & 0xff) != bytes[DALY_SIZE - 1])
		return FRAMING_WRONG;
	found->size = DALY_SIZE;
	found->unit = bytes[1];
	found->request = bytes[1] > HOST;
	found->key = bytes[2];
	found->body = bytes + HEAD;
	found->body_size = 8;
	return FRAMING_WHOLE;
}

/* A list's frames one behind the other, without their numbers. */
static int
take(struct evidence *evidence, const struct framing_found *found,
    struct arena *arena, struct failure *why)
{
	uint32_t first = (uint32_t)found->key << 16;
	size_t step = list_step(found->key);
	unsigned number = found->body[0];

	(void)arena;
	(void)why;
	if (step == 0)
		framing_piece(evidence, first, found->body, 8);
	else if (number > 0 && number < 0x80)
		framing_piece(evidence, first + (number - 1) * (uint32_t)step,
		    found->body + 1, step);
	return 0;
}

/* By the numbers of cells and sensors that command 94 told before. */
static unsigned
count(int key, const struct frame *before)
{
	uint8_t bytes[DALY_SIZE];

	if (list_step(key) == 0)
		return 1;
	if (key == 0x57)
		return 5;
	for (size_t i = before->count; i-- > 0;) {
		const struct frame_answer *line = &before->part.answer[i];
		unsigned items;

		if (num_hex(line->text, line->text_size, bytes,
			sizeof(bytes)) != DALY_SIZE ||
		    bytes[2] != STATE)
			continue;
		items = key == 0x95 ? (bytes[HEAD] + 2U) / 3
				    : (bytes[HEAD + 1] + 6U) / 7;
		return items == 0 ? 1 : items;
	}
	return 0;
}

static void
put_list(struct writing *w, struct frame *frame,
    const struct written_piece *piece, size_t step)
{
	for (size_t at = 0; at < piece->used; at += step) {
		uint8_t bytes[DALY_SIZE] = { 0xa5, 1,
			(uint8_t)(piece->first >> 16), 8,
			(uint8_t)(at / step + 1) };
		size_t size = piece->used - at;

		memcpy(bytes + HEAD + 1, piece->data + at,
		    size < step ? size : step);
		seal(bytes);
		framing_line(w, frame, bytes, sizeof(bytes));
	}
}

static void
put(struct writing *w, struct frame *frame)
{
	for (size_t i = 0; i < w->piece_count; i++) {
		const struct written_piece *piece = &w->pieces[i];
		int command = (int)(piece->first >> 16);
		uint8_t bytes[DALY_SIZE] = { 0xa5, 1, (uint8_t)command, 8 };

		if (list_step(command) != 0) {
			put_list(w, frame, piece, list_step(command));
			continue;
		}
		memcpy(bytes + HEAD, piece->data,
		    piece->used < 8 ? piece->used : 8);
		seal(bytes);
		framing_line(w, frame, bytes, sizeof(bytes));
	}
}

static void
address(struct buf *bytes, size_t start, unsigned unit)
{
	if (bytes->size < start + DALY_SIZE)
		return;
	bytes->data[start + 1] = (char)unit;
	seal((uint8_t *)bytes->data + start);
}

const struct framing framing_daly = { .name = "daly",
	.member = "command",
	.key = -1,
	.gap_ms = 20,
	.ask = ask,
	.look = look,
	.count = count,
	.take = take,
	.put = put,
	.address = address };
