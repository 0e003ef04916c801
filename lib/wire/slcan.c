/* See slcan.h. The kernel's slcan driver is the model for what is valid. */
#include "wire/slcan.h"

#include <stdbool.h>

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
	can->extended = form->extended;
	can->fd = form->fd;
	can->size = (uint8_t)bytes;
	can->data = data;
	return form->remote ? SLCAN_REMOTE : SLCAN_DATA;
}

const char *
slcan_opening(uint32_t bitrate)
{
	static const struct {
		uint32_t bitrate;
		const char *text;
	} speeds[] = { { 10000, "\r\r\rC\rS0\rO\r" },
		{ 20000, "\r\r\rC\rS1\rO\r" }, { 50000, "\r\r\rC\rS2\rO\r" },
		{ 100000, "\r\r\rC\rS3\rO\r" }, { 125000, "\r\r\rC\rS4\rO\r" },
		{ 250000, "\r\r\rC\rS5\rO\r" }, { 500000, "\r\r\rC\rS6\rO\r" },
		{ 800000, "\r\r\rC\rS7\rO\r" },
		{ 1000000, "\r\r\rC\rS8\rO\r" } };

	for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++)
		if (speeds[i].bitrate == bitrate)
			return speeds[i].text;
	return NULL;
}
