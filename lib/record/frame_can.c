/*
 * CAN messages as candump -L writes them (can-utils, lib.c): 123#DEADBEEF
 * with 3 digits of a standard identifier or 8 of an extended one,
 * 123##1DEADBEEF for CAN FD with a digit of flags. Error and remote frames
 * carry no data and are none of ours.
 */
#include <string.h>

#include "base/num.h"
#include "record/frame.h"

#define ID_STANDARD 0x7ff
#define ID_EXTENDED 0x1fffffff
#define CAN_CLASSIC_MAX 8
#define USUAL_SIZE 20 /* of 123# and 16 digits */

static bool
parse_id(const char *text, size_t size, struct frame_can *can)
{
	uint32_t id = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned value = num_hex_digit[(unsigned char)text[i]];

		if (value == 0)
			return false;
		id = id << 4 | (value - 1);
	}
	can->id = id;
	can->extended = size == 8;
	return id <= (can->extended ? ID_EXTENDED : ID_STANDARD);
}

/* Length of a CAN FD message that its DLC can say? */
static bool
size_ok(size_t size, bool fd)
{
	if (size <= CAN_CLASSIC_MAX)
		return true;
	return fd && size <= FRAME_CAN_MAX &&
	    (size <= 24 ? size % 4 == 0
			: size == 32 || size == 48 || size == 64);
}

/* 123# and eight bytes, as nearly all messages are. */
static bool
parse_usual(const char *text, struct frame_can *can, uint8_t *data)
{
	const uint8_t *in = (const uint8_t *)text;
	unsigned high = num_hex_digit[in[0]] - 1U;
	unsigned middle = num_hex_digit[in[1]] - 1U;
	unsigned low = num_hex_digit[in[2]] - 1U;

	if ((high | middle | low) > 15 || high > ID_STANDARD >> 8 ||
	    num_hex(text + 4, USUAL_SIZE - 4, data, CAN_CLASSIC_MAX) < 0)
		return false;
	*can = (struct frame_can){ .id = high << 8 | middle << 4 | low,
		.size = CAN_CLASSIC_MAX,
		.data = data };
	return true;
}

bool
frame_can_parse(const char *text, size_t size, struct frame_can *can,
    uint8_t data[FRAME_CAN_MAX])
{
	size_t at = size > 3 && text[3] == '#' ? 3 : 8;
	long count;

	if (size == USUAL_SIZE && at == 3 && text[4] != '#')
		return parse_usual(text, can, data);
	if (size <= at || text[at] != '#' || !parse_id(text, at, can))
		return false;
	at++;
	can->fd = at < size && text[at] == '#';
	if (can->fd) {
		at++;
		if (at >= size || num_hex_digit[(unsigned char)text[at]] == 0)
			return false;
		at++;
	}
	count = num_hex(text + at, size - at, data, FRAME_CAN_MAX);
	if (count < 0 || !size_ok((size_t)count, can->fd))
		return false;
	can->size = (uint8_t)count;
	can->data = data;
	return true;
}

void
frame_can_print(const struct frame_can *can, struct buf *out)
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned shift = can->extended ? 32 : 12;
	char text[8 + 3 + 2 * FRAME_CAN_MAX];
	size_t size = 0;

	while (shift > 0) {
		shift -= 4;
		text[size++] = hex[can->id >> shift & 15];
	}
	text[size++] = '#';
	if (can->fd) {
		text[size++] = '#';
		text[size++] = '0';
	}
	for (unsigned i = 0; i < can->size; i++) {
		text[size++] = hex[can->data[i] >> 4];
		text[size++] = hex[can->data[i] & 15];
	}
	buf_put(out, text, size);
}
