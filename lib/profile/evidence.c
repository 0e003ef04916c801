/* Frames taken apart: registers, CAN signals, text items. */
#include <stdlib.h>
#include <string.h>

#include "profile/evidence.h"
#include "profile/framing.h"

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
		if (block->function > 2 && e->coils_from == i)
			e->coils_from = i + 1;
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
		if (((p->messages[i].id ^ can->id) & p->can_mask) == 0 &&
		    p->messages[i].extended == can->extended)
			return &p->messages[i];
	return NULL;
}

/* Which selectors are there, and what they say. */
static uint32_t
turn_of(const struct dbc_message *message, const uint8_t *data, size_t size)
{
	uint32_t turn = 0;
	int64_t value;

	for (size_t s = 0; s < message->count; s++) {
		const struct dbc_signal *signal = &message->signals[s];

		if (signal->selector && signal->usable &&
		    dbc_signal_active(message, signal, data, size) &&
		    bits_get(&signal->bits, data, size, &value))
			turn = (turn ^ (uint32_t)value ^ (uint32_t)s << 24) *
			    16777619u;
	}
	return turn;
}

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
	if (message->chained) /* all selectors tell the turn: FNV-1a */
		turn = turn_of(message->message, data, can->size);
	else if (message->has_selector &&
	    bits_get(&message->selector, data, can->size, &value))
		turn = (uint32_t)value;
	return (int64_t)(message - profile->messages) << PROFILE_TURN_BITS |
	    turn;
}

/* A message with room behind it, and its first bytes as a number: the
 * first one lowest, and the first one highest. */
struct payload {
	uint8_t data[FRAME_CAN_MAX + BITS_SLACK];
	size_t size;
	uint64_t word, turned;
};

/* A signal's raw number; mostly without going to memory for it. */
static inline bool
pick_get(
    const struct can_pick *pick, const struct payload *payload, int64_t *raw)
{
	uint64_t word = pick->bits.motorola ? payload->turned : payload->word;
	unsigned above = 64U - pick->bits.length;

	if (!pick->near || payload->size < 8)
		return bits_get(&pick->bits, payload->data, payload->size, raw);
	word <<= pick->left;
	*raw = pick->bits.is_signed ? (int64_t)word >> above
				    : (int64_t)(word >> above);
	return true;
}

static inline void
take_pick(struct evidence *e, const struct can_pick *pick,
    const struct payload *payload)
{
	uint64_t *live = &e->slot_live[pick->slot / 64];
	unsigned shift = pick->slot % 64;
	int64_t raw;

	if (!pick_get(pick, payload, &raw))
		return;
	e->slot_set[pick->slot / 64] |= UINT64_C(1) << shift;
	*live =
	    (*live & ~(UINT64_C(1) << shift)) | (uint64_t)(raw != 0) << shift;
	e->slots[pick->slot] = raw;
}

/* Neighbouring flags that are all 0: present, and no more. */
static void
take_flags(struct evidence *e, const struct can_pick *pick)
{
	size_t slot = pick->slot, end = slot + pick->flag_count;

	while (slot < end) {
		uint64_t mask = UINT64_MAX << slot % 64;
		size_t next = (slot / 64 + 1) * 64;

		if (next > end) {
			mask &= UINT64_MAX >> (next - end);
			next = end;
		}
		e->slot_set[slot / 64] |= mask;
		e->slot_live[slot / 64] &= ~mask;
		slot = next;
	}
}

/* Flags whose bits lie in a row: all of them at once. */
static void
take_row(struct evidence *e, const struct can_pick *pick, uint64_t word)
{
	size_t at = pick->slot / 64;
	unsigned shift = pick->slot % 64;
	uint64_t mask = pick->flags >> pick->bits.start;
	uint64_t live = word >> pick->bits.start & mask;

	e->slot_set[at] |= mask << shift;
	e->slot_live[at] =
	    (e->slot_live[at] & ~(mask << shift)) | live << shift;
	for (; live != 0; live &= live - 1)
		e->slots[pick->slot + __builtin_ctzll(live)] = 1;
}

static void
take_picks(struct evidence *e, const struct can_pick *pick,
    const struct can_pick *end, const struct payload *payload)
{
	while (pick < end) {
		if (pick->flags == 0 || payload->size < 8) {
			take_pick(e, pick++, payload);
		} else if (pick->flag_row) {
			take_row(e, pick, payload->word);
			pick += pick->flag_count;
		} else if ((payload->word & pick->flags) == 0) {
			take_flags(e, pick);
			pick += pick->flag_count;
		} else {
			take_pick(e, pick++, payload);
		}
	}
}

static void
take_message(struct evidence *e, const struct can_message *message,
    const struct payload *payload)
{
	const struct can_pick *picks = &e->profile->picks[message->first];
	int64_t value;

	if (message->chained) {
		for (size_t i = 0; i < message->count; i++)
			if (dbc_signal_active(message->message, picks[i].signal,
				payload->data, payload->size))
				take_pick(e, &picks[i], payload);
		return;
	}
	take_picks(e, picks, picks + message->always, payload);
	if (!message->has_selector ||
	    !bits_get(
		&message->selector, payload->data, payload->size, &value) ||
	    value < 0 || value > 255)
		return;
	take_picks(e, picks + message->by_value[value],
	    picks + message->by_value[value + 1], payload);
}

/* Eight bytes are taken at once; BITS_SLACK is readable behind them. */
static inline void
load(struct payload *payload, const struct frame_can *can)
{
	payload->size = can->size;
	if (can->size == sizeof(payload->word)) {
		memcpy(&payload->word, can->data, sizeof(payload->word));
		memcpy(payload->data, &payload->word, sizeof(payload->word));
		memset(payload->data + 8, 0, BITS_SLACK);
	} else {
		memset(payload->data, 0, sizeof(payload->data));
		memcpy(payload->data, can->data, can->size);
		memcpy(&payload->word, payload->data, sizeof(payload->word));
	}
	payload->turned = be64toh(payload->word);
	payload->word = le64toh(payload->word);
}

static void
can_slots(struct evidence *e, const struct frame *frame, struct arena *arena)
{
	size_t words = e->profile->slot_count / 64 + 1;
	struct payload payload;

	e->slots = arena_alloc(
	    arena, (e->profile->slot_count + 1) * sizeof(*e->slots));
	e->slot_set = arena_alloc(arena, 2 * words * sizeof(*e->slot_set));
	e->slot_live = e->slot_set + words;
	memset(e->slot_set, 0, 2 * words * sizeof(*e->slot_set));
	for (size_t i = 0; i < frame->count; i++) {
		const struct frame_can *can = &frame->part.can[i];
		const struct can_message *message = message_of(e->profile, can);

		if (message == NULL)
			continue;
		load(&payload, can);
		take_message(e, message, &payload);
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
	if (e->profile->framing != NULL) {
		e->documents[e->document_count++] =
		    e->profile->framing->items(frame);
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

/* Each for itself: one memset of all is slower here. */
static void
evidence_clear(struct evidence *evidence, const struct profile *profile)
{
	evidence->profile = profile;
	evidence->pieces = NULL;
	evidence->piece_count = evidence->coils_from = 0;
	evidence->slots = NULL;
	evidence->slot_set = evidence->slot_live = NULL;
	evidence->items = NULL;
	evidence->documents = NULL;
	evidence->document_count = 0;
}

int
evidence_open(struct evidence *evidence, const struct profile *profile,
    const struct frame *frame, struct arena *arena, struct failure *why)
{
	evidence_clear(evidence, profile);
	evidence->arena = arena;
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
	if (profile->protocol == FRAME_HTTP)
		return evidence_http(evidence, frame, arena, why);
	if (profile->framing != NULL && profile->framing->items == NULL)
		return framing_take(evidence, frame, arena, why);
	return text_items(evidence, frame, arena, why);
}

void
evidence_close(struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->document_count; i++)
		json_decref(evidence->documents[i]);
	evidence->document_count = 0;
}
