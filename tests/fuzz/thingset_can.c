/*
 * CAN frames in a row, each as identifier (4 bytes), length and data: what
 * is put together of them is within its limits, and what isotp_out makes of
 * leave that is no leave ends.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "wire/isotp.h"
#include "wire/thingset_binary.h"
#include "wire/thingset_can.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
judge(const struct buf *whole)
{
	struct thingset_message message;

	thingset_message_read(
	    (const uint8_t *)whole->data, whole->size, &message);
	thingset_message_clear(&message);
}

static void
take(struct isotp_in *in, struct isotp_out *out, const struct frame_can *can)
{
	uint8_t frame[ISOTP_FRAME];
	unsigned sent = 0;

	switch (isotp_take(in, can->data, can->size)) {
	case ISOTP_WHOLE:
		if (in->message.size > ISOTP_MESSAGE_MAX)
			abort();
		judge(&in->message);
		isotp_begin(out, in->message.data, in->message.size);
		break;
	case ISOTP_FLOW:
		isotp_flow(out, can->data, can->size);
		break;
	default:
		break;
	}
	while (isotp_next(out, frame) > 0)
		if (++sent > ISOTP_FRAMES_MAX)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct thingset_parts parts = { 0 };
	struct isotp_out out = { 0 };
	struct isotp_in in = { 0 };

	while (size >= 5) {
		size_t length = bytes[4] % 65;
		struct frame_can can = { .extended = true,
			.fd = length > 8,
			.id = (uint32_t)bytes[0] << 24 |
			    (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
			    bytes[3],
			.data = bytes + 5 };
		struct thingset_can head;

		if (length > size - 5)
			length = size - 5;
		can.size = (uint8_t)length;
		if (thingset_can_read(&can, &head) &&
		    head.type == THINGSET_CAN_PART &&
		    thingset_part_add(&parts, &head, &can)) {
			if (parts.data.size > THINGSET_REPORT_MAX)
				abort();
			judge(&parts.data);
		} else if (head.type == THINGSET_CAN_REQUEST) {
			take(&in, &out, &can);
		}
		bytes += 5 + length;
		size -= 5 + length;
	}
	buf_free(&parts.data);
	buf_free(&in.message);
	buf_free(&out.message);
	return 0;
}
