/* Frames taken apart: registers, CAN signals, text items. */
#include <stdlib.h>
#include <string.h>

#include "profile/evidence.h"

static void
modbus_pieces(
    struct evidence *e, const struct frame *frame, struct arena *arena)
{
	e->pieces = arena_alloc(arena, frame->count * sizeof(*e->pieces));
	e->piece_count = frame->count;
	for (size_t i = 0; i < frame->count; i++) {
		const struct frame_block *block = &frame->part.block[i];

		e->pieces[i].first = block->address;
		e->pieces[i].size = block->size;
		e->pieces[i].function = block->function;
		e->pieces[i].data = block->data;
	}
}

/* ---- CAN ------------------------------------------------------------- */

static const struct can_message *
message_of(const struct profile *p, const struct frame_can *can)
{
	if (!can->extended && can->id < 2048) {
		uint16_t index = p->message_of[can->id];

		return index == 0 ? NULL : &p->messages[index - 1];
	}
	for (size_t i = 0; i < p->message_count; i++)
		if (p->messages[i].id == can->id &&
		    p->messages[i].extended == can->extended)
			return &p->messages[i];
	return NULL;
}

#define KEY_TURNS 32	/* bits of a key that tell the turn */

int64_t
profile_can_key(const struct profile *profile, const struct frame_can *can)
{
	const struct can_message *message = message_of(profile, can);
	uint8_t data[FRAME_CAN_MAX + BITS_SLACK] = { 0 };
	uint32_t turn = 0;
	int64_t value;

	if (message == NULL)
		return -1;
	memcpy(data, can->data, can->size);
	if (message->chained)	/* all its bytes may tell the turn: FNV-1a */
		for (size_t i = 0; i < can->size; i++)
			turn = (turn ^ data[i]) * 16777619u;
	else if (message->has_selector &&
	    bits_get(&message->selector, data, can->size, &value))
		turn = (uint32_t)value;
	return (int64_t)(message - profile->messages) << KEY_TURNS | turn;
}

static void
take_pick(struct evidence *e, const struct can_pick *pick, const uint8_t *data,
    size_t size)
{
	int64_t raw;

	if (!bits_get(&pick->bits, data, size, &raw))
		return;
	e->slots[pick->slot] = raw;
	e->slot_set[pick->slot / 64] |= UINT64_C(1) << pick->slot % 64;
}

static void
take_message(struct evidence *e, const struct can_message *message,
    const uint8_t *data, size_t size)
{
	const struct can_pick *pick = &e->profile->picks[message->first];
	size_t end = message->chained ? message->count : message->always, at;
	int64_t value;

	for (at = 0; at < end; at++)
		if (!message->chained ||
		    dbc_signal_active(
			message->message, pick[at].signal, data, size))
			take_pick(e, &pick[at], data, size);
	if (message->chained || !message->has_selector ||
	    !bits_get(&message->selector, data, size, &value) || value < 0 ||
	    value > 255)
		return;
	end = message->by_value[value + 1];
	for (at = message->by_value[value]; at < end; at++)
		take_pick(e, &pick[at], data, size);
}

static void
can_slots(struct evidence *e, const struct frame *frame, struct arena *arena)
{
	size_t words = e->profile->slot_count / 64 + 1;
	uint8_t data[FRAME_CAN_MAX + BITS_SLACK];

	e->slots = arena_alloc(
	    arena, (e->profile->slot_count + 1) * sizeof(*e->slots));
	e->slot_set = arena_alloc(arena, words * sizeof(*e->slot_set));
	memset(e->slot_set, 0, words * sizeof(*e->slot_set));
	memset(data, 0, sizeof(data));
	for (size_t i = 0; i < frame->count; i++) {
		const struct frame_can *can = &frame->part.can[i];
		const struct can_message *message = message_of(e->profile, can);

		if (message == NULL)
			continue;
		memcpy(data, can->data, can->size);
		take_message(e, message, data, can->size);
	}
}

/* ---- text ------------------------------------------------------------ */

/* "Meas/rPackVoltage_V" from the object that the path starts in. */
static const json_t *
walk(const json_t *value, const char *path, size_t size)
{
	while (size > 0 && value != NULL) {
		const char *slash = memchr(path, '/', size);
		size_t step = slash == NULL ? size : (size_t)(slash - path);
		char key[256];

		if (step >= sizeof(key))
			return NULL;
		memcpy(key, path, step);
		key[step] = '\0';
		value = json_object_get(value, key);
		step += slash != NULL;
		path += step;
		size -= step;
	}
	return value;
}

static const json_t *
look_up(const struct evidence *e, const struct frame *frame, const char *name,
    size_t size)
{
	for (size_t i = 0; i < e->document_count; i++) {
		const char *path = e->profile->protocol == FRAME_THINGSET
		    ? frame->part.answer[i].path
		    : "";
		size_t before = strlen(path);
		const json_t *found = NULL;

		if (before > 0 && before < size && name[before] == '/' &&
		    memcmp(name, path, before) == 0)
			found = walk(e->documents[i], name + before + 1,
			    size - before - 1);
		else if (before == size && memcmp(name, path, size) == 0)
			found = e->documents[i];
		/* a report nests by group, whatever its own name is */
		if (found == NULL)
			found = walk(e->documents[i], name, size);
		if (found != NULL)
			return found;
	}
	return NULL;
}

static void
find_items(struct evidence *e, const struct frame *frame, struct arena *arena)
{
	size_t count = e->profile->item_count;

	e->items = arena_alloc(arena, (count + 1) * sizeof(*e->items));
	for (size_t i = 0; i < count; i++) {
		const char *name = e->profile->items[i], *end;

		e->items[i] = NULL;
		while (e->items[i] == NULL && name != NULL) {
			end = strchr(name, '|');
			e->items[i] = look_up(e, frame, name,
			    end == NULL ? strlen(name) : (size_t)(end - name));
			name = end == NULL ? NULL : end + 1;
		}
	}
}

static int
text_items(struct evidence *e, const struct frame *frame, struct arena *arena,
    struct failure *why)
{
	e->documents =
	    arena_alloc(arena, (frame->count + 1) * sizeof(*e->documents));
	if (e->profile->framing == FRAMING_GREEN_BMS) {
		e->documents[e->document_count++] = framing_green_bms(frame);
	} else {
		for (size_t i = 0; i < frame->count; i++) {
			const struct frame_answer *answer =
			    &frame->part.answer[i];
			json_t *value =
			    json_read(answer->text, answer->text_size, why);

			if (value == NULL)
				return failure_prefix(why, "answers[%zu]", i);
			e->documents[e->document_count++] = value;
		}
	}
	find_items(e, frame, arena);
	return 0;
}

int
evidence_open(struct evidence *evidence, const struct profile *profile,
    const struct frame *frame, struct arena *arena, struct failure *why)
{
	memset(evidence, 0, sizeof(*evidence));
	evidence->profile = profile;
	if (profile->protocol == FRAME_CAN) {
		can_slots(evidence, frame, arena);
		return 0;
	}
	if (profile->protocol == FRAME_MODBUS) {
		if (profile->sunspec)
			return framing_sunspec(evidence, frame, arena, why);
		modbus_pieces(evidence, frame, arena);
		return 0;
	}
	if (profile->framing == FRAMING_JK02)
		return framing_jk02(evidence, frame, arena, why);
	if (profile->framing == FRAMING_JK_4E57)
		return framing_jk_4e57(evidence, frame, arena, why);
	return text_items(evidence, frame, arena, why);
}

void
evidence_close(struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->document_count; i++)
		json_decref(evidence->documents[i]);
	evidence->document_count = 0;
}
