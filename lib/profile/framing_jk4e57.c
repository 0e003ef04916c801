/*
 * JK 4E57: length, terminal, command, source, type, registers with their
 * codes, record number, 68, sum. How wide a register is does not stand in
 * the frame.
 */
#include <string.h>

#include "profile/evidence.h"
#include "profile/framing.h"
#include "profile/writing.h"

#define FIRST 11 /* of the first register code */
#define BEHIND 9 /* record number, end mark, sum */
#define READ_ALL 6

/* Bytes of each register code from 0x79 on. */
static const uint8_t sizes[] = { 0, 0, 0, 0, 0, 0, 0, /* 0x80: */ 2, 2, 2, 2, 2,
	1, 1, 2, 0, 4, 2, 2, 2, 0, 2, 2, /* 0x90: */ 2, 2, 2, 2, 2, 2, 2, 2, 2,
	2, 2, 2, 2, 1, 2, 2, /* 0xa0: */ 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 4, 1, 1,
	2, 1, 1, /* 0xb0: */ 2, 1, 10, 1, 8, 4, 4, 15, 1, 4, 24, 2, 2, 2, 2, 2,
	/* 0xc0: */ 1 };

/* Put the head before and the proof behind what was put from `start` on. */
static void
enclose(struct buf *out, size_t start, uint8_t source, uint8_t type)
{
	size_t length = out->size - start - 2 + BEHIND;
	const uint8_t head[FIRST] = { 0x4e, 0x57, (uint8_t)(length >> 8),
		(uint8_t)length, 0, 0, 0, 0, READ_ALL, source, type };
	const uint8_t end[5] = { 0, 0, 0, 0, 0x68 };
	unsigned sum;

	memcpy(out->data + start, head, sizeof(head));
	buf_put(out, end, sizeof(end));
	sum = framing_sum((uint8_t *)out->data + start, out->size - start);
	buf_put(out,
	    (const uint8_t[]){ 0, 0, (uint8_t)(sum >> 8), (uint8_t)sum }, 4);
}

/* 06: read all. */
static int
ask(const char *request, unsigned unit, struct buf *out)
{
	static const uint8_t all[FIRST + 1] = { 0 };
	size_t start;

	(void)unit; /* one device on a line */
	if (framing_number(request, strlen(request)) != READ_ALL)
		return *request == '\0' ? READ_ALL : -1;
	if (out == NULL)
		return READ_ALL;
	start = out->size;
	buf_put(out, all, sizeof(all));
	enclose(out, start, 3, 0);
	return READ_ALL;
}

static enum framing_look
look(const uint8_t *bytes, size_t size, struct framing_found *found)
{
	size_t length;

	if (bytes[0] != 0x4e || (size > 1 && bytes[1] != 0x57))
		return FRAMING_NONE;
	if (size < FIRST)
		return FRAMING_MORE;
	length = framing_u16(bytes + 2);
	if (length < FIRST - 2 + BEHIND || length > 1024 || bytes[10] > 2)
		return FRAMING_NONE;
	if (size < length + 2)
		return FRAMING_MORE;
	if (bytes[length - 3] != 0x68 || framing_u16(bytes + length - 2) != 0 ||
	    framing_sum(bytes, length - 2) != framing_u16(bytes + length))
		return FRAMING_WRONG;
	found->size = length + 2;
	found->key = bytes[8];
	found->request = bytes[10] == 0;
	found->body = bytes + FIRST;
	found->body_size = length + 2 - FIRST - BEHIND;
	return FRAMING_WHOLE;
}

static size_t
width(const uint8_t *data, size_t left)
{
	unsigned code = data[0];

	if (code == 0x79) /* carries its own length */
		return left < 2 ? 0 : data[1] + 1U;
	if (code < 0x79 || code - 0x79 >= sizeof(sizes))
		return 0;
	return sizes[code - 0x79];
}

/* Register codes and values up to the end mark. */
static int
take(struct evidence *evidence, const struct framing_found *found,
    struct arena *arena, struct failure *why)
{
	const uint8_t *data = found->body;

	(void)arena;
	for (size_t at = 0; at < found->body_size;) {
		size_t size = width(data + at, found->body_size - at);

		if (size == 0 || at + 1 + size > found->body_size)
			return failure_set(why, EXIT_REFUSED,
			    "JK register code 0x%02x is unknown or cut",
			    (unsigned)data[at]);
		framing_piece(
		    evidence, (uint32_t)data[at] << 16, data + at + 1, size);
		at += 1 + size;
	}
	return 0;
}

/* One register; that of the cells counts and numbers them. */
static void
put_register(struct buf *out, const struct written_piece *piece)
{
	uint8_t code = (uint8_t)(piece->first >> 16);
	size_t size = piece->used;

	if (code != 0x79) {
		if (code < 0x79 || code - 0x79U >= sizeof(sizes) ||
		    sizes[code - 0x79] > piece->size)
			return;
		buf_char(out, (char)code);
		buf_put(out, piece->data, sizes[code - 0x79]);
		return;
	}
	if (size < 1)
		return;
	piece->data[0] = (uint8_t)(size - 1);
	for (size_t i = 1; i < size; i += 3)
		piece->data[i] = (uint8_t)(i / 3 + 1);
	buf_char(out, (char)code);
	buf_put(out, piece->data, size);
}

static void
put(struct writing *w, struct frame *frame)
{
	static const uint8_t head[FIRST] = { 0 };
	struct buf out = { 0 };

	buf_put(&out, head, sizeof(head));
	for (size_t i = 0; i < w->piece_count; i++)
		put_register(&out, &w->pieces[i]);
	enclose(&out, 0, 0, 1);
	framing_line(w, frame, out.data, out.size);
	buf_free(&out);
}

const struct framing framing_jk_4e57 = { .name = "jk-4e57",
	.member = "tag",
	.key = -1,
	.gap_ms = 20,
	.ask = ask,
	.look = look,
	.take = take,
	.put = put };
