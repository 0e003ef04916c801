/* Frames: what all ways of making one share, and printing. */
#include <string.h>

#include "json/json.h"
#include "record/frame.h"
#include "record/frame_parts.h"

const char *const frame_protocol_names[FRAME_PROTOCOL_COUNT] = { "modbus",
	"can", "thingset", "serial", "http" };

#define PUT(out, literal) buf_put(out, literal, sizeof(literal) - 1)

void
frame_clear(struct frame *frame)
{
	/* each for itself: one memset of all is slower here */
	frame->time_ms = frame->mono_ms = frame->gen = 0;
	frame->received_ms = 0;
	frame->bus_errors = 0;
	frame->protocol = FRAME_MODBUS;
	frame->complete = false;
	frame->count = 0;
	frame->part.block = NULL;
	frame->tenant = frame->device = frame->profile = "";
	frame->boot = frame->error = "";
}

bool
frame_block_check(const struct frame_block *block)
{
	size_t registers = block->size / 2U;

	if (block->size == 0 || block->size > FRAME_BLOCK_MAX)
		return false;
	if (block->function < 3)
		return block->function > 0;
	return block->function <= 4 && block->size % 2 == 0 &&
	    block->address + registers <= 65536;
}

bool
frame_check(const struct frame *frame)
{
	return *frame->tenant != '\0' && *frame->device != '\0' &&
	    *frame->profile != '\0' &&
	    (frame->count > 0 || *frame->error != '\0');
}

int
frame_parse(char *line, size_t size, struct arena *arena, struct frame *frame,
    struct failure *why)
{
	if (frame_scan(line, size, arena, frame))
		return 0;
	return frame_load(line, size, arena, frame, why);
}

static void
put_text(struct buf *out, const char *key, const char *text)
{
	if (*text == '\0')
		return;
	json_put_name(out, key);
	json_put_text(out, text, strlen(text));
}

static void
put_integer(struct buf *out, const char *key, int64_t value)
{
	if (value == 0)
		return;
	json_put_name(out, key);
	buf_integer(out, value);
}

static void
put_block(const struct frame *frame, size_t i, struct buf *out)
{
	const struct frame_block *block = &frame->part.block[i];

	PUT(out, "{\"function\":");
	buf_integer(out, block->function);
	PUT(out, ",\"address\":");
	buf_integer(out, block->address);
	PUT(out, ",\"data\":\"");
	buf_hex(out, block->data, block->size);
	PUT(out, "\"}");
}

static void
put_message(const struct frame *frame, size_t i, struct buf *out)
{
	buf_char(out, '"');
	frame_can_print(&frame->part.can[i], out);
	buf_char(out, '"');
}

static void
put_answer(const struct frame *frame, size_t i, struct buf *out)
{
	const struct frame_answer *answer = &frame->part.answer[i];

	PUT(out, "{\"path\":");
	json_put_text(out, answer->path, strlen(answer->path));
	PUT(out, ",\"values\":");
	buf_put(out, answer->text, answer->text_size);
	buf_char(out, '}');
}

static void
put_line(const struct frame *frame, size_t i, struct buf *out)
{
	const struct frame_answer *answer = &frame->part.answer[i];

	json_put_text(out, answer->text, answer->text_size);
}

/* The array of parts of each protocol. */
static const struct {
	const char *name;
	void (*put)(const struct frame *frame, size_t i, struct buf *out);
} parts[FRAME_PROTOCOL_COUNT] = { [FRAME_MODBUS] = { ",\"blocks\":[",
				      put_block },
	[FRAME_CAN] = { ",\"messages\":[", put_message },
	[FRAME_THINGSET] = { ",\"answers\":[", put_answer },
	[FRAME_SERIAL] = { ",\"lines\":[", put_line },
	[FRAME_HTTP] = { ",\"answers\":[", put_answer } };

void
frame_print(const struct frame *frame, struct buf *out)
{
	PUT(out, "{\"kind\":\"frame\",\"time\":\"");
	buf_time(out, frame->time_ms);
	buf_char(out, '"');
	if (frame->received_ms != 0) {
		PUT(out, ",\"received\":\"");
		buf_time(out, frame->received_ms);
		buf_char(out, '"');
	}
	put_text(out, "tenant", frame->tenant);
	put_text(out, "device", frame->device);
	put_text(out, "profile", frame->profile);
	put_text(out, "boot", frame->boot);
	put_integer(out, "mono", frame->mono_ms);
	put_integer(out, "gen", frame->gen);
	put_text(out, "protocol", frame_protocol_names[frame->protocol]);
	if (frame->complete)
		PUT(out, ",\"complete\":true");
	else
		PUT(out, ",\"complete\":false");
	put_text(out, "error", frame->error);
	put_integer(out, "bus_errors", frame->bus_errors);
	if (frame->count > 0) {
		buf_text(out, parts[frame->protocol].name);
		for (size_t i = 0; i < frame->count; i++) {
			if (i > 0)
				buf_char(out, ',');
			parts[frame->protocol].put(frame, i, out);
		}
		buf_char(out, ']');
	}
	PUT(out, "}\n");
}
