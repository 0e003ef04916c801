/*
 * Three boards' binary protocols of one shape: a head with a command and the
 * length of the data, the data, a CRC highest byte first, an end mark. Their
 * Bluetooth modules pass them on as they are.
 */
#include <string.h>

#include "base/crc.h"
#include "profile/evidence.h"
#include "profile/framing_cut.h"
#include "profile/writing.h"

#define BEHIND 3 /* CRC, end mark */
#define HEAD_MAX 8
#define LENGTH_MAX 512

struct box {
	uint8_t first, last;
	uint8_t head; /* bytes; the last two are the length */
	uint8_t command; /* where it stands, as the high byte of the key */
	uint8_t summed; /* the CRC begins there */
	uint16_t (*crc)(const uint8_t *bytes, size_t size);
};

static const struct box seplos = { 0x7e, 0x0d, 7, 3, 1, crc_xmodem };
static const struct box tdt = { 0x7e, 0x0d, 8, 5, 0, crc_modbus };
static const struct box pace = { 0x9a, 0x9d, 8, 4, 0, crc_modbus };

static void
seal(const struct box *box, struct buf *out, size_t start)
{
	const uint8_t *bytes = (const uint8_t *)out->data + start;
	uint16_t crc =
	    box->crc(bytes + box->summed, out->size - start - box->summed);

	buf_char(out, (char)(crc >> 8));
	buf_char(out, (char)crc);
	buf_char(out, (char)box->last);
}

/* What begins at the first byte, by the shape alone. */
static enum framing_look
look_at(const struct box *box, const uint8_t *bytes, size_t size,
    struct framing_found *found)
{
	size_t length, whole;
	uint16_t crc;

	if (bytes[0] != box->first)
		return FRAMING_NONE;
	if (size < box->head)
		return FRAMING_MORE;
	length = framing_u16(bytes + box->head - 2);
	whole = box->head + length + BEHIND;
	if (length > LENGTH_MAX)
		return FRAMING_NONE;
	if (size < whole)
		return FRAMING_MORE;
	crc = box->crc(bytes + box->summed, whole - BEHIND - box->summed);
	if (bytes[whole - 1] != box->last ||
	    framing_u16(bytes + whole - BEHIND) != crc)
		return FRAMING_WRONG;
	found->size = whole;
	found->key = bytes[box->command];
	found->body = bytes + box->head;
	found->body_size = length;
	return FRAMING_WHOLE;
}

/* A request of this head and data; `head` without its length. */
static void
put_request(const struct box *box, const uint8_t *head, const uint8_t *data,
    size_t size, struct buf *out)
{
	size_t start = out->size;

	buf_put(out, head, box->head - 2U);
	buf_char(out, (char)(size >> 8));
	buf_char(out, (char)size);
	buf_put(out, data, size);
	seal(box, out, start);
}

/* Answers of one key, out of what was written for it. */
static void
put_answer(const struct box *box, struct writing *w, struct frame *frame,
    const uint8_t *head, const struct framing_joined *joined)
{
	struct buf out = { 0 };

	put_request(box, head, joined->data, joined->size, &out);
	framing_line(w, frame, out.data, out.size);
	buf_free(&out);
}

/* Two lists and the rest behind `head` bytes of the data. */
static int
take_lists(
    struct evidence *evidence, const struct framing_found *found, size_t head)
{
	struct framing_cut cut = { .evidence = evidence,
		.data = found->body,
		.size = found->body_size,
		.key = (unsigned)found->key,
		.at = head,
		.part = 1 };

	framing_piece(evidence, (uint32_t)found->key << 16, found->body,
	    found->body_size);
	if (cut.size < head)
		return 0;
	framing_list(&cut, 2);
	framing_list(&cut, 2);
	framing_part(&cut, cut.size);
	return 0;
}

/* ---- Seplos V2 with its binary frames ------------------------------------ */

#define SEPLOS_SINGLE 0x61

/* 61: all of one pack. */
static int
ask_seplos(const char *request, unsigned unit, struct buf *out)
{
	const uint8_t head[HEAD_MAX] = { 0x7e, 0x10, (uint8_t)unit, 0x46,
		SEPLOS_SINGLE };

	if (framing_number(request, strlen(request)) != SEPLOS_SINGLE)
		return -1;
	if (out != NULL)
		put_request(&seplos, head, (const uint8_t[]){ 0 }, 1, out);
	return SEPLOS_SINGLE;
}

static enum framing_look
look_seplos(const uint8_t *bytes, size_t size, struct framing_found *found)
{
	enum framing_look look = look_at(&seplos, bytes, size, found);

	if (look != FRAMING_WHOLE)
		return look;
	found->unit = bytes[2];
	found->request = found->key == 0x46;
	found->refusal = found->request ? 0 : bytes[4];
	return look;
}

static int
take_seplos(struct evidence *evidence, const struct framing_found *found,
    struct arena *arena, struct failure *why)
{
	(void)arena;
	(void)why;
	return take_lists(
	    evidence, found, found->key == SEPLOS_SINGLE ? 2 : SIZE_MAX);
}

static void
put_seplos(struct writing *w, struct frame *frame)
{
	const uint8_t head[HEAD_MAX] = { 0x7e, 0x14, 1, SEPLOS_SINGLE };
	struct framing_joined joined;

	framing_join(w, SEPLOS_SINGLE, 2, 2, NULL, &joined);
	put_answer(&seplos, w, frame, head, &joined);
}

static void
address_seplos(struct buf *bytes, size_t start, unsigned unit)
{
	if (bytes->size < start + BEHIND + seplos.head)
		return;
	bytes->data[start + 2] = (char)unit;
	bytes->size -= BEHIND;
	seal(&seplos, bytes, start);
}

const struct framing framing_seplos_binary = { .name = "seplos-binary",
	.member = "command",
	.key = SEPLOS_SINGLE,
	.has_parts = true,
	.gap_ms = 20,
	.ask = ask_seplos,
	.look = look_seplos,
	.take = take_seplos,
	.put = put_seplos,
	.address = address_seplos };

/* ---- TDT ----------------------------------------------------------------- */

#define TDT_VALUES 0x8c

/* 8C: what is measured. */
static int
ask_tdt(const char *request, unsigned unit, struct buf *out)
{
	const uint8_t head[HEAD_MAX] = { 0x7e, 0, 1, 3, 0, TDT_VALUES };

	(void)unit; /* one device on a line */
	if (framing_number(request, strlen(request)) != TDT_VALUES)
		return -1;
	if (out != NULL)
		put_request(&tdt, head, NULL, 0, out);
	return TDT_VALUES;
}

static enum framing_look
look_tdt(const uint8_t *bytes, size_t size, struct framing_found *found)
{
	enum framing_look look = look_at(&tdt, bytes, size, found);

	if (look == FRAMING_WHOLE) {
		found->request = found->body_size == 0;
		found->refusal = bytes[4];
	}
	return look;
}

static int
take_tdt(struct evidence *evidence, const struct framing_found *found,
    struct arena *arena, struct failure *why)
{
	(void)arena;
	(void)why;
	return take_lists(evidence, found, 0);
}

static void
put_tdt(struct writing *w, struct frame *frame)
{
	const uint8_t head[HEAD_MAX] = { 0x7e, 0, 1, 3, 0, TDT_VALUES };
	struct framing_joined joined;

	framing_join(w, TDT_VALUES, 0, 2, NULL, &joined);
	put_answer(&tdt, w, frame, head, &joined);
}

const struct framing framing_tdt = { .name = "tdt",
	.member = "command",
	.key = TDT_VALUES,
	.has_parts = true,
	.gap_ms = 20,
	.ask = ask_tdt,
	.look = look_tdt,
	.take = take_tdt,
	.put = put_tdt };

/* ---- PACE ---------------------------------------------------------------- */

/* 00: all packs; 01, 02, 03: values, cells, state of the first pack. */
static int
ask_pace(const char *request, unsigned unit, struct buf *out)
{
	int number = framing_number(request, strlen(request));
	const uint8_t head[HEAD_MAX] = { 0x9a, 0, 0, 0x0a, (uint8_t)number };
	static const uint8_t first[2] = { 1, 1 };

	(void)unit; /* one device on a line */
	if (number < 0 || number > 3)
		return -1;
	if (out != NULL)
		put_request(&pace, head, first, number == 0 ? 0 : 2, out);
	return number;
}

static enum framing_look
look_pace(const uint8_t *bytes, size_t size, struct framing_found *found)
{
	enum framing_look look = look_at(&pace, bytes, size, found);

	if (look == FRAMING_WHOLE) {
		found->request = found->body_size <= 2;
		if (bytes[3] != 0x0a) /* not of the measured values */
			found->key = 0x100;
	}
	return look;
}

static void
put_pace(struct writing *w, struct frame *frame)
{
	struct framing_joined joined;

	for (uint8_t key = 0; key <= 3; key++) {
		const uint8_t head[HEAD_MAX] = { 0x9a, 0, 0, 0x0a, key };

		framing_join(w, key, 0, 0, NULL, &joined);
		if (joined.size > 2)
			put_answer(&pace, w, frame, head, &joined);
	}
}

const struct framing framing_pace = { .name = "pace",
	.member = "command",
	.key = 0,
	.gap_ms = 20,
	.ask = ask_pace,
	.look = look_pace,
	.put = put_pace };
