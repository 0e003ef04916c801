/* What all framings share: the next frame in a stream, pieces, lines. */
#include <string.h>

#include "base/num.h"
#include "profile/evidence.h"
#include "profile/framing.h"
#include "profile/writing.h"

/* A frame that is not whole may be junk that looks like a head: a whole one
 * behind it counts. */
enum framing_look
framing_next(const struct framing *framing, const uint8_t *bytes, size_t size,
    struct framing_found *found)
{
	size_t pending = size;
	bool wrong = false, over = false;

	for (size_t at = 0; at < size && !over; at++) {
		*found = (struct framing_found){ .key = -1, .unit = -1 };
		switch (framing->look(bytes + at, size - at, found)) {
		case FRAMING_WHOLE:
			found->start = at;
			return FRAMING_WHOLE;
		case FRAMING_MORE:
			if (pending == size)
				pending = at;
			over = framing->ends;
			break;
		case FRAMING_WRONG:
			wrong = true;
			break;
		default:
			break;
		}
	}
	found->start = pending;
	if (wrong)
		return FRAMING_WRONG;
	return pending < size ? FRAMING_MORE : FRAMING_NONE;
}

bool
framing_bytes(const struct framing *framing, const char *line, size_t size,
    unsigned unit, struct buf *out)
{
	size_t start = out->size;
	long got;

	if (framing->text) {
		buf_put(out, line, size);
		buf_char(out, '\r');
	} else {
		got = num_hex(line, size,
		    (uint8_t *)buf_reserve(out, size / 2 + 1), size / 2);
		if (got < 0)
			return false;
		out->size += (size_t)got;
	}
	if (framing->address != NULL)
		framing->address(out, start, unit);
	return true;
}

int
framing_number(const char *request, size_t size)
{
	uint8_t bytes[2];
	long got = num_hex(request, size, bytes, sizeof(bytes));

	return got < 1 ? -1 : got == 1 ? bytes[0] : bytes[0] << 8 | bytes[1];
}

unsigned
framing_sum(const uint8_t *bytes, size_t size)
{
	unsigned sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += bytes[i];
	return sum & 0xffff;
}

unsigned
framing_u16(const uint8_t *bytes)
{
	return (unsigned)bytes[0] << 8 | bytes[1];
}

/* ---- taking apart -------------------------------------------------------- */

bool
framing_piece(
    struct evidence *evidence, uint32_t first, const uint8_t *data, size_t size)
{
	struct piece *piece;

	if (evidence->piece_count == FRAMING_PIECES_MAX)
		return false;
	piece = &evidence->pieces[evidence->piece_count++];
	piece->first = first;
	piece->function = evidence->profile->function;
	piece->data = data;
	piece->size = (uint32_t)size;
	return true;
}

/* All lines of a frame as one run of bytes: a frame may be cut anywhere. */
static int
all_bytes(const struct framing *framing, const struct frame *frame,
    struct arena *arena, uint8_t **data, size_t *size, struct failure *why)
{
	size_t room = 0;

	for (size_t i = 0; i < frame->count; i++)
		room += frame->part.answer[i].text_size + 1;
	*data = arena_alloc(arena, room + 1);
	*size = 0;
	for (size_t i = 0; i < frame->count; i++) {
		const struct frame_answer *line = &frame->part.answer[i];
		long got = line->text_size;

		if (!framing->text)
			got = num_hex(line->text, line->text_size,
			    *data + *size, room - *size);
		else
			memcpy(*data + *size, line->text, line->text_size);
		if (got < 0)
			return failure_set(why, EXIT_REFUSED,
			    "lines[%zu]: not hexadecimal", i);
		*size += (size_t)got;
		if (framing->text)
			(*data)[(*size)++] = '\r';
	}
	return 0;
}

static int
take_one(struct evidence *evidence, const struct framing *framing,
    const struct framing_found *found, struct arena *arena, struct failure *why)
{
	if (framing->take != NULL)
		return framing->take(evidence, found, arena, why);
	framing_piece(evidence, (uint32_t)found->key << 16, found->body,
	    found->body_size);
	return 0;
}

int
framing_take(struct evidence *evidence, const struct frame *frame,
    struct arena *arena, struct failure *why)
{
	const struct framing *framing = evidence->profile->framing;
	struct framing_found found;
	enum framing_look look;
	int key = framing->key;
	size_t size;
	uint8_t *data;

	if (all_bytes(framing, frame, arena, &data, &size, why) != 0)
		return -1;
	evidence->pieces =
	    arena_alloc(arena, FRAMING_PIECES_MAX * sizeof(*evidence->pieces));
	while ((look = framing_next(framing, data, size, &found)) ==
	    FRAMING_WHOLE) {
		if (found.request)
			key = found.key;
		else if (framing->asked)
			found.key = key;
		if (!found.request && found.refusal == 0 &&
		    take_one(evidence, framing, &found, arena, why) != 0)
			return -1;
		data += found.start + found.size;
		size -= found.start + found.size;
	}
	if (evidence->piece_count == 0)
		return failure_set(why, EXIT_REFUSED,
		    look == FRAMING_WRONG ? "a %s frame whose checksum is wrong"
			: look == FRAMING_MORE ? "a %s frame that is cut"
					       : "no %s frame",
		    framing->name);
	return 0;
}

/* ---- making -------------------------------------------------------------- */

void
framing_line(struct writing *writing, struct frame *frame, const void *bytes,
    size_t size)
{
	struct frame_answer *answer;
	struct buf text = { 0 };

	if (frame->count >= FRAME_PARTS_MAX)
		return;
	answer = &frame->part.answer[frame->count++];
	if (writing->profile->framing->text)
		buf_put(&text, bytes, size);
	else
		buf_hex(&text, bytes, size);
	answer->path = "";
	answer->text = arena_text(writing->arena, text.data, text.size);
	answer->text_size = (uint32_t)text.size;
	buf_free(&text);
}
