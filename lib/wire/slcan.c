/* See slcan.h. The kernel's slcan driver is the model for what is valid. */
#include "wire/slcan.h"

#include "base/num.h"

#define ID_MAX_STANDARD 0x7FFu
#define ID_MAX_EXTENDED 0x1FFFFFFFu

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static bool
read_id(const char *text, size_t digits, uint32_t *id)
{
	*id = 0;
	for (size_t i = 0; i < digits; i++) {
		int value = digit(text[i]);

		if (value < 0)
			return false;
		*id = *id << 4 | (uint32_t)value;
	}
	return *id <= (digits == 3 ? ID_MAX_STANDARD : ID_MAX_EXTENDED);
}

/* What a first character announces. */
static const struct form {
	char letter;
	bool extended, remote, fd;
} forms[] = { { 't', false, false, false }, { 'T', true, false, false },
	{ 'x', true, false, false }, { 'r', false, true, false },
	{ 'R', true, true, false }, { 'd', false, false, true },
	{ 'D', true, false, true }, { 'b', false, false, true },
	{ 'B', true, false, true } };

static const struct form *
form_of(char letter)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (forms[i].letter == letter)
			return &forms[i];
	return NULL;
}

/* What may stand behind a message: nothing, or a stamp of 4 or 8 digits. */
static bool
stamp_ok(const char *text, size_t size)
{
	if (size != 0 && size != 4 && size != 8)
		return false;
	for (size_t i = 0; i < size; i++)
		if (digit(text[i]) < 0)
			return false;
	return true;
}

enum slcan_result
slcan_parse(const char *line, size_t size, struct frame_can *can,
    uint8_t data[FRAME_CAN_MAX])
{
	static const uint8_t fd_sizes[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16,
		20, 24, 32, 48, 64 };
	const struct form *form = size > 0 ? form_of(line[0]) : NULL;
	size_t digits, at, bytes;
	int dlc;

	if (form == NULL)
		return SLCAN_NONE;
	digits = form->extended ? 8 : 3;
	*can = (struct frame_can){
		.extended = form->extended, .fd = form->fd, .data = data
	};
	at = 1 + digits;
	if (size < at || !read_id(line + 1, digits, &can->id))
		return SLCAN_DAMAGED;
	if (size == at) /* some leave the length of a request out */
		return form->remote ? SLCAN_REMOTE : SLCAN_DAMAGED;
	dlc = digit(line[at++]);
	if (dlc < 0 || (dlc > 8 && !form->fd))
		return SLCAN_DAMAGED;
	bytes = form->remote ? 0 : fd_sizes[dlc];
	if (size - at < 2 * bytes ||
	    num_hex(line + at, 2 * bytes, data, FRAME_CAN_MAX) != (long)bytes ||
	    !stamp_ok(line + at + 2 * bytes, size - at - 2 * bytes))
		return SLCAN_DAMAGED;
	can->size = (uint8_t)bytes;
	return form->remote ? SLCAN_REMOTE : SLCAN_DATA;
}

void
slcan_print(const struct frame_can *can, bool remote, struct buf *out)
{
	static const unsigned sizes[] = { 12, 16, 20, 24, 32, 48, 64 };
	char kind = remote ? 'r' : can->fd ? 'd' : 't';
	char code = (char)('0' + can->size);
	unsigned size = remote ? 0 : can->size;
	unsigned i = 0;

	if (can->size > 8) {
		while (i < 6 && sizes[i] < can->size)
			i++;
		code = "9ABCDEF"[i];
	}
	if (can->extended)
		buf_print(out, "%c%08X%c", kind - 'a' + 'A', can->id, code);
	else
		buf_print(out, "%c%03X%c", kind, can->id, code);
	for (i = 0; i < size; i++)
		buf_print(out, "%02X", can->data[i]);
	buf_char(out, '\r');
}

/* The number behind S for a bit rate, or -1. */
static int
speed_of(uint32_t bitrate)
{
	static const uint32_t rates[] = { 10000, 20000, 50000, 100000, 125000,
		250000, 500000, 800000, 1000000 };

	for (int i = 0; i < (int)(sizeof(rates) / sizeof(rates[0])); i++)
		if (rates[i] == bitrate)
			return i;
	return -1;
}

bool
slcan_has_bitrate(uint32_t bitrate)
{
	return speed_of(bitrate) >= 0;
}

void
slcan_opening(uint32_t bitrate, bool speaking, struct buf *out)
{
	buf_print(
	    out, "\r\r\rC\rS%d\r%c\r", speed_of(bitrate), speaking ? 'O' : 'L');
}
