/*
 * Devices that speak unasked, on CAN interfaces and serial CAN adapters.
 * The messages of one cycle become one frame.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "wire/poller_parts.h"
#include "wire/serial.h"
#include "wire/slcan.h"
#include "wire/socketcan.h"

#define READ_SIZE 4096
#define MESSAGES_AT_ONCE 1000
#define HEARD_MS 10000 /* so long an adapter that told something is trusted */

/* ---- buses: by our clock ----------------------------------------------- */

static void
take_live(struct endpoint *endpoint, const struct frame_can *can)
{
	int64_t now = clock_monotonic_ms();

	for (size_t i = 0; i < endpoint->count; i++) {
		struct target *target = endpoint->members[i];
		int64_t key = -1;

		if (node_is(target))
			node_take(target, can);
		else if (target->busy)
			key = heard_key(target, can);
		if (key < 0)
			continue;
		if (target->frame.count == 0)
			target->slot = now;
		heard_keep(target, can, key);
		target->frame.time_ms = clock_now_ms();
	}
}

/* Was nobody heard through it of late, and is nobody listened for? Then the
 * adapter may have been restarted, and wait to be opened. */
static bool
is_mute(const struct endpoint *endpoint)
{
	for (size_t i = 0; i < endpoint->count; i++) {
		const struct target *target = endpoint->members[i];
		int64_t age = clock_now_ms() - target->standing.good_ms;

		if (target->busy ||
		    (target->standing.failures == 0 && age >= 0 &&
			age < HEARD_MS))
			return false;
	}
	return endpoint->way.link == LINK_SLCAN;
}

/*
 * The window of a cycle begins with the slot. One that began in the middle
 * of a cycle, or heard nothing yet, goes on.
 */
static void
window_over(struct target *target, int64_t now_ms)
{
	int64_t more = target->began_ms + target->device.timeout_ms;

	if (node_is(target)) {
		node_clock(target, now_ms);
		return;
	}
	if (target->frame.count > 0 && !heard_whole(target))
		more = target->slot + heard_cycle(target);
	if (!heard_whole(target) && now_ms < more) {
		target->deadline_ms = more;
		return;
	}
	target->frame.complete = heard_whole(target);
	if (target->frame.count > 0) {
		target_finish(target, target->frame.time_ms, true, NULL);
		return;
	}
	bus_blame(target);
	target_finish(target, clock_now_ms(), true, target->error);
	if (is_mute(target->endpoint))
		endpoint_close(target->endpoint);
}

/* What a device is going to be heard for: a profile that was read anew
 * counts already. */
static size_t
ids_of(struct target *target, const struct profile_can **ids)
{
	const struct shared_profile *share =
	    target->fresh != NULL ? target->fresh : target->profile;

	if (node_is(target))
		return node_ids(target, ids);
	return profile_cans(share->profile, ids);
}

static size_t
all_ids(const struct endpoint *endpoint, struct arena *arena,
    struct profile_can **out)
{
	const struct profile_can *ids;
	size_t total = 0, used = 0;

	for (size_t i = 0; i < endpoint->count; i++)
		total += ids_of(endpoint->members[i], &ids);
	*out = arena_alloc(arena, (total + 1) * sizeof(**out));
	for (size_t i = 0; i < endpoint->count; i++) {
		size_t count = ids_of(endpoint->members[i], &ids);

		memcpy(*out + used, ids, count * sizeof(*ids));
		used += count;
	}
	return total;
}

static int
open_can(struct endpoint *endpoint, struct failure *why)
{
	struct arena arena = { 0 };
	struct profile_can *ids;
	size_t count = all_ids(endpoint, &arena, &ids);

	endpoint->fd = socketcan_open(endpoint->way.host, ids, count, why);
	arena_free(&arena);
	return endpoint->fd < 0 ? -1 : 0;
}

static int
open_adapter(struct endpoint *endpoint, struct failure *why)
{
	const struct serial_settings settings = {
		.baud = endpoint->way.baud, .parity = 'N', .stop_bits = 1
	};

	endpoint->fd = serial_open(endpoint->way.host, &settings, why);
	if (endpoint->fd < 0)
		return -1;
	slcan_opening(endpoint->way.bitrate, endpoint->speaks, &endpoint->out);
	if (bus_send(endpoint) < 0)
		return failure_set(why, EXIT_AGAIN, "%s:", endpoint->way.host);
	endpoint->line_start = true;
	endpoint->complained = false;
	return 0;
}

static int
open_bus(struct endpoint *endpoint, struct failure *why)
{
	int status;

	endpoint->health = CAN_UNKNOWN;
	endpoint->speaks = bus_must_speak(endpoint);
	endpoint->refused = false;
	bus_look(endpoint);
	status = endpoint->way.link == LINK_CAN ? open_can(endpoint, why)
						: open_adapter(endpoint, why);
	if (status == 0 && endpoint_watch(endpoint, false) < 0)
		status =
		    failure_set(why, EXIT_AGAIN, "%s:", endpoint->way.host);
	if (status < 0)
		endpoint_close(endpoint);
	else
		endpoint->state = ENDPOINT_OPEN;
	return status;
}

/* The bus is gone: what was heard so far cannot become whole. */
static void
lost(struct endpoint *endpoint, const char *error)
{
	endpoint_close(endpoint);
	for (size_t i = 0; i < endpoint->count; i++)
		if (endpoint->members[i]->busy)
			target_finish(
			    endpoint->members[i], clock_now_ms(), true, error);
}

void
heard_due(struct target *target, int64_t slot_ms)
{
	struct endpoint *endpoint = target->endpoint;
	struct failure why;

	target_begin(target, slot_ms);
	target->deadline_ms = slot_ms + heard_cycle(target);
	if (endpoint->state == ENDPOINT_CLOSED &&
	    open_bus(endpoint, &why) != 0) {
		target_finish(target, clock_now_ms(), true, why.message);
		return;
	}
	if (node_is(target)) {
		node_begin(target);
		return;
	}
	if (bus_ask(target) == 0 || errno == EAGAIN || errno == ENOBUFS)
		return;
	failure_set(&why, EXIT_AGAIN, "cannot send:");
	lost(endpoint, why.message);
}

int64_t
heard_time(struct endpoint *endpoint, int64_t now_ms)
{
	int64_t next = INT64_MAX;

	if (endpoint->way.link == LINK_CANDUMP)
		return log_time(endpoint, now_ms);
	for (size_t i = 0; i < endpoint->count; i++) {
		struct target *target = endpoint->members[i];

		if (target->busy && target->deadline_ms <= now_ms)
			window_over(target, now_ms);
		if (target->busy && target->deadline_ms < next)
			next = target->deadline_ms;
	}
	return next;
}

static void
hear_can(struct endpoint *endpoint)
{
	uint8_t data[FRAME_CAN_MAX];
	struct frame_can can;
	enum socketcan_result got = SOCKETCAN_DATA;

	for (int i = 0; i < MESSAGES_AT_ONCE && got > SOCKETCAN_NONE; i++) {
		got = socketcan_read(endpoint->fd, &can, data);
		if (got == SOCKETCAN_DATA)
			take_live(endpoint, &can);
		else if (got == SOCKETCAN_ERROR)
			bus_error(endpoint, &can);
	}
	if (got == SOCKETCAN_FAILED)
		lost(endpoint, strerror(errno));
}

static void
take_adapter_line(struct endpoint *endpoint, const char *line, size_t size)
{
	uint8_t data[FRAME_CAN_MAX];
	struct frame_can can;

	switch (slcan_parse(line, size, &can, data)) {
	case SLCAN_DATA:
		take_live(endpoint, &can);
		break;
	case SLCAN_DAMAGED:
		if (!endpoint->complained)
			poller_say(endpoint->poller,
			    "%s: damaged line from "
			    "the adapter",
			    endpoint->way.host);
		endpoint->complained = true;
		break;
	default:
		break;
	}
}

/* Lines end with CR; BEL is a refusal and a line of its own. */
static void
take_adapter(struct endpoint *endpoint)
{
	struct buf *in = &endpoint->in;
	size_t start = 0;

	for (size_t i = 0; i < in->size; i++) {
		char c = in->data[i];

		if (c != '\r' && c != '\n' && c != '\a')
			continue;
		if (endpoint->line_start)
			take_adapter_line(
			    endpoint, in->data + start, i - start);
		if (i == start)
			endpoint->refused = c == '\a';
		endpoint->line_start = true;
		start = i + 1;
	}
	buf_drop(in, start);
	if (in->size > SLCAN_LINE_MAX) {
		endpoint->line_start = false;
		buf_clear(in);
	}
}

void
heard_event(struct endpoint *endpoint)
{
	ssize_t got;

	if (endpoint->state != ENDPOINT_OPEN)
		return;
	if (endpoint->way.link == LINK_CAN) {
		hear_can(endpoint);
		return;
	}
	got = read(
	    endpoint->fd, buf_reserve(&endpoint->in, READ_SIZE), READ_SIZE);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		lost(endpoint, got == 0 ? "adapter is gone" : strerror(errno));
		return;
	}
	endpoint->in.size += (size_t)got;
	take_adapter(endpoint);
}
