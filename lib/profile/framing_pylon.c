/*
 * The ASCII family of Pylontech, Seplos V2 and others: "~", version,
 * address, 46, command or return code, length, hexadecimal data, sum, CR.
 * An answer does not tell what it answers. Those to 42 and 44 have lists of
 * any length, so that they are cut: part 0 is all of the data; then follow
 * for each module its cells, its temperatures (both with their number) and
 * the rest.
 */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "profile/evidence.h"
#include "profile/framing_cut.h"
#include "profile/writing.h"

#define HEAD 13
#define BEHIND 5 /* sum, CR */
#define ANALOG 0x42
#define ALARM 0x44
#define REST_HEAD 7 /* of 42: ends with the number of what follows */

static const uint8_t commands[] = { ANALOG, ALARM, 0x47, 0x4f, 0x51, 0x92, 0x93,
	0x96 };

static bool
is_command(unsigned code)
{
	return memchr(commands, (int)code, sizeof(commands)) != NULL;
}

/* The length with the sum of its digits before it. */
static unsigned
length_field(size_t digits)
{
	unsigned sum =
	    (unsigned)((digits >> 8) + (digits >> 4 & 15) + (digits & 15));

	return (-sum & 15) << 12 | (unsigned)digits;
}

/* The sum and the end behind what was put from `start` (the ~) on. */
static void
close(struct buf *out, size_t start)
{
	unsigned sum = framing_sum(
	    (const uint8_t *)out->data + start + 1, out->size - start - 1);

	buf_print(out, "%04X\r", (0x10000 - sum) & 0xffff);
}

/*
 * "42" asks with the unit as its data, as Pylontech has it; "42:01" with
 * these data instead; 4F and 51 have none.
 */
static int
ask(const char *request, unsigned unit, struct buf *out)
{
	size_t size = strcspn(request, ":");
	int command = framing_number(request, size);
	const char *data = request[size] == ':' ? request + size + 1 : NULL;
	uint8_t bytes[8];
	char own[4];
	size_t start;

	if (size != 2 || command < 0 || !is_command((unsigned)command))
		return -1;
	if (data != NULL &&
	    num_hex(data, strlen(data), bytes, sizeof(bytes)) < 0)
		return -1;
	if (out == NULL)
		return command;
	snprintf(own, sizeof(own), "%02X", unit & 0xff);
	if (data == NULL)
		data = command == 0x4f || command == 0x51 ? "" : own;
	start = out->size;
	buf_print(out, "~20%02X46%02X%04X%s", unit & 0xff, (unsigned)command,
	    length_field(strlen(data)), data);
	close(out, start);
	return command;
}

/* So many digits; false where one is none. */
static bool
digits(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (num_hex_digit[bytes[i]] == 0)
			return false;
	return true;
}

static unsigned
number(const uint8_t *bytes, size_t size)
{
	unsigned value = 0;

	for (size_t i = 0; i < size; i++)
		value = value << 4 | (num_hex_digit[bytes[i]] - 1U);
	return value;
}

static enum framing_look
look(const uint8_t *bytes, size_t size, struct framing_found *found)
{
	size_t length, whole;
	unsigned code;

	if (bytes[0] != '~' ||
	    !digits(bytes + 1, size < HEAD ? size - 1 : HEAD - 1))
		return FRAMING_NONE;
	if (size < HEAD)
		return FRAMING_MORE;
	length = number(bytes + 10, 3);
	whole = HEAD + length + BEHIND;
	if (length_field(length) != number(bytes + 9, 4))
		return FRAMING_WRONG;
	if (!digits(bytes + HEAD, (size < whole ? size : whole - 1) - HEAD))
		return FRAMING_WRONG;
	if (size < whole)
		return FRAMING_MORE;
	if (((framing_sum(bytes + 1, whole - BEHIND - 1) +
		 number(bytes + whole - BEHIND, 4)) &
		0xffff) != 0 ||
	    bytes[whole - 1] != '\r')
		return FRAMING_WRONG;
	code = number(bytes + 7, 2);
	found->size = whole;
	found->unit = (int)number(bytes + 3, 2);
	found->request = is_command(code);
	found->refusal = found->request ? 0 : code;
	found->key = found->request ? (int)code : -1;
	found->body = bytes + HEAD;
	found->body_size = length;
	return FRAMING_WHOLE;
}

/* ---- parts --------------------------------------------------------------- */

/* Bytes of the rest of a module: 4 stands for two numbers of two bytes and
 * two of three, all else for numbers of two. */
static size_t
rest_size(const uint8_t *rest, size_t size)
{
	unsigned items;

	if (size < REST_HEAD)
		return size;
	items = rest[REST_HEAD - 1];
	return REST_HEAD + (items == 4 ? 10 : items * 2U);
}

static void
cut_modules(struct framing_cut *cut)
{
	size_t step = cut->key == ANALOG ? 2 : 1;

	while (cut->at < cut->size) {
		framing_list(cut, step);
		framing_list(cut, step);
		framing_part(cut,
		    cut->key == ANALOG
			? rest_size(cut->data + cut->at, cut->size - cut->at)
			: cut->size);
	}
}

static int
take(struct evidence *evidence, const struct framing_found *found,
    struct arena *arena, struct failure *why)
{
	struct framing_cut cut = { .evidence = evidence,
		.key = (unsigned)found->key,
		.size = found->body_size / 2,
		.at = 2,
		.part = 1 };
	uint8_t *data = arena_alloc(arena, cut.size + 1);

	(void)why;
	for (size_t i = 0; i < cut.size; i++)
		data[i] = (uint8_t)number(found->body + 2 * i, 2);
	framing_piece(evidence, cut.key << 16, data, cut.size);
	cut.data = data;
	if (cut.key == ANALOG || cut.key == ALARM)
		cut_modules(&cut);
	return 0;
}

/* ---- making -------------------------------------------------------------- */

/* The data of one command. */
static void
join(const struct writing *w, unsigned key, struct framing_joined *joined)
{
	if (key == ANALOG)
		framing_join(w, key, 2, 2, rest_size, joined);
	else
		framing_join(w, key, 2, key == ALARM, NULL, joined);
	if (key == ANALOG || key == ALARM)
		joined->data[1] = 1;
}

/* The request stands before its answer, as who asks keeps it. */
static void
put(struct writing *w, struct frame *frame)
{
	const struct profile *p = w->profile;
	struct framing_joined joined;
	struct buf out = { 0 };

	for (size_t r = 0; r < p->request_count; r++) {
		unsigned key = (unsigned)ask(p->requests[r].text, 1, NULL);

		join(w, key, &joined);
		buf_clear(&out);
		ask(p->requests[r].text, 1, &out);
		framing_line(w, frame, out.data, out.size - 1);
		buf_clear(&out);
		buf_print(&out, "~20014600%04X", length_field(2 * joined.size));
		for (size_t i = 0; i < joined.size; i++)
			buf_print(&out, "%02X", joined.data[i]);
		close(&out, 0);
		framing_line(w, frame, out.data, out.size - 1);
	}
	buf_free(&out);
}

/* A line was put with its end: another address, another sum. */
static void
address(struct buf *bytes, size_t start, unsigned unit)
{
	char own[4];

	if (bytes->size < start + HEAD + BEHIND || bytes->data[start] != '~')
		return;
	snprintf(own, sizeof(own), "%02X", unit & 0xff);
	memcpy(bytes->data + start + 3, own, 2);
	bytes->size -= BEHIND;
	close(bytes, start);
}

const struct framing framing_pylontech = { .name = "pylontech",
	.member = "command",
	.key = ANALOG,
	.has_parts = true,
	.text = true,
	.asked = true,
	.gap_ms = 20,
	.ask = ask,
	.look = look,
	.take = take,
	.put = put,
	.address = address };
