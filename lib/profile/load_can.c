/* Which CAN signals a profile uses, sorted for one pass over a frame. */
#include <stdlib.h>
#include <string.h>

#include "profile/load.h"

#define CAN_ID_MAX 0x1FFFFFFF

/* While loading, pick.slot counts up and `signal` and its message are
 * known; load_messages sorts the picks. */
int
load_signal(struct loader *l, const char *name, struct source *source)
{
	struct profile *p = l->profile;
	const struct dbc_message *message = NULL;
	const struct dbc_signal *signal = NULL;
	struct can_pick *pick;
	size_t found = dbc_signal_find(p->dbc, name, &message, &signal);

	if (found == 0)
		return failure_set(l->why, EXIT_WRONG,
		    "signal %s is not in the DBC file", name);
	if (found > 1 || !signal->usable)
		return failure_set(l->why, EXIT_WRONG,
		    found > 1
			? "signal %s is in several messages: Message.Signal"
			: "signal %s has no bits or more than 64",
		    name);
	source->type = SOURCE_SLOT;
	source->size = (uint16_t)signal->type;
	for (size_t i = 0; i < p->pick_count; i++) {
		if (p->picks[i].signal != signal)
			continue;
		source->address = p->picks[i].slot;
		return 0;
	}
	if (p->slot_count >= PROFILE_SLOTS_MAX)
		return failure_set(l->why, EXIT_WRONG, "too many signals");
	if (p->pick_count == p->pick_room) {
		p->pick_room = p->pick_room * 2 + 64;
		p->picks = mem_grow(p->picks, p->pick_room, sizeof(*p->picks));
	}
	pick = &p->picks[p->pick_count++];
	memset(pick, 0, sizeof(*pick));
	pick->bits = signal->bits;
	pick->type = (uint8_t)signal->type;
	pick->slot = (uint16_t)p->slot_count++;
	pick->signal = signal;
	source->address = pick->slot;
	return 0;
}

const struct dbc_signal *
load_slot_signal(const struct profile *profile, uint32_t slot)
{
	for (size_t i = 0; i < profile->pick_count; i++)
		if (profile->picks[i].slot == slot)
			return profile->picks[i].signal;
	return NULL;
}

/* Selector values of a pick; false for what needs the slow way. */
static bool
plain_selector(const struct dbc_message *message, struct can_pick *pick)
{
	const struct dbc_signal *signal = pick->signal, *selector;

	pick->low = pick->high = INT64_MIN;
	if (signal->selected_by < 0)
		return true;
	selector = &message->signals[signal->selected_by];
	if (signal->range_count != 1 || selector->selected_by >= 0 ||
	    !selector->usable)
		return false;
	pick->low = signal->ranges->low;
	pick->high = signal->ranges->high;
	return pick->low == pick->high;
}

static int
by_selector(const void *a, const void *b)
{
	const struct can_pick *x = a, *y = b;

	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

/* Where the picks of each selector value of one byte start. */
static void
index_values(const struct profile *p, struct can_message *message)
{
	const struct can_pick *pick = &p->picks[message->first];
	size_t at = 0;

	while (at < message->count && pick[at].low == INT64_MIN)
		at++;
	message->always = at;
	for (int value = 0; value <= 256; value++) {
		while (at < message->count && pick[at].low < value)
			at++;
		message->by_value[value] = (uint16_t)at;
	}
}

/* All picks of one DBC message, from `first` on. */
static int
group(struct loader *l, const struct dbc_message *source, size_t first,
    size_t count)
{
	struct profile *p = l->profile;
	struct can_message *message = &p->messages[p->message_count++];
	int32_t selector = -1;

	memset(message, 0, sizeof(*message));
	message->id = source->id;
	message->extended = source->extended;
	message->size = source->size;
	message->fd = source->size > 8;
	message->message = source;
	message->first = first;
	message->count = count;
	if (source->size > FRAME_CAN_MAX)
		return failure_set(l->why, EXIT_WRONG,
		    "message %s is longer than a CAN message", source->name);
	for (size_t i = first; i < first + count; i++) {
		int32_t by = p->picks[i].signal->selected_by;

		if (!plain_selector(source, &p->picks[i]) ||
		    (by >= 0 && selector >= 0 && by != selector))
			message->chained = true;
		if (by >= 0)
			selector = by;
		if (p->picks[i].high > 255)
			message->chained = true;
	}
	if (selector >= 0) {
		message->has_selector = true;
		message->selector = source->signals[selector].bits;
	}
	qsort(&p->picks[first], count, sizeof(*p->picks), by_selector);
	index_values(p, message);
	if (!message->extended && message->id < 2048)
		p->message_of[message->id] = (uint16_t)p->message_count;
	return 0;
}

/* "must": messages without which a cycle is not complete. */
static int
must_have(struct loader *l, const json_t *must)
{
	struct profile *p = l->profile;
	const json_t *one;
	size_t i;

	json_array_foreach(must, i, one)
	{
		size_t m = 0;

		while (m < p->message_count && json_is_string(one) &&
		    strcmp(p->messages[m].message->name,
			json_string_value(one)) != 0)
			m++;
		if (m == p->message_count || !json_is_string(one))
			return failure_set(l->why, EXIT_WRONG,
			    "can: must: not a message that is used: %s",
			    json_is_string(one) ? json_string_value(one) : "");
		p->cans[m].must = true;
	}
	return 0;
}

int
load_messages(struct loader *l, const json_t *must)
{
	struct profile *p = l->profile;
	struct can_pick *sorted = mem_zero(p->pick_count + 1, sizeof(*sorted));
	size_t filled = 0;

	p->messages = mem_zero(p->pick_count + 1, sizeof(*p->messages));
	for (size_t m = 0; m < p->dbc->count; m++) {
		const struct dbc_message *source = &p->dbc->messages[m];
		size_t first = filled;

		for (size_t i = 0; i < p->pick_count; i++) {
			const struct dbc_signal *s = p->picks[i].signal;

			if (s >= source->signals &&
			    s < source->signals + source->count)
				sorted[filled++] = p->picks[i];
		}
		if (filled == first)
			continue;
		/* copy back before the next message is looked at */
		p->messages[p->message_count].first = first;
		p->messages[p->message_count].count = filled - first;
		p->messages[p->message_count++].message = source;
	}
	free(p->picks);
	p->picks = sorted;
	p->cans = mem_zero(p->message_count + 1, sizeof(*p->cans));
	filled = p->message_count;
	p->message_count = 0;
	for (size_t m = 0; m < filled; m++) {
		struct can_message one = p->messages[m];

		if (group(l, one.message, one.first, one.count) != 0)
			return -1;
		p->cans[m].id = p->messages[m].id;
		p->cans[m].extended = p->messages[m].extended;
		if (p->messages[m].extended && p->can_mask != CAN_ID_MAX)
			p->cans[m].mask = p->can_mask;
	}
	return must_have(l, must);
}

/* "305#0011", or "351#R8" for a remote request. */
static bool
read_request(struct arena *arena, const char *text, size_t size,
    struct profile_can_request *request)
{
	struct frame_can *can = &request->message;
	const char *mark = memchr(text, '#', size);
	size_t head = mark == NULL ? 0 : (size_t)(mark - text) + 1;
	uint8_t data[FRAME_CAN_MAX], *copy;

	request->remote = head > 0 && size > head && text[head] == 'R';
	if (!request->remote) {
		if (!frame_can_parse(text, size, can, data))
			return false;
		copy = arena_alloc(arena, (size_t)can->size + 1);
		can->data = memcpy(copy, data, can->size);
		return true;
	}
	if (!frame_can_parse(text, head, can, data) || size > head + 2)
		return false;
	if (size == head + 2) {
		if (text[head + 1] < '0' || text[head + 1] > '8')
			return false;
		can->size = (uint8_t)(text[head + 1] - '0');
	}
	can->data = NULL;
	return true;
}

int
load_can(struct loader *l, const json_t *can)
{
	const json_t *list = json_object_get(can, "requests"), *one;
	struct profile *p = l->profile;
	size_t count = json_array_size(list), i;
	int64_t mask = 0;

	if (load_address(l, can, "mask", CAN_ID_MAX, &mask) != 0)
		return -1;
	p->can_mask = mask == 0 ? CAN_ID_MAX : (uint32_t)mask;
	if (list != NULL && (count == 0 || count > PROFILE_REQUESTS_MAX))
		return failure_set(l->why, EXIT_WRONG,
		    "can: requests: not 1 to %d", PROFILE_REQUESTS_MAX);
	p->can_requests =
	    arena_alloc(&p->arena, (count + 1) * sizeof(*p->can_requests));
	json_array_foreach(list, i, one)
	{
		struct profile_can_request *request = &p->can_requests[i];

		memset(request, 0, sizeof(*request));
		if (!json_is_string(one) ||
		    !read_request(&p->arena, json_string_value(one),
			json_string_length(one), request))
			return failure_set(l->why, EXIT_WRONG,
			    "can: requests[%zu]: not a CAN message", i);
		p->can_request_count++;
	}
	return 0;
}
