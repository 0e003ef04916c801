/* See isotp.h. */
#include "wire/isotp.h"

#include <string.h>

#define SINGLE_MAX 7
#define FIRST_DATA 6
#define MORE_DATA 7

/* The upper half of a frame's first byte. */
enum { SINGLE, FIRST, MORE, FLOW };

bool
isotp_begin(struct isotp_out *out, const void *data, size_t size)
{
	out->at = 0;
	out->sequence = 1;
	out->waits = false;
	out->block = out->left = 0;
	out->gap_ms = 0;
	buf_clear(&out->message);
	if (size == 0 || size > ISOTP_MESSAGE_MAX)
		return false;
	buf_put(&out->message, data, size);
	return true;
}

bool
isotp_sent(const struct isotp_out *out)
{
	return out->at == out->message.size;
}

/* Copy what comes next behind the head of a frame; the frame's size. */
static size_t
fill(struct isotp_out *out, uint8_t *frame, size_t head, size_t most)
{
	size_t left = out->message.size - out->at;
	size_t size = left < most ? left : most;

	memcpy(frame + head, out->message.data + out->at, size);
	out->at += size;
	return head + size;
}

size_t
isotp_next(struct isotp_out *out, uint8_t frame[ISOTP_FRAME])
{
	size_t size = out->message.size;

	if (isotp_sent(out) || out->waits)
		return 0;
	if (out->at == 0 && size <= SINGLE_MAX) {
		frame[0] = (uint8_t)(SINGLE << 4 | size);
		return fill(out, frame, 1, SINGLE_MAX);
	}
	if (out->at == 0) {
		frame[0] = (uint8_t)(FIRST << 4 | size >> 8);
		frame[1] = (uint8_t)size;
		out->waits = true;
		return fill(out, frame, 2, FIRST_DATA);
	}
	frame[0] = (uint8_t)(MORE << 4 | out->sequence);
	out->sequence = (out->sequence + 1) & 15;
	if (out->left > 0 && --out->left == 0)
		out->waits = true;
	return fill(out, frame, 1, MORE_DATA);
}

bool
isotp_flow(struct isotp_out *out, const uint8_t *frame, size_t size)
{
	unsigned status = frame[0] & 15U;

	if (isotp_sent(out) || !out->waits)
		return true;
	if (status == 1) /* not yet */
		return true;
	if (status != 0 || size < 3)
		return false;
	out->waits = false;
	out->block = out->left = frame[1];
	/* 0xF1 to 0xF9 are tenths of a millisecond, others have no meaning
	 * and stand for the longest */
	out->gap_ms = frame[2] <= 127              ? frame[2]
	    : frame[2] >= 0xF1 && frame[2] <= 0xF9 ? 1
						   : 127;
	return true;
}

static enum isotp_result
begin(struct isotp_in *in, size_t total, const uint8_t *data, size_t size)
{
	buf_clear(&in->message);
	in->size = 0;
	if (total == 0 || total > ISOTP_MESSAGE_MAX)
		return ISOTP_DAMAGED;
	if (size > total)
		size = total;
	buf_put(&in->message, data, size);
	if (size == total)
		return ISOTP_WHOLE;
	in->size = total;
	in->sequence = 1;
	return ISOTP_BEGUN;
}

/* A whole message: its size in half a byte, or in the next where the frame
 * is longer than a classic one. */
static enum isotp_result
take_single(struct isotp_in *in, const uint8_t *frame, size_t size)
{
	size_t head = (frame[0] & 15) == 0 && size > ISOTP_FRAME ? 2 : 1;
	size_t total = head == 2 ? frame[1] : frame[0] & 15U;

	if (total == 0 || head + total > size) {
		in->size = 0;
		return ISOTP_DAMAGED;
	}
	return begin(in, total, frame + head, total);
}

static enum isotp_result
take_more(struct isotp_in *in, const uint8_t *frame, size_t size)
{
	size_t left = in->size - in->message.size;

	if (in->size == 0)
		return ISOTP_NONE;
	if ((frame[0] & 15) != in->sequence || size < 2) {
		in->size = 0;
		return ISOTP_DAMAGED;
	}
	in->sequence = (in->sequence + 1) & 15;
	buf_put(&in->message, frame + 1, size - 1 < left ? size - 1 : left);
	if (in->message.size < in->size)
		return ISOTP_MORE;
	in->size = 0;
	return ISOTP_WHOLE;
}

enum isotp_result
isotp_take(struct isotp_in *in, const uint8_t *frame, size_t size)
{
	if (size == 0)
		return ISOTP_NONE;
	switch (frame[0] >> 4) {
	case SINGLE:
		return take_single(in, frame, size);
	case FIRST:
		if (size < ISOTP_FRAME)
			return ISOTP_NONE;
		return begin(in, (size_t)(frame[0] & 15) << 8 | frame[1],
		    frame + 2, size - 2);
	case MORE:
		return take_more(in, frame, size);
	case FLOW:
		return ISOTP_FLOW;
	default:
		return ISOTP_NONE;
	}
}

size_t
isotp_go_on(uint8_t frame[ISOTP_FRAME])
{
	frame[0] = FLOW << 4;
	frame[1] = frame[2] = 0;
	return 3;
}
