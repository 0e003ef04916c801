/* Which devices are in service, and the ways to them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "wire/poller_parts.h"
#include "wire/slcan.h"

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

bool
endpoint_heard(const struct endpoint *endpoint)
{
	return endpoint->way.link != LINK_TCP &&
	    endpoint->way.link != LINK_SERIAL;
}

void
target_free(struct target *target)
{
	profile_share_drop(target->profile);
	profile_share_drop(target->fresh);
	free(target->texts);
	arena_free(&target->came);
	free(target);
}

void
endpoint_free(struct endpoint *endpoint)
{
	endpoint_close(endpoint);
	tcp_free(&endpoint->tcp);
	buf_free(&endpoint->in);
	buf_free(&endpoint->out);
	free(endpoint->texts);
	free(endpoint->members);
	free(endpoint);
}

/* Copy a text behind those that are there. */
static const char *
put_text(char **at, const char *text)
{
	char *copy = *at;
	size_t size = strlen(text) + 1;

	memcpy(copy, text, size);
	*at += size;
	return copy;
}

/* Copy a device; its texts are one allocation, which is returned. */
static char *
copy_device(const struct device *from, struct device *to)
{
	size_t size = strlen(from->tenant) + strlen(from->device) +
	    strlen(from->profile) + strlen(from->address) + strlen(from->host) +
	    strlen(from->interface) + 6;
	char *texts = mem_alloc(size);
	char *at = texts;

	*to = *from;
	to->tenant = put_text(&at, from->tenant);
	to->device = put_text(&at, from->device);
	to->profile = put_text(&at, from->profile);
	to->address = put_text(&at, from->address);
	to->host = put_text(&at, from->host);
	to->interface = put_text(&at, from->interface);
	to->battery = "";
	return texts;
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

/* Is this the same connection, bus or log? */
static bool
same_way(const struct device *a, const struct device *b)
{
	return a->link == b->link && strcmp(a->host, b->host) == 0 &&
	    (a->link != LINK_TCP || a->port == b->port);
}

/* A bus has one speed. */
static bool
same_settings(const struct device *a, const struct device *b)
{
	if (a->link == LINK_SERIAL)
		return a->baud == b->baud && a->parity == b->parity &&
		    a->stop_bits == b->stop_bits;
	return a->link != LINK_SLCAN || a->bitrate == b->bitrate;
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
	if (plan_size(profile) == 0)
		return failure_set(why, EXIT_WRONG,
		    "profile %s tells "
		    "nothing to read",
		    device->profile);
	if (device->link == LINK_SLCAN &&
	    slcan_opening(device->bitrate) == NULL)
		return failure_set(why, EXIT_WRONG,
		    "no adapter has a bit "
		    "rate of %u",
		    device->bitrate);
	for (size_t i = 0; i < set->count; i++) {
		const struct device *other = &set->targets[i]->device;

		if (same_way(device, other) && !same_settings(device, other))
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

static struct target *
new_target(struct poller *poller, const struct device *device,
    struct shared_profile *share)
{
	struct target *target = mem_zero(1, sizeof(*target));

	target->texts = copy_device(device, &target->device);
	target->profile = share;
	target->interval_ms = interval_of(poller, device, share->profile);
	target->due_ms = clock_monotonic_ms();
	target->answered = true; /* it gets the benefit of the doubt */
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

/* ---- putting it in service --------------------------------------------- */

static struct endpoint *
way_to(struct poller *poller, const struct target *target)
{
	struct endpoint *endpoint;

	for (size_t i = 0; i < poller->endpoint_count; i++) {
		endpoint = poller->endpoints[i];
		if (same_way(&endpoint->way, &target->device) &&
		    same_settings(&endpoint->way, &target->device))
			return endpoint;
	}
	endpoint = mem_zero(1, sizeof(*endpoint));
	endpoint->poller = poller;
	endpoint->fd = -1;
	endpoint->deadline_ms = INT64_MAX;
	endpoint->texts = copy_device(&target->device, &endpoint->way);
	poller->endpoints = mem_grow(
	    poller->endpoints, poller->endpoint_count + 1, sizeof(endpoint));
	poller->endpoints[poller->endpoint_count++] = endpoint;
	return endpoint;
}

/* Would this device be heard for other messages than up to now? */
static bool
other_ids(const struct target *target)
{
	const struct profile_can *old, *fresh;
	size_t count = profile_cans(target->profile->profile, &old);

	if (target->endpoint == NULL)
		return true;
	if (profile_cans(target->fresh->profile, &fresh) != count)
		return true;
	for (size_t i = 0; i < count; i++)
		if (old[i].id != fresh[i].id ||
		    old[i].extended != fresh[i].extended)
			return true;
	return false;
}

static void
join(struct poller *poller, struct target *target)
{
	struct endpoint *endpoint = way_to(poller, target);

	endpoint->members =
	    mem_grow(endpoint->members, endpoint->count + 1, sizeof(target));
	endpoint->members[endpoint->count++] = target;
	/* What the kernel lets through was set for the others. */
	if (endpoint->way.link == LINK_CAN && other_ids(target))
		endpoint_close(endpoint);
	target->endpoint = endpoint;
}

/* Targets that are not kept leave their ways and end. */
static void
retire(struct poller *poller)
{
	for (size_t i = 0; i < poller->target_count; i++) {
		struct target *target = poller->targets[i];

		if (target->keep) {
			target->keep = false;
			continue;
		}
		asked_forget(target->endpoint, target);
		target_free(target);
	}
	for (size_t i = 0; i < poller->endpoint_count; i++)
		poller->endpoints[i]->count = 0;
}

static void
drop_unused_ways(struct poller *poller)
{
	size_t left = 0;

	for (size_t i = 0; i < poller->endpoint_count; i++) {
		if (poller->endpoints[i]->count > 0)
			poller->endpoints[left++] = poller->endpoints[i];
		else
			endpoint_free(poller->endpoints[i]);
	}
	poller->endpoint_count = left;
}

/* A bus that is to be opened anew: what was heard is not worth a frame. */
static void
forget_windows(struct poller *poller)
{
	for (size_t i = 0; i < poller->target_count; i++) {
		struct target *target = poller->targets[i];

		if (target->device.link == LINK_CAN &&
		    target->endpoint->state == ENDPOINT_CLOSED)
			target->busy = false;
	}
}

static void
put_in_service(struct fresh_set *set)
{
	struct poller *poller = set->poller;

	retire(poller);
	free(poller->targets);
	poller->targets = set->targets;
	poller->target_count = set->count;
	for (size_t i = 0; i < set->count; i++)
		join(poller, set->targets[i]);
	drop_unused_ways(poller);
	forget_windows(poller);
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
		put_in_service(&set);
	else
		give_up(&set);
	for (size_t i = 0; i < set.profile_count; i++)
		profile_share_drop(set.profiles[i]);
	free(set.profiles);
	return status;
}
