/* The ways to the devices, and a set of devices that goes into service. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "wire/poller_parts.h"
#include "wire/slots.h"

bool
endpoint_heard(const struct endpoint *endpoint)
{
	if (endpoint_web(endpoint))
		return endpoint->stream != NULL;
	return endpoint->way.link != LINK_TCP &&
	    endpoint->way.link != LINK_SERIAL;
}

void
endpoint_free(struct endpoint *endpoint)
{
	endpoint_close(endpoint);
	web_free(endpoint);
	endpoint_untouch(endpoint);
	timers_stop(&endpoint->poller->clocks, &endpoint->clock);
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
char *
device_copy(const struct device *from, struct device *to)
{
	size_t size = strlen(from->tenant) + strlen(from->device) +
	    strlen(from->profile) + strlen(from->address) + strlen(from->host) +
	    strlen(from->interface) + strlen(from->base) +
	    strlen(from->secret) + strlen(from->cafile) + 9;
	char *texts = mem_alloc(size);
	char *at = texts;

	*to = *from;
	to->tenant = put_text(&at, from->tenant);
	to->device = put_text(&at, from->device);
	to->profile = put_text(&at, from->profile);
	to->address = put_text(&at, from->address);
	to->host = put_text(&at, from->host);
	to->interface = put_text(&at, from->interface);
	to->base = put_text(&at, from->base);
	to->secret = put_text(&at, from->secret);
	to->cafile = put_text(&at, from->cafile);
	to->battery = "";
	return texts;
}

/* Is this the same server, and may it be the same connection? */
static bool
same_server(const struct device *a, const struct device *b)
{
	return a->link == b->link && a->port == b->port && a->tls == b->tls &&
	    strcmp(a->host, b->host) == 0 && strcmp(a->base, b->base) == 0 &&
	    strcmp(a->secret, b->secret) == 0 &&
	    strcmp(a->cafile, b->cafile) == 0;
}

/* Is this the same connection, bus or log? */
bool
way_same(const struct device *a, const struct device *b)
{
	if (a->link == LINK_HTTP || a->link == LINK_WEBSOCKET)
		return same_server(a, b);
	return a->link == b->link && strcmp(a->host, b->host) == 0 &&
	    (a->link != LINK_TCP || a->port == b->port);
}

/* A bus has one speed. */
bool
way_same_settings(const struct device *a, const struct device *b)
{
	if (a->link == LINK_SERIAL)
		return a->baud == b->baud && a->parity == b->parity &&
		    a->stop_bits == b->stop_bits;
	if (a->link == LINK_TCP)
		return a->rtu == b->rtu;
	if (a->link == LINK_CANDUMP)
		return a->delta == b->delta;
	if (a->link == LINK_CAN)
		return a->bitrate == b->bitrate;
	return a->link != LINK_SLCAN ||
	    (a->bitrate == b->bitrate && a->baud == b->baud &&
		a->acknowledge == b->acknowledge);
}

/* Does the device tell unasked? */
static bool
streams(const struct target *target)
{
	const struct shared_profile *share =
	    target->fresh != NULL ? target->fresh : target->profile;

	return profile_protocol(share->profile) == FRAME_HTTP &&
	    profile_http(share->profile)->stream != STREAM_NONE;
}

/* A connection that tells unasked tells what one profile has it tell. */
static bool
same_stream(const struct endpoint *endpoint, const struct target *target)
{
	if (endpoint->stream == NULL || !streams(target))
		return endpoint->stream == NULL && !streams(target);
	return strcmp(endpoint->stream, target->device.profile) == 0;
}

static struct endpoint *
way_to(struct poller *poller, const struct target *target)
{
	struct endpoint *endpoint;

	for (size_t i = 0; i < poller->endpoint_count; i++) {
		endpoint = poller->endpoints[i];
		if (same_stream(endpoint, target) &&
		    way_same(&endpoint->way, &target->device) &&
		    way_same_settings(&endpoint->way, &target->device))
			return endpoint;
	}
	endpoint = mem_zero(1, sizeof(*endpoint));
	endpoint->poller = poller;
	endpoint->clock.owner = endpoint;
	endpoint->fd = -1;
	endpoint->deadline_ms = INT64_MAX;
	endpoint->texts = device_copy(&target->device, &endpoint->way);
	if (streams(target))
		endpoint->stream = endpoint->way.profile;
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
		if (old[i].id != fresh[i].id || old[i].mask != fresh[i].mask ||
		    old[i].extended != fresh[i].extended)
			return true;
	return false;
}

static void
join(struct poller *poller, struct target *target)
{
	struct endpoint *endpoint = way_to(poller, target);
	bool fresh = target->endpoint == NULL;

	/* its profile, read anew, is a stream now, or none any more */
	if (!fresh && target->endpoint != endpoint) {
		asked_forget(target->endpoint, target);
		target->busy = target->queued = false;
	}
	endpoint->members =
	    mem_grow(endpoint->members, endpoint->count + 1, sizeof(target));
	endpoint->members[endpoint->count++] = target;
	/* What the kernel lets through was set for the others. */
	if (endpoint->way.link == LINK_CAN && other_ids(target))
		endpoint_close(endpoint);
	/* What it tells was asked for as the profile stood then. */
	if (endpoint->stream != NULL && target->fresh != NULL)
		endpoint_close(endpoint);
	/* Only an adapter is told beforehand whether it may speak. */
	if (endpoint->way.link == LINK_SLCAN && !endpoint->speaks &&
	    bus_must_speak(endpoint))
		endpoint_close(endpoint);
	target->endpoint = endpoint;
	if (endpoint->pause_ms < target->device.pause_ms)
		endpoint->pause_ms = target->device.pause_ms;
	endpoint->brief |= target->device.brief;
	/* a log that is read once has no slots */
	if (fresh &&
	    (endpoint->way.link != LINK_CANDUMP ||
		poller->options.every_ms > 0))
		timers_set(&poller->slots, &target->due,
		    slot_first(clock_monotonic_ms(), clock_now_ms(),
			target->interval_ms));
}

static void
forget_members(struct endpoint *endpoint)
{
	endpoint->count = 0;
	endpoint->pause_ms = 0;
	endpoint->brief = false;
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
		forget_members(poller->endpoints[i]);
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

		if ((target->device.link == LINK_CAN ||
			target->device.link == LINK_SLCAN ||
			target->endpoint->stream != NULL) &&
		    target->endpoint->state == ENDPOINT_CLOSED)
			target->busy = false;
	}
}

void
set_in_service(struct poller *poller, struct target **targets, size_t count)
{
	retire(poller);
	free(poller->targets);
	poller->targets = targets;
	poller->target_count = count;
	for (size_t i = 0; i < count; i++)
		join(poller, targets[i]);
	drop_unused_ways(poller);
	forget_windows(poller);
	poller->done = 0;
	for (size_t i = 0; i < poller->endpoint_count; i++)
		endpoint_touch(poller->endpoints[i]);
}
