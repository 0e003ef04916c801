/*
 * JK02: 55 AA EB 90, kind, counter, payload, sum; 300 bytes, as a device
 * pushes them or as the PB series answers on RS485. There the request has
 * the form of a Modbus write of 0 to a register that stores nothing, and the
 * same form comes back behind the 300 bytes.
 */
#include <string.h>

#include "base/crc.h"
#include "profile/framing.h"
#include "profile/writing.h"

#define JK02_SIZE 300
#define JK02_STATUS 2

/* 1620 status, 161E settings, 161C about the device. */
static int
ask(const char *request, unsigned unit, struct buf *out)
{
	static const struct {
		unsigned place;
		int key;
	} known[] = { { 0x1620, JK02_STATUS }, { 0x161e, 1 }, { 0x161c, 3 } };
	int number = framing_number(request, strlen(request));

	if (*request == '\0')
		return JK02_STATUS;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		uint8_t bytes[11] = { (uint8_t)unit, 0x10, 0x16,
			(uint8_t)known[i].place, 0, 1, 2, 0, 0 };
		unsigned crc = crc_modbus(bytes, 9);

		if (number != (int)known[i].place)
			continue;
		bytes[9] = (uint8_t)crc;
		bytes[10] = (uint8_t)(crc >> 8);
		if (out != NULL)
			buf_put(out, bytes, sizeof(bytes));
		return known[i].key;
	}
	return -1;
}

static enum framing_look
look(const uint8_t *bytes, size_t size, struct framing_found *found)
{
	static const uint8_t head[4] = { 0x55, 0xaa, 0xeb, 0x90 };

	if (memcmp(bytes, head, size < sizeof(head) ? size : sizeof(head)) != 0)
		return FRAMING_NONE;
	if (size < JK02_SIZE)
		return FRAMING_MORE;
	if ((framing_sum(bytes, JK02_SIZE - 1) & 0xff) != bytes[JK02_SIZE - 1])
		return FRAMING_WRONG;
	found->size = found->body_size = JK02_SIZE;
	found->body = bytes;
	found->key = bytes[4];
	return FRAMING_WHOLE;
}

static void
put(struct writing *w, struct frame *frame)
{
	static const uint8_t head[4] = { 0x55, 0xaa, 0xeb, 0x90 };

	for (size_t i = 0; i < w->piece_count; i++) {
		const struct written_piece *piece = &w->pieces[i];
		uint8_t bytes[JK02_SIZE] = { 0 };
		size_t size = piece->used < JK02_SIZE ? piece->used : JK02_SIZE;

		memcpy(bytes, piece->data, size);
		memcpy(bytes, head, sizeof(head));
		bytes[4] = (uint8_t)(piece->first >> 16);
		bytes[JK02_SIZE - 1] =
		    (uint8_t)framing_sum(bytes, JK02_SIZE - 1);
		framing_line(w, frame, bytes, sizeof(bytes));
	}
}

const struct framing framing_jk02 = { .name = "jk02",
	.member = "frame",
	.key = JK02_STATUS,
	.gap_ms = 120,
	.ask = ask,
	.look = look,
	.put = put };
