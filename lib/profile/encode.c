/* profile_encode: a reading to the frame that its device would send. */
#include <string.h>

#include "json/json.h"
#include "profile/framing.h"
#include "profile/writing.h"

static void
put_word(uint8_t *at, unsigned number)
{
	at[0] = (uint8_t)(number >> 8);
	at[1] = (uint8_t)number;
}

/* The pieces of a SunSpec chain within the image, headers filled in. */
static void
open_chain(struct writing *w)
{
	const struct profile *p = w->profile;
	size_t at = 4;

	memcpy(w->image, "SunS", 4);
	w->pieces =
	    arena_alloc(w->arena, (p->model_count + 1) * sizeof(*w->pieces));
	for (size_t i = 0; i < p->model_count; i++) {
		struct written_piece *piece = &w->pieces[w->piece_count++];

		piece->first = (uint32_t)p->models[i].id << 16;
		piece->size = (p->models[i].size + 2U) * 2;
		piece->function = p->function;
		piece->data = w->image + at;
		put_word(piece->data, p->models[i].id);
		put_word(piece->data + 2, p->models[i].size);
		at += piece->size;
	}
	put_word(w->image + at, 0xffff);
}

static size_t
block_bytes(const struct profile_block *block)
{
	return block->function <= 2 ? (block->count + 7U) / 8
				    : block->count * 2U;
}

static void
open_registers(struct writing *w, struct frame *frame)
{
	const struct profile *p = w->profile;
	size_t size = 0;

	for (size_t i = 0; i < p->block_count; i++)
		size += block_bytes(&p->blocks[i]);
	w->image = arena_alloc(w->arena, size + 1);
	memset(w->image, 0, size + 1);
	frame->part.block = arena_alloc(
	    w->arena, (p->block_count + 1) * sizeof(*frame->part.block));
	frame->count = p->block_count;
	w->pieces =
	    arena_alloc(w->arena, (p->block_count + 1) * sizeof(*w->pieces));
	size = 0;
	for (size_t i = 0; i < p->block_count; i++) {
		const struct profile_block *plan = &p->blocks[i];
		struct frame_block *block = &frame->part.block[i];
		struct written_piece *piece = &w->pieces[i];

		block->function = piece->function = plan->function;
		block->address = plan->address;
		piece->first = plan->address;
		block->size = (uint16_t)block_bytes(plan);
		piece->size = block->size;
		piece->data = w->image + size;
		block->data = piece->data;
		size += block->size;
	}
	w->piece_count = p->block_count;
	if (p->sunspec) {
		w->piece_count = 0;
		open_chain(w);
	}
}

static void
open_writing(struct writing *w, struct frame *frame)
{
	const struct profile *p = w->profile;
	size_t words = p->slot_count / 64 + 1;

	switch (p->protocol) {
	case FRAME_MODBUS:
		open_registers(w, frame);
		break;
	case FRAME_CAN:
		w->slots = arena_alloc(
		    w->arena, (p->slot_count + 1) * sizeof(*w->slots));
		memset(w->slots, 0, (p->slot_count + 1) * sizeof(*w->slots));
		w->slot_set =
		    arena_alloc(w->arena, words * sizeof(*w->slot_set));
		memset(w->slot_set, 0, words * sizeof(*w->slot_set));
		break;
	default:
		w->items = arena_alloc(
		    w->arena, (p->item_count + 1) * sizeof(*w->items));
		memset(w->items, 0, (p->item_count + 1) * sizeof(*w->items));
		if (p->framing != NULL && p->framing->member != NULL)
			writing_pieces(w);
	}
}

static bool
slot_is_set(const struct writing *w, const struct can_pick *pick)
{
	return (w->slot_set[pick->slot / 64] >> pick->slot % 64 & 1) != 0;
}

/* The message of one selector value, if anything is in it. */
static void
put_message(struct writing *w, struct frame *frame,
    const struct can_message *message, size_t first, size_t end,
    int64_t selector)
{
	const struct can_pick *picks = &w->profile->picks[message->first];
	struct frame_can *can = &frame->part.can[frame->count];
	uint8_t *data = arena_alloc(w->arena, FRAME_CAN_MAX);
	bool any = false;

	memset(data, 0, FRAME_CAN_MAX);
	for (size_t i = 0; i < end; i++) {
		if ((i >= message->always && i < first) ||
		    !slot_is_set(w, &picks[i]))
			continue;
		any |= i >= first || first == 0;
		bits_put(&picks[i].bits, data, message->size,
		    w->slots[picks[i].slot]);
	}
	if (!any || frame->count >= FRAME_PARTS_MAX)
		return;
	if (message->has_selector)
		bits_put(&message->selector, data, message->size, selector);
	memset(can, 0, sizeof(*can));
	can->id = message->id;
	can->extended = message->extended;
	can->fd = message->fd;
	can->size = (uint8_t)message->size;
	can->data = data;
	frame->count++;
}

static void
close_can(struct writing *w, struct frame *frame)
{
	const struct profile *p = w->profile;

	frame->part.can =
	    arena_alloc(w->arena, FRAME_PARTS_MAX * sizeof(*frame->part.can));
	for (size_t m = 0; m < p->message_count; m++) {
		const struct can_message *message = &p->messages[m];
		size_t at = message->always;

		if (message->chained)
			continue;
		if (at == message->count)
			put_message(w, frame, message, 0, at, 0);
		while (at < message->count) {
			int64_t value = p->picks[message->first + at].low;
			size_t first = at;

			while (at < message->count &&
			    p->picks[message->first + at].low == value)
				at++;
			put_message(w, frame, message, first, at, value);
		}
	}
}

static int
close_writing(struct writing *w, struct frame *frame, struct failure *why)
{
	const struct profile *p = w->profile;

	if (p->protocol == FRAME_MODBUS)
		return 0;
	if (p->protocol == FRAME_CAN) {
		close_can(w, frame);
		return 0;
	}
	frame->part.answer = arena_alloc(
	    w->arena, FRAME_PARTS_MAX * sizeof(*frame->part.answer));
	if (p->protocol == FRAME_HTTP)
		writing_http(w, frame);
	else if (p->protocol == FRAME_THINGSET)
		writing_thingset(w, frame);
	else if (p->framing->put != NULL)
		p->framing->put(w, frame);
	else
		return failure_set(why, EXIT_WRONG,
		    "%s: frames of its framing cannot be made", p->name);
	return 0;
}

int
profile_encode(const struct profile *profile, const struct reading *reading,
    struct arena *arena, struct frame *frame, struct failure *why)
{
	struct writing w = {
		.profile = profile, .reading = reading, .arena = arena
	};

	frame_clear(frame);
	frame->time_ms = reading->time_ms;
	frame->tenant = reading->tenant;
	frame->device = reading->device;
	frame->profile = profile->name;
	frame->gen = reading->gen;
	frame->protocol = profile->protocol;
	if (reading->kind == READING_STATUS) {
		frame->error = reading->error;
		return 0;
	}
	frame->complete = true;
	open_writing(&w, frame);
	for (size_t i = 0; i < profile->rule_count; i++)
		writing_rule(&w, &profile->rules[i]);
	return close_writing(&w, frame, why);
}
