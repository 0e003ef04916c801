/* The loop: slots, events, and what all ways to devices share. */
#include "wire/poller.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "wire/poller_parts.h"

#define EVENTS_MAX 256
#define LOOKUP_WAIT_MS 5
#define WAIT_MAX_MS 60000

struct poller *
poller_open(const struct poller_options *options, struct failure *why)
{
	struct poller *poller;
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0) {
		failure_set(why, EXIT_AGAIN, "epoll:");
		return NULL;
	}
	poller = mem_zero(1, sizeof(*poller));
	poller->options = *options;
	poller->epoll = fd;
	return poller;
}

void
poller_close(struct poller *poller)
{
	for (size_t i = 0; i < poller->target_count; i++)
		target_free(poller->targets[i]);
	for (size_t i = 0; i < poller->endpoint_count; i++)
		endpoint_free(poller->endpoints[i]);
	free(poller->targets);
	free(poller->endpoints);
	close(poller->epoll);
	free(poller);
}

uint64_t
poller_failures(const struct poller *poller)
{
	return poller->failures;
}

void
poller_say(struct poller *poller, const char *format, ...)
{
	char text[400];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	poller->options.say(poller->options.context, text);
}

void
buf_drop(struct buf *buf, size_t count)
{
	memmove(buf->data, buf->data + count, buf->size - count);
	buf->size -= count;
}

int
endpoint_watch(struct endpoint *endpoint, bool writing)
{
	struct epoll_event event = { .data.ptr = endpoint };
	int how = endpoint->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	event.events = EPOLLIN;
	if (writing)
		event.events |= EPOLLOUT;
	if (epoll_ctl(endpoint->poller->epoll, how, endpoint->fd, &event) < 0)
		return -1;
	endpoint->watched = true;
	return 0;
}

void
endpoint_close(struct endpoint *endpoint)
{
	tcp_end(&endpoint->tcp);
	if (endpoint->watched)
		epoll_ctl(
		    endpoint->poller->epoll, EPOLL_CTL_DEL, endpoint->fd, NULL);
	if (endpoint->fd > 2)
		close(endpoint->fd);
	endpoint->fd = -1;
	endpoint->watched = endpoint->always = endpoint->asking = false;
	endpoint->waiting = false;
	endpoint->line_start = false;
	endpoint->misses = 0;
	endpoint->proven = false;
	endpoint->state = ENDPOINT_CLOSED;
	buf_clear(&endpoint->in);
	buf_clear(&endpoint->out);
}

void
target_begin(struct target *target, int64_t now_ms)
{
	if (target->fresh != NULL) {
		profile_share_drop(target->profile);
		target->profile = target->fresh;
		target->fresh = NULL;
	}
	arena_reset(&target->came);
	frame_clear(&target->frame);
	target->frame.tenant = target->device.tenant;
	target->frame.device = target->device.device;
	target->frame.profile = target->device.profile;
	target->frame.protocol = profile_protocol(target->profile->profile);
	target->frame.boot = "";
	target->frame.error = "";
	target->frame.part.block = NULL;
	target->room = 0;
	target->step = 0;
	target->again = false;
	target->taken = 0;
	target->error[0] = '\0';
	target->began_ms = now_ms;
	target->busy = true;
	target->asked = true;
}

bool
target_part(struct target *target, size_t size)
{
	struct frame *frame = &target->frame;
	void *bigger;

	if (frame->count < target->room)
		return true;
	if (frame->count >= FRAME_PARTS_MAX)
		return false;
	target->room = target->room == 0 ? 16 : target->room * 2;
	bigger = arena_alloc(&target->came, target->room * size);
	if (frame->count > 0)
		memcpy(bigger, frame->part.block, frame->count * size);
	frame->part.block = bigger;
	return true;
}

void
target_finish(
    struct target *target, int64_t time_ms, bool live, const char *error)
{
	struct poller *poller = target->endpoint->poller;
	struct frame *frame = &target->frame;

	frame->time_ms = time_ms;
	if (live) {
		frame->boot = poller->options.boot;
		frame->mono_ms = clock_monotonic_ms();
	}
	if (error != NULL) {
		frame->error = error;
		frame->complete = false;
		poller->failures++;
	}
	target->answered = error == NULL;
	target->busy = false;
	poller->options.frame(poller->options.context, frame);
}

/* The slot after this one: whole intervals of the wall clock, reached by
 * the monotonic clock, so that a step of the wall clock skips nothing. */
static int64_t
slot_after(const struct target *target, int64_t now_ms)
{
	int64_t interval = target->interval_ms;
	int64_t due = target->due_ms;

	if (!target->asked)
		return now_ms + interval - clock_now_ms() % interval;
	due += interval;
	if (due <= now_ms)
		due += (now_ms - due) / interval * interval + interval;
	return due;
}

/* The slot of a device has come. */
static void
slot_begin(struct target *target, int64_t now_ms)
{
	int64_t late = now_ms - target->began_ms;
	int64_t slot = target->due_ms;

	target->due_ms =
	    target->interval_ms == 0 ? INT64_MAX : slot_after(target, now_ms);
	if (target->busy || target->queued) {
		if (!target->overran && late >= target->interval_ms)
			poller_say(target->endpoint->poller,
			    "%s/%s: takes "
			    "longer than its %.1f s, slots are left out",
			    target->device.tenant, target->device.device,
			    (double)target->interval_ms / 1000);
		target->overran |= late >= target->interval_ms;
		return;
	}
	target->began_ms = now_ms;
	if (endpoint_heard(target->endpoint))
		heard_due(target, slot);
	else
		asked_due(target);
	target->asked = true;
}

/* Begin what is due; when the next slot comes. */
static int64_t
run_slots(struct poller *poller, int64_t now_ms)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < poller->target_count; i++) {
		struct target *target = poller->targets[i];

		if (target->device.link == LINK_CANDUMP)
			continue;
		if (target->due_ms <= now_ms)
			slot_begin(target, now_ms);
		if (target->due_ms < next)
			next = target->due_ms;
	}
	return next;
}

/* Let each way do what its clock says; when the next comes. */
static int64_t
run_clocks(struct poller *poller, int64_t now_ms)
{
	int64_t next = INT64_MAX;
	int64_t at;

	for (size_t i = 0; i < poller->endpoint_count; i++) {
		struct endpoint *endpoint = poller->endpoints[i];

		if (endpoint_heard(endpoint))
			at = heard_time(endpoint, now_ms);
		else
			at = asked_time(endpoint, now_ms);
		if (endpoint->tcp.lookup != NULL &&
		    endpoint->state == ENDPOINT_OPENING &&
		    now_ms + LOOKUP_WAIT_MS < at)
			at = now_ms + LOOKUP_WAIT_MS;
		if (endpoint->always)
			at = now_ms;
		if (at < next)
			next = at;
	}
	return next;
}

/* Is there nothing left that will ever come? */
static bool
all_done(const struct poller *poller)
{
	for (size_t i = 0; i < poller->target_count; i++) {
		const struct target *target = poller->targets[i];

		if (target->device.link == LINK_CANDUMP) {
			if (target->endpoint->state != ENDPOINT_ENDED)
				return false;
		} else if (target->interval_ms != 0 || !target->asked ||
		    target->busy || target->queued) {
			return false;
		}
	}
	return true;
}

static void
handle(struct endpoint *endpoint, unsigned events)
{
	if (endpoint->way.link == LINK_CANDUMP)
		log_event(endpoint);
	else if (endpoint_heard(endpoint))
		heard_event(endpoint);
	else
		asked_event(endpoint, events);
}

/*
 * Take all that has come, waiting at most so long for the first. All of it
 * is taken before any time is called over: after a slow moment of ours an
 * answer may lie there already.
 */
static int
take_events(struct poller *poller, int64_t wait_ms, const sigset_t *waiting)
{
	struct epoll_event events[EVENTS_MAX];
	int count;

	do {
		count = epoll_pwait(
		    poller->epoll, events, EVENTS_MAX, (int)wait_ms, waiting);
		for (int i = 0; i < count; i++)
			handle(events[i].data.ptr, events[i].events);
		wait_ms = 0;
	} while (count == EVENTS_MAX);
	return count < 0 && errno != EINTR ? -1 : 0;
}

int
poller_step(struct poller *poller, const sigset_t *waiting, struct failure *why)
{
	int64_t now = clock_monotonic_ms();
	int64_t next, at;

	/* What ends now ends before what begins now. */
	run_clocks(poller, now);
	next = run_slots(poller, now);
	at = run_clocks(poller, now);
	if (all_done(poller))
		return 0;
	if (at < next)
		next = at;
	next -= clock_monotonic_ms();
	if (next > WAIT_MAX_MS)
		next = WAIT_MAX_MS;
	if (take_events(poller, next < 0 ? 0 : next, waiting) < 0)
		return failure_set(why, EXIT_AGAIN, "epoll:");
	for (size_t i = 0; i < poller->endpoint_count; i++)
		if (poller->endpoints[i]->always)
			handle(poller->endpoints[i], EPOLLIN);
	return 1;
}
