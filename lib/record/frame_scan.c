/*
 * The hot path: a frame as frame_print writes it, taken in one pass. What
 * is not foreseen here is left to frame_load, so a line is only ever
 * refused there. Answers of ThingSet and HTTP always are: their values are
 * JSON.
 */
#include "base/num.h"
#include "record/frame_parts.h"
#include "record/name.h"
#include "record/scan.h"

/* Longer frames go to jansson, which counts members. */
#define BLOCKS_SCAN_MAX 512
/* Shortest text of a part, for an upper bound of their number. */
#define BLOCK_TEXT_MIN (sizeof("{\"function\":3,\"address\":0,\"data\":\"\"}"))
#define MESSAGE_TEXT_MIN (sizeof("\"123#\""))
#define LINE_TEXT_MIN (sizeof("\"\""))
#define ENDS_MAX (5 + FRAME_PARTS_MAX)

_Static_assert(ENDS_MAX <= SCAN_ENDS_MAX, "room for all ends");

static size_t
span_error(const char *text)
{
	return scan_plain_span(text, FRAME_ERROR_MAX);
}

static bool
scan_protocol(struct scan *scan, enum frame_protocol *protocol)
{
	if (!SCAN_TAKE(scan, ",\"protocol\":\""))
		return false;
	if (SCAN_TAKE(scan, "modbus\""))
		*protocol = FRAME_MODBUS;
	else if (SCAN_TAKE(scan, "can\""))
		*protocol = FRAME_CAN;
	else if (SCAN_TAKE(scan, "serial\""))
		*protocol = FRAME_SERIAL;
	else
		return false;
	return true;
}

static bool
scan_complete(struct scan *scan, bool *complete)
{
	if (!SCAN_TAKE(scan, ",\"complete\":"))
		return false;
	*complete = SCAN_TAKE(scan, "true");
	return *complete || SCAN_TAKE(scan, "false");
}

static bool
scan_head(struct scan *scan, struct frame *frame, struct scan_ends *ends)
{
	return SCAN_TAKE(scan, "{\"kind\":\"frame\"") &&
	    SCAN_TAKE(scan, ",\"time\":") && scan_time(scan, &frame->time_ms) &&
	    (!SCAN_TAKE(scan, ",\"received\":") ||
		scan_time(scan, &frame->received_ms)) &&
	    SCAN_NAME(scan, "tenant", name_span_tenant, &frame->tenant, ends) &&
	    SCAN_NAME(scan, "device", name_span, &frame->device, ends) &&
	    SCAN_NAME(scan, "profile", name_span, &frame->profile, ends) &&
	    SCAN_NAME(scan, "boot", name_span, &frame->boot, ends) &&
	    (!SCAN_TAKE(scan, ",\"mono\":") ||
		scan_integer(scan, 0, FRAME_MONO_MAX, &frame->mono_ms)) &&
	    (!SCAN_TAKE(scan, ",\"gen\":") ||
		scan_integer(scan, 0, FRAME_GEN_MAX, &frame->gen)) &&
	    scan_protocol(scan, &frame->protocol) &&
	    scan_complete(scan, &frame->complete) &&
	    SCAN_NAME(scan, "error", span_error, &frame->error, ends) &&
	    (!SCAN_TAKE(scan, ",\"bus_errors\":") ||
		scan_integer(scan, 0, FRAME_ERRORS_MAX, &frame->bus_errors));
}

/* How many parts can stand in the rest of the line. */
static size_t
parts_max(const struct scan *scan, size_t text_min, size_t limit)
{
	size_t most = (size_t)(scan->end - scan->at) / text_min + 1;

	return most < limit ? most : limit;
}

static bool
scan_block(struct scan *scan, struct arena *arena, struct frame_block *block)
{
	int64_t function, address;
	uint8_t *data;
	char *text;
	size_t size;

	if (!SCAN_TAKE(scan, "{\"function\":") ||
	    !scan_integer(scan, 1, 4, &function) ||
	    !SCAN_TAKE(scan, ",\"address\":") ||
	    !scan_integer(scan, 0, 65535, &address) ||
	    !SCAN_TAKE(scan, ",\"data\":\"") || !scan_raw(scan, &text, &size) ||
	    !scan_char(scan, '}') || size > 2 * (size_t)FRAME_BLOCK_MAX)
		return false;
	data = arena_alloc(arena, size / 2 + 1);
	if (num_hex(text, size, data, FRAME_BLOCK_MAX) < 0)
		return false;
	*block = (struct frame_block){ (uint8_t)function, (uint16_t)address,
		(uint16_t)(size / 2), data };
	return frame_block_check(block);
}

static bool
scan_blocks(struct scan *scan, struct arena *arena, struct frame *frame)
{
	size_t most = parts_max(scan, BLOCK_TEXT_MIN, BLOCKS_SCAN_MAX);

	frame->part.block =
	    arena_alloc(arena, most * sizeof(*frame->part.block));
	do {
		if (frame->count == most ||
		    !scan_block(scan, arena, &frame->part.block[frame->count]))
			return false;
		frame->count++;
	} while (scan_char(scan, ','));
	return scan_char(scan, ']');
}

/* Up to its closing quote, which mostly is behind eight bytes of data. */
static bool
scan_message(struct scan *scan, const char **text, size_t *size)
{
	const size_t usual = sizeof("123#0123456789ABCDEF") - 1;
	char *raw;

	if ((size_t)(scan->end - scan->at) > usual && scan->at[3] == '#' &&
	    scan->at[usual] == '"') {
		*text = scan->at;
		*size = usual;
		scan->at += usual + 1;
		return true;
	}
	if (!scan_raw(scan, &raw, size))
		return false;
	*text = raw;
	return true;
}

static bool
scan_messages(struct scan *scan, struct arena *arena, struct frame *frame)
{
	size_t most = parts_max(scan, MESSAGE_TEXT_MIN, FRAME_PARTS_MAX);
	/* each byte has two digits in the text; the last may want more room */
	uint8_t *data = arena_alloc(
	    arena, (size_t)(scan->end - scan->at) / 2 + FRAME_CAN_MAX);
	struct frame_can *can = arena_alloc(arena, most * sizeof(*can));
	const char *text;
	size_t size;

	frame->part.can = can;
	do {
		if (frame->count == most || !scan_char(scan, '"') ||
		    !scan_message(scan, &text, &size) ||
		    !frame_can_parse(text, size, can, data))
			return false;
		data += can->size;
		can++;
		frame->count++;
	} while (scan_char(scan, ','));
	return scan_char(scan, ']');
}

static bool
scan_lines(struct scan *scan, struct arena *arena, struct frame *frame,
    struct scan_ends *ends)
{
	size_t most = parts_max(scan, LINE_TEXT_MIN, FRAME_PARTS_MAX);
	struct frame_answer *answer =
	    arena_alloc(arena, most * sizeof(*answer));
	char *text;
	size_t size;

	frame->part.answer = answer;
	do {
		if (frame->count == most || !scan_char(scan, '"') ||
		    !scan_plain(scan, &text, &size) || size > FRAME_ANSWER_MAX)
			return false;
		*answer++ = (struct frame_answer){ "", text, (uint32_t)size };
		ends->at[ends->count++] = text + size;
		frame->count++;
	} while (scan_char(scan, ','));
	return scan_char(scan, ']');
}

static bool
scan_parts(struct scan *scan, struct arena *arena, struct frame *frame,
    struct scan_ends *ends)
{
	if (*scan->at == '}')
		return true;
	switch (frame->protocol) {
	case FRAME_MODBUS:
		return SCAN_TAKE(scan, ",\"blocks\":[") &&
		    scan_blocks(scan, arena, frame);
	case FRAME_CAN:
		return SCAN_TAKE(scan, ",\"messages\":[") &&
		    scan_messages(scan, arena, frame);
	default:
		return SCAN_TAKE(scan, ",\"lines\":[") &&
		    scan_lines(scan, arena, frame, ends);
	}
}

bool
frame_scan(char *line, size_t size, struct arena *arena, struct frame *frame)
{
	struct scan scan = { line, line + size };
	struct scan_ends ends;

	ends.count = 0;
	frame_clear(frame);
	if (*scan.end != '\0' || !scan_head(&scan, frame, &ends) ||
	    !scan_parts(&scan, arena, frame, &ends) || !scan_char(&scan, '}') ||
	    scan.at != scan.end || !frame_check(frame))
		return false;
	scan_cut(&ends);
	return true;
}
