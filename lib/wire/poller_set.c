/* Which devices are in service, and the ways to them. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "wire/poller_parts.h"
#include "wire/slcan.h"
#include "wire/thingset_can.h"

/* A new set while it is made; nothing of it is in service yet. */
struct fresh_set {
	struct poller *poller;
	struct target **targets;
	size_t count;
	struct shared_profile **profiles;
	size_t profile_count;
};

void
profile_share_drop(struct shared_profile *share)
{
	if (share == NULL || --share->users > 0)
		return;
	profile_free(share->profile);
	free(share);
}

void
target_free(struct target *target)
{
	if (target->endpoint != NULL)
		timers_stop(&target->endpoint->poller->slots, &target->due);
	modbus_reader_free(target->reader);
	profile_share_drop(target->profile);
	profile_share_drop(target->fresh);
	free(target->texts);
	things_free(&target->things);
	node_free(target);
	arena_free(&target->came);
	free(target);
}

static bool
same_device(const struct device *a, const struct device *b)
{
	return strcmp(a->tenant, b->tenant) == 0 &&
	    strcmp(a->device, b->device) == 0 &&
	    strcmp(a->profile, b->profile) == 0 &&
	    strcmp(a->address, b->address) == 0 && a->unit == b->unit &&
	    a->interval_ms == b->interval_ms && a->timeout_ms == b->timeout_ms;
}

static struct shared_profile *
share_profile(struct fresh_set *set, const char *name, struct failure *why)
{
	struct shared_profile *share;
	struct profile *profile;

	for (size_t i = 0; i < set->profile_count; i++)
		if (strcmp(profile_name(set->profiles[i]->profile), name) == 0)
			return set->profiles[i];
	profile = profile_open(set->poller->options.profile_dir, name, why);
	if (profile == NULL)
		return NULL;
	share = mem_zero(1, sizeof(*share));
	share->profile = profile;
	share->users = 1; /* the set itself, until it is made */
	set->profiles =
	    mem_grow(set->profiles, set->profile_count + 1, sizeof(share));
	set->profiles[set->profile_count++] = share;
	return share;
}

/* Can this protocol be spoken over that link? */
static bool
speakable(const struct device *device, enum frame_protocol protocol)
{
	bool serial = device->link == LINK_TCP || device->link == LINK_SERIAL;

	if (device->link == LINK_HTTP || device->link == LINK_WEBSOCKET ||
	    protocol == FRAME_HTTP)
		return web_speakable(device, protocol);
	if (device->rtu)
		return protocol == FRAME_MODBUS;
	if (protocol == FRAME_THINGSET)
		return true;
	return serial == (protocol != FRAME_CAN);
}

static size_t
plan_size(const struct profile *profile)
{
	const struct profile_block *blocks;
	const struct profile_can *ids;
	const struct profile_request *requests;

	switch (profile_protocol(profile)) {
	case FRAME_MODBUS:
		return profile_blocks(profile, &blocks);
	case FRAME_CAN:
		return profile_cans(profile, &ids);
	case FRAME_THINGSET:
		return profile_requests(profile, &requests) +
		    profile_thingset(profile)->report_count;
	default:
		return profile_requests(profile, &requests);
	}
}

static int
check_device(const struct fresh_set *set, const struct device *device,
    const struct profile *profile, struct failure *why)
{
	enum frame_protocol protocol = profile_protocol(profile);

	if (!speakable(device, protocol))
		return failure_set(why, EXIT_WRONG,
		    "profile %s speaks %s, "
		    "which does not go over %s",
		    device->profile, frame_protocol_names[protocol],
		    device->address);
	if (protocol == FRAME_HTTP &&
	    web_check(set->poller, device, profile, why) != 0)
		return -1;
	if (protocol == FRAME_THINGSET && device->link != LINK_TCP &&
	    device->link != LINK_SERIAL &&
	    (device->unit < 1 || device->unit > THINGSET_NODE_MAX))
		return failure_set(why, EXIT_WRONG,
		    "a node's address (unit) is from 1 to %d",
		    THINGSET_NODE_MAX);
	if (protocol == FRAME_THINGSET && device->link == LINK_CANDUMP &&
	    profile_thingset(profile)->report_count == 0)
		return failure_set(why, EXIT_WRONG,
		    "profile %s has no reports that a log can hold",
		    device->profile);
	if (plan_size(profile) == 0)
		return failure_set(why, EXIT_WRONG,
		    "profile %s tells "
		    "nothing to read",
		    device->profile);
	if (device->link == LINK_SLCAN && !slcan_has_bitrate(device->bitrate))
		return failure_set(why, EXIT_WRONG,
		    "no adapter has a bit "
		    "rate of %u",
		    device->bitrate);
	for (size_t i = 0; i < set->count; i++) {
		const struct device *other = &set->targets[i]->device;

		if (way_same(device, other) &&
		    !way_same_settings(device, other))
			return failure_set(why, EXIT_WRONG,
			    "%s has other "
			    "settings of the line than %s/%s",
			    device->address, other->tenant, other->device);
	}
	return 0;
}

static struct target *
find_served(struct poller *poller, const struct device *device)
{
	for (size_t i = 0; i < poller->target_count; i++)
		if (!poller->targets[i]->keep &&
		    same_device(&poller->targets[i]->device, device))
			return poller->targets[i];
	return NULL;
}

/* How often: its own interval, else ours, but no oftener than its make
 * stands. */
static int64_t
interval_of(const struct poller *poller, const struct device *device,
    const struct profile *profile)
{
	int64_t least = profile_interval_ms(profile);
	int64_t every = poller->options.every_ms;

	if (every == 0 && device->link != LINK_CANDUMP)
		return 0;
	if (device->interval_ms > 0)
		return device->interval_ms;
	return every > 0 && every < least ? least : every;
}

/* How it stood, if it is served already but for another time-out or
 * profile; else what is known from earlier. */
static void
recall(const struct poller *poller, struct target *target)
{
	const struct device *device = &target->device;

	for (size_t i = 0; i < poller->target_count; i++) {
		const struct target *old = poller->targets[i];

		if (strcmp(old->device.device, device->device) == 0 &&
		    strcmp(old->device.tenant, device->tenant) == 0 &&
		    strcmp(old->device.address, device->address) == 0 &&
		    old->device.unit == device->unit) {
			target->standing = old->standing;
			return;
		}
	}
	if (poller->options.recall != NULL)
		poller->options.recall(
		    poller->options.context, device, &target->standing);
}

static struct target *
new_target(struct poller *poller, const struct device *device,
    struct shared_profile *share)
{
	struct target *target = mem_zero(1, sizeof(*target));

	target->texts = device_copy(device, &target->device);
	target->profile = share;
	target->interval_ms = interval_of(poller, device, share->profile);
	target->due.owner = target;
	recall(poller, target);
	share->users++;
	return target;
}

static int
add_device(
    struct fresh_set *set, const struct device *device, struct failure *why)
{
	struct shared_profile *share = share_profile(set, device->profile, why);
	struct target *target;

	if (share == NULL || check_device(set, device, share->profile, why) < 0)
		return failure_prefix(
		    why, "%s/%s", device->tenant, device->device);
	target = find_served(set->poller, device);
	if (target != NULL) {
		target->keep = true;
		profile_share_drop(target->fresh);
		target->fresh = share;
		share->users++;
	} else {
		target = new_target(set->poller, device, share);
	}
	set->targets[set->count++] = target;
	return 0;
}

/* The new set is not to be: take back what it did. */
static void
give_up(struct fresh_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		struct target *target = set->targets[i];

		if (!target->keep) {
			target_free(target);
			continue;
		}
		target->keep = false;
		profile_share_drop(target->fresh);
		target->fresh = NULL;
	}
	free(set->targets);
}

int
poller_devices(struct poller *poller, const struct device *devices,
    size_t count, size_t *at, struct failure *why)
{
	struct fresh_set set = { .poller = poller };
	int status = 0;

	set.targets = mem_zero(count + 1, sizeof(*set.targets));
	for (*at = 0; *at < count && status == 0; ++*at)
		status = add_device(&set, &devices[*at], why);
	if (status < 0)
		--*at;
	if (status == 0)
		set_in_service(poller, set.targets, set.count);
	else
		give_up(&set);
	for (size_t i = 0; i < set.profile_count; i++)
		profile_share_drop(set.profiles[i]);
	free(set.profiles);
	return status;
}
