/*
 * Request and answer. Devices behind one connection or bus are asked in
 * turn: whose it is, and how long it may take, poller_turn.c says.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "profile/framing.h"
#include "wire/poller_parts.h"
#include "wire/serial.h"

#define READ_SIZE 4096
/* More for one poll is no answer but a flood. */
#define POLL_BYTES_MAX ((size_t)4 << 20)
/* After this many time-outs without any answer a connection that several
 * devices share is made anew: the far end may have forgotten it. */
#define MISSES_MAX 2
/* A connection that is not used for longer than this is not kept: what lies
 * in between may forget it without a word. */
#define IDLE_MAX_MS 30000

static const struct talk *
talk_of(const struct target *target)
{
	switch (profile_protocol(target->profile->profile)) {
	case FRAME_MODBUS:
		return &talk_modbus;
	case FRAME_THINGSET:
		return &talk_thingset;
	default:
		return profile_framing(target->profile->profile)->look == NULL
		    ? &talk_lines
		    : &talk_frames;
	}
}

/* Is nobody asked here for so long that the connection is not kept? */
static bool
is_idle(const struct endpoint *endpoint)
{
	if (endpoint->way.link != LINK_TCP || endpoint->queue != NULL)
		return false;
	for (size_t i = 0; i < endpoint->count; i++)
		if (endpoint->members[i]->interval_ms <= IDLE_MAX_MS)
			return false;
	return true;
}

/* The poll of the device in turn is over. */
static void
finish(struct endpoint *endpoint, const char *error)
{
	struct target *target = endpoint->current;

	endpoint->current = NULL;
	endpoint->asking = false;
	endpoint->deadline_ms = INT64_MAX;
	target->frame.complete = target->frame.count >= target->steps ||
	    target->frame.protocol == FRAME_SERIAL;
	if (error == NULL && target->error[0] != '\0')
		error = target->error;
	if (error == NULL)
		turn_took(target, clock_monotonic_ms() - target->began_ms);
	target_finish(target, clock_now_ms(), true, error);
	if (is_idle(endpoint))
		endpoint_close(endpoint);
}

/* No way to the devices: all that wait for it have failed. */
static void
fail_all(struct endpoint *endpoint, const char *error)
{
	int64_t now = clock_monotonic_ms();

	endpoint_close(endpoint);
	if (endpoint->current != NULL)
		finish(endpoint, error);
	while ((endpoint->current = turn_any(endpoint)) != NULL) {
		target_begin(endpoint->current, now);
		finish(endpoint, error);
	}
}

static int
open_serial(struct endpoint *endpoint, struct failure *why)
{
	struct serial_settings settings = { .baud = endpoint->way.baud,
		.parity = endpoint->way.parity,
		.stop_bits = endpoint->way.stop_bits };

	endpoint->fd = serial_open(endpoint->way.host, &settings, why);
	if (endpoint->fd < 0)
		return -1;
	if (endpoint_watch(endpoint, false) < 0)
		return failure_set(why, EXIT_AGAIN, "%s:", endpoint->way.host);
	endpoint->state = ENDPOINT_OPEN;
	return 0;
}

/* What became of an attempt to connect. */
static int
connected(struct endpoint *endpoint, enum tcp_state state, struct failure *why)
{
	if (state == TCP_FAILED)
		return -1;
	endpoint->state = state == TCP_OPEN ? ENDPOINT_OPEN : ENDPOINT_OPENING;
	if (endpoint->fd >= 0 &&
	    endpoint_watch(endpoint, state == TCP_CONNECTING) < 0)
		return failure_set(why, EXIT_AGAIN, "connect:");
	return 0;
}

static int
begin_open(struct endpoint *endpoint, struct failure *why)
{
	if (endpoint->way.link == LINK_SERIAL)
		return open_serial(endpoint, why);
	endpoint->watched = false;
	return connected(endpoint,
	    tcp_begin(&endpoint->tcp, endpoint->way.host, endpoint->way.port,
		&endpoint->fd, why),
	    why);
}

/* Another address of the name may mean another descriptor. */
static void
go_on_open(struct endpoint *endpoint)
{
	struct failure why;
	int before = endpoint->fd;
	enum tcp_state state = tcp_go_on(&endpoint->tcp, &endpoint->fd, &why);

	if (state == TCP_LOOKUP)
		return;
	if (endpoint->fd != before || state == TCP_CONNECTING)
		endpoint->watched = false;
	if (connected(endpoint, state, &why) < 0)
		fail_all(endpoint, why.message);
}

static void
send_out(struct endpoint *endpoint)
{
	ssize_t put = 0;

	if (endpoint->out.size > 0)
		put =
		    write(endpoint->fd, endpoint->out.data, endpoint->out.size);
	if (put > 0)
		buf_drop(&endpoint->out, (size_t)put);
	/* A write that failed shows itself as a read that fails. */
	endpoint_watch(endpoint, endpoint->out.size > 0);
}

static void
ask(struct endpoint *endpoint)
{
	struct target *target = endpoint->current;
	int64_t now = clock_monotonic_ms();

	if (!turn_may_ask(endpoint, now)) {
		finish(endpoint, NULL);
		return;
	}
	endpoint->deadline_ms = now + target->patience_ms;
	endpoint->asking = true;
	talk_of(target)->ask(endpoint, target);
	send_out(endpoint);
}

/* The pause before the next request. */
static void
be_quiet(struct endpoint *endpoint)
{
	int64_t pause = endpoint->pause_ms;

	if (endpoint->way.link == LINK_SERIAL &&
	    pause < modbus_gap_ms(endpoint->way.baud))
		pause = modbus_gap_ms(endpoint->way.baud);
	if (pause > 0)
		endpoint->quiet_ms = clock_monotonic_ms() + pause;
}

/* Act on what a protocol made of the bytes (or of their absence). */
static void
act(struct endpoint *endpoint, enum talk_result result)
{
	struct target *target = endpoint->current;

	if (result == TALK_MORE)
		return;
	endpoint->asking = false;
	endpoint->deadline_ms = INT64_MAX;
	be_quiet(endpoint);
	if (result == TALK_NEXT && ++target->step < target->steps)
		return;
	if (result == TALK_AGAIN)
		return;
	if (result == TALK_CLOSE)
		endpoint_close(endpoint);
	finish(endpoint, NULL);
}

/* Nothing (whole) came in time. */
static void
too_late(struct endpoint *endpoint)
{
	struct target *target = endpoint->current;
	enum talk_result result;

	if (!endpoint->asking) {
		talk_timeout(target);
		fail_all(endpoint,
		    endpoint->tcp.lookup != NULL ? "look up: timeout"
						 : target->error);
		return;
	}
	result = talk_of(target)->late(endpoint, target);
	if (result == TALK_FAIL && endpoint->way.link == LINK_TCP &&
	    (endpoint->in.size > 0 || endpoint->count == 1 ||
		++endpoint->misses >= MISSES_MAX))
		result = TALK_CLOSE;
	act(endpoint, result);
}

/* The next device in the queue gets its turn; false when there is none, or
 * not now. */
static bool
take_turn(struct endpoint *endpoint, int64_t *again_ms)
{
	int64_t now = clock_monotonic_ms();
	struct target *target = turn_take(endpoint, now, again_ms);

	if (target == NULL)
		return false;
	endpoint->current = target;
	target_begin(target, now);
	target->steps = talk_of(target)->steps(target->profile->profile);
	/* to connect; who connects does it for all that wait */
	endpoint->deadline_ms = now + target->device.timeout_ms;
	return true;
}

/* One thing that can be done now; false when there is none. */
static bool
advance(struct endpoint *endpoint, int64_t now_ms, int64_t *again_ms)
{
	struct failure why;

	if (endpoint->current == NULL)
		return take_turn(endpoint, again_ms);
	if (endpoint->state == ENDPOINT_CLOSED) {
		if (begin_open(endpoint, &why) < 0)
			fail_all(endpoint, why.message);
		return true;
	}
	if (endpoint->deadline_ms <= now_ms) {
		too_late(endpoint);
		return true;
	}
	if (endpoint->state == ENDPOINT_OPEN && !endpoint->asking &&
	    endpoint->quiet_ms <= now_ms) {
		ask(endpoint);
		return true;
	}
	return false;
}

int64_t
asked_time(struct endpoint *endpoint, int64_t now_ms)
{
	int64_t again = INT64_MAX;

	if (endpoint->tcp.lookup != NULL && endpoint->state == ENDPOINT_OPENING)
		go_on_open(endpoint);
	while (advance(endpoint, now_ms, &again))
		;
	if (endpoint->current == NULL) {
		if (endpoint->brief && endpoint->state == ENDPOINT_OPEN &&
		    (endpoint->queue == NULL || endpoint->quiet_ms <= now_ms))
			endpoint_close(endpoint);
		return again;
	}
	if (endpoint->state == ENDPOINT_OPEN && !endpoint->asking)
		return endpoint->quiet_ms;
	return endpoint->deadline_ms;
}

/*
 * The connection is gone: whose answer was awaited has failed. A far end
 * that has answered on it may have closed it just as we asked: then the
 * same is asked once more on a new one.
 */
static void
lost(struct endpoint *endpoint, ssize_t got)
{
	const char *error =
	    got == 0 ? "connection closed by the device" : strerror(errno);
	struct target *target = endpoint->current;
	bool once_more = target != NULL && endpoint->proven && !target->again;

	endpoint_close(endpoint);
	if (once_more) {
		target->again = true;
		endpoint->deadline_ms =
		    clock_monotonic_ms() + target->device.timeout_ms;
	} else if (target != NULL) {
		finish(endpoint, error);
	}
}

/* Bytes of the answer that is awaited. */
static void
take(struct endpoint *endpoint)
{
	struct target *target = endpoint->current;
	enum talk_result result = talk_of(target)->take(endpoint, target);

	if (result == TALK_MORE && target->taken > POLL_BYTES_MAX) {
		snprintf(target->error, sizeof(target->error),
		    "more than %zu bytes and no answer", POLL_BYTES_MAX);
		result = TALK_CLOSE;
	}
	if (result != TALK_MORE) {
		endpoint->misses = 0;
		endpoint->proven = true;
	}
	act(endpoint, result);
}

void
asked_event(struct endpoint *endpoint, unsigned events)
{
	char bytes[READ_SIZE];
	ssize_t got;

	if (endpoint->state == ENDPOINT_OPENING) {
		go_on_open(endpoint);
		return;
	}
	if (endpoint->state != ENDPOINT_OPEN)
		return;
	if ((events & EPOLLOUT) != 0)
		send_out(endpoint);
	got = read(endpoint->fd, bytes, sizeof(bytes));
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		lost(endpoint, got);
		return;
	}
	buf_put(&endpoint->in, bytes, (size_t)got);
	if (!endpoint->asking) {
		talk_of(endpoint->members[0])->unasked(endpoint);
		return;
	}
	endpoint->current->taken += (size_t)got;
	take(endpoint);
}

void
asked_forget(struct endpoint *endpoint, struct target *target)
{
	struct target **at = &endpoint->queue;

	while (*at != NULL && *at != target)
		at = &(*at)->next;
	if (*at == target)
		*at = target->next;
	if (endpoint->current == target) {
		endpoint->current = NULL;
		endpoint->deadline_ms = INT64_MAX;
		endpoint_close(endpoint);
	}
}
