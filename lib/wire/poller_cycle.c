/* The messages of one cycle, each with its newest data, in one frame. */
#include <string.h>

#include "wire/poller_parts.h"

int64_t
heard_cycle(const struct target *target)
{
	int64_t cycle = profile_cycle_ms(target->profile->profile);

	return cycle > 0 ? cycle : CYCLE_DEFAULT_MS;
}

/* Several devices of a make on one bus are told apart by the bits of the
 * identifier that the profile leaves open. */
static bool
is_source(const struct target *target, const struct frame_can *can)
{
	const struct profile *profile = target->profile->profile;

	return target->device.source < 0 || !can->extended ||
	    (can->id & ~profile_can_mask(profile)) == target->device.source;
}

int64_t
heard_key(const struct target *target, const struct frame_can *can)
{
	return is_source(target, can)
	    ? profile_can_key(target->profile->profile, can)
	    : -1;
}

/* Is a message of this identifier in the frame? */
static bool
is_in(const struct frame *frame, const struct profile_can *id)
{
	uint32_t mask = id->mask != 0 ? id->mask : UINT32_MAX;

	for (size_t i = 0; i < frame->count; i++)
		if (((frame->part.can[i].id ^ id->id) & mask) == 0 &&
		    frame->part.can[i].extended == id->extended)
			return true;
	return false;
}

bool
heard_whole(const struct target *target)
{
	const struct profile_can *ids;
	size_t count = profile_cans(target->profile->profile, &ids);

	for (size_t i = 0; i < count; i++)
		if (ids[i].must && !is_in(&target->frame, &ids[i]))
			return false;
	return target->frame.count > 0;
}

/* Behind the other turns of its message: what all turns tell is taken from
 * the last of them. */
static struct frame_can *
newest(struct target *target, size_t at)
{
	struct frame_can *can = target->frame.part.can, moved = can[at];
	int64_t key = target->keys[at];
	size_t last = at;

	for (size_t i = at + 1; i < target->frame.count; i++)
		if (target->keys[i] >> PROFILE_TURN_BITS ==
		    key >> PROFILE_TURN_BITS)
			last = i;
	memmove(can + at, can + at + 1, (last - at) * sizeof(*can));
	memmove(target->keys + at, target->keys + at + 1,
	    (last - at) * sizeof(key));
	can[last] = moved;
	target->keys[last] = key;
	return &can[last];
}

/* The place of a message in the frame: that of the one before it of the
 * same key, else a new one. NULL when the frame is full. */
static struct frame_can *
place(struct target *target, int64_t key)
{
	struct frame *frame = &target->frame;
	size_t room = target->room;
	int64_t *keys;

	for (size_t i = 0; i < frame->count; i++)
		if (target->keys[i] == key)
			return newest(target, i);
	if (!target_part(target, sizeof(*frame->part.can)))
		return NULL;
	if (target->room != room) {
		keys = arena_alloc(&target->came, target->room * sizeof(key));
		if (frame->count > 0)
			memcpy(keys, target->keys, frame->count * sizeof(key));
		target->keys = keys;
	}
	target->keys[frame->count] = key;
	return &frame->part.can[frame->count++];
}

void
heard_keep(struct target *target, const struct frame_can *can, int64_t key)
{
	size_t before = target->frame.count;
	struct frame_can *part = place(target, key);
	bool fresh = target->frame.count > before;
	uint8_t *data;

	if (part == NULL)
		return;
	data = fresh ? arena_alloc(&target->came, FRAME_CAN_MAX)
		     : (uint8_t *)(uintptr_t)part->data;
	memcpy(data, can->data, can->size);
	*part = *can;
	part->data = data;
}
