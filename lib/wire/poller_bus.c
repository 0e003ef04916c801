/*
 * What a CAN bus tells of itself: error frames, the state of its
 * controller, its bit rate. And what is sent to it: the requests that a
 * profile names, and nothing else.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wire/poller_parts.h"
#include "wire/slcan.h"
#include "wire/socketcan.h"

static const struct profile *
newest_profile(const struct target *target)
{
	return (target->fresh != NULL ? target->fresh : target->profile)
	    ->profile;
}

bool
bus_must_speak(const struct endpoint *endpoint)
{
	const struct profile_can_request *requests;

	if (endpoint->way.acknowledge)
		return true;
	for (size_t i = 0; i < endpoint->count; i++)
		if (profile_can_requests(
			newest_profile(endpoint->members[i]), &requests) > 0 ||
		    (node_is(endpoint->members[i]) &&
			thingset_may_ask(endpoint->members[i])))
			return true;
	return false;
}

static void
set_health(struct endpoint *endpoint, enum can_health health)
{
	enum can_health before = endpoint->health;

	if (health == CAN_UNKNOWN || health == before)
		return;
	endpoint->health = health;
	if (health != CAN_ACTIVE || before != CAN_UNKNOWN)
		poller_say(endpoint->poller, "%s: %s", endpoint->way.host,
		    can_health_name(health));
}

void
bus_look(struct endpoint *endpoint)
{
	uint32_t wanted = endpoint->way.bitrate, bitrate;
	enum can_health health;

	if (endpoint->way.link != LINK_CAN ||
	    !can_look(endpoint->way.host, &health, &bitrate))
		return;
	set_health(endpoint, health);
	if (bitrate != endpoint->bitrate && bitrate != 0 && wanted != 0 &&
	    bitrate != wanted)
		poller_say(endpoint->poller, "%s: runs at %u bit/s, not %u",
		    endpoint->way.host, bitrate, wanted);
	endpoint->bitrate = bitrate;
}

void
bus_error(struct endpoint *endpoint, const struct frame_can *can)
{
	enum can_health health = CAN_UNKNOWN;
	bool counts = can_trouble(can->id, can->data, can->size, &health);

	set_health(endpoint, health);
	for (size_t i = 0; counts && i < endpoint->count; i++)
		endpoint->members[i]->bus_errors++;
}

void
bus_blame(struct target *target)
{
	struct endpoint *endpoint = target->endpoint;
	char late[sizeof(target->error)];

	const char *state = "";

	bus_look(endpoint);
	talk_timeout(target);
	if (endpoint->way.link == LINK_SLCAN && endpoint->refused)
		state = "refused by the adapter";
	else if (endpoint->health >= CAN_PASSIVE)
		state = can_health_name(endpoint->health);
	if (state[0] == '\0')
		return;
	memcpy(late, target->error, sizeof(late));
	snprintf(
	    target->error, sizeof(target->error), "%s: %.100s", state, late);
}

int
bus_send(struct endpoint *endpoint)
{
	struct buf *out = &endpoint->out;
	ssize_t put = write(endpoint->fd, out->data, out->size);
	bool all = put == (ssize_t)out->size;

	buf_clear(out);
	return all ? 0 : -1;
}

int
bus_ask(struct target *target)
{
	struct endpoint *endpoint = target->endpoint;
	const struct profile_can_request *requests;
	size_t count = profile_can_requests(newest_profile(target), &requests);
	int status = 0;

	for (size_t i = 0; i < count && status == 0; i++) {
		const struct profile_can_request *one = &requests[i];

		if (endpoint->way.link == LINK_CAN)
			status = socketcan_send(
			    endpoint->fd, &one->message, one->remote);
		else
			slcan_print(&one->message, one->remote, &endpoint->out);
	}
	if (endpoint->out.size > 0)
		status = bus_send(endpoint);
	return status;
}
