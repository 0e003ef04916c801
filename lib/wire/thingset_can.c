/* See thingset_can.h. */
#include "wire/thingset_can.h"

#define PRIORITY_REQUEST UINT32_C(6)
#define PRIORITY_REPORT UINT32_C(7)
#define PRIORITY_CONTROL UINT32_C(4) /* and what is more urgent */
#define PRIORITY_NETWORK UINT32_C(4)
#define CALL_RANDOM UINT32_C(0x5A) /* tells calls of several apart */

enum { PART_FIRST, PART_MORE, PART_LAST, PART_SINGLE };

bool
thingset_can_read(const struct frame_can *can, struct thingset_can *out)
{
	if (!can->extended)
		return false;
	*out = (struct thingset_can){ .source = (uint8_t)can->id };
	out->type = (enum thingset_can_type)(can->id >> 24 & 3);
	switch (out->type) {
	case THINGSET_CAN_PART:
		out->message = can->id >> 14 & 3;
		out->kind = can->id >> 12 & 3;
		out->sequence = can->id >> 8 & 15;
		break;
	case THINGSET_CAN_ITEM:
		out->id = (uint16_t)(can->id >> 8);
		if (can->id >> 26 < PRIORITY_CONTROL)
			out->type = THINGSET_CAN_CONTROL;
		break;
	default:
		out->target = (uint8_t)(can->id >> 8);
		break;
	}
	return true;
}

uint32_t
thingset_can_request(uint8_t target, uint8_t source)
{
	return PRIORITY_REQUEST << 26 | (uint32_t)target << 8 | source;
}

uint32_t
thingset_can_call(void)
{
	return PRIORITY_NETWORK << 26 | (uint32_t)THINGSET_CAN_NETWORK << 24 |
	    CALL_RANDOM << 16 | (uint32_t)THINGSET_BROADCAST << 8 |
	    THINGSET_ANONYMOUS;
}

uint32_t
thingset_can_claim(uint8_t source)
{
	return PRIORITY_NETWORK << 26 | (uint32_t)THINGSET_CAN_NETWORK << 24 |
	    (uint32_t)THINGSET_BROADCAST << 8 | source;
}

uint32_t
thingset_can_item(uint16_t id, uint8_t source)
{
	return PRIORITY_REPORT << 26 | (uint32_t)THINGSET_CAN_ITEM << 24 |
	    (uint32_t)id << 8 | source;
}

uint32_t
thingset_can_part(
    unsigned message, unsigned sequence, bool first, bool last, uint8_t source)
{
	unsigned kind = first && last ? PART_SINGLE
	    : first                   ? PART_FIRST
	    : last                    ? PART_LAST
				      : PART_MORE;

	return PRIORITY_REPORT << 26 | (uint32_t)THINGSET_CAN_PART << 24 |
	    (message & 3) << 14 | kind << 12 | (sequence & 15) << 8 | source;
}

bool
thingset_part_add(struct thingset_parts *parts, const struct thingset_can *head,
    const struct frame_can *can)
{
	bool whole = head->kind == PART_SINGLE || head->kind == PART_LAST;

	if (head->kind == PART_FIRST || head->kind == PART_SINGLE) {
		buf_clear(&parts->data);
		parts->message = head->message;
		parts->next = head->sequence;
		parts->begun = true;
	}
	if (!parts->begun || head->message != parts->message ||
	    head->sequence != parts->next ||
	    parts->data.size + can->size > THINGSET_REPORT_MAX) {
		parts->begun = false;
		return false;
	}
	parts->next = (parts->next + 1) & 15;
	buf_put(&parts->data, can->data, can->size);
	if (whole)
		parts->begun = false;
	return whole;
}
