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
	poller->touched = NULL;
	for (size_t i = 0; i < poller->target_count; i++)
		target_free(poller->targets[i]);
	for (size_t i = 0; i < poller->endpoint_count; i++)
		endpoint_free(poller->endpoints[i]);
	free(poller->targets);
	free(poller->endpoints);
	timers_free(&poller->slots);
	timers_free(&poller->clocks);
	close(poller->epoll);
	free(poller);
}

uint64_t
poller_failures(const struct poller *poller)
{
	return poller->failures;
}

bool
poller_standing(const struct poller *poller, size_t at,
    const struct device **device, const struct standing **standing)
{
	if (at >= poller->target_count)
		return false;
	*device = &poller->targets[at]->device;
	*standing = &poller->targets[at]->standing;
	return true;
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

	if (endpoint->watched && endpoint->watched_out == writing)
		return 0;
	event.events = EPOLLIN;
	if (writing)
		event.events |= EPOLLOUT;
	if (epoll_ctl(endpoint->poller->epoll, how, endpoint->fd, &event) < 0)
		return -1;
	endpoint->watched = true;
	endpoint->watched_out = writing;
	return 0;
}

void
endpoint_close(struct endpoint *endpoint)
{
	tcp_end(&endpoint->tcp);
	web_close(endpoint);
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
endpoint_touch(struct endpoint *endpoint)
{
	struct poller *poller = endpoint->poller;

	if (endpoint->touched)
		return;
	endpoint->touched = true;
	endpoint->touched_next = poller->touched;
	poller->touched = endpoint;
}

void
endpoint_untouch(struct endpoint *endpoint)
{
	struct endpoint **at = &endpoint->poller->touched;

	while (*at != NULL && *at != endpoint)
		at = &(*at)->touched_next;
	if (*at == endpoint)
		*at = endpoint->touched_next;
	endpoint->touched = false;
}

/* Begin what is due. */
static void
run_slots(struct poller *poller, int64_t now_ms)
{
	struct timer *timer;

	while ((timer = timers_take(&poller->slots, now_ms)) != NULL)
		target_slot(timer->owner, now_ms);
	if (poller->late_slots > 0)
		poller_say(poller, "was late: %llu slots are left out",
		    (unsigned long long)poller->late_slots);
	poller->late_slots = 0;
}

static void
handle(struct endpoint *endpoint, unsigned events)
{
	if (endpoint->way.link == LINK_CANDUMP)
		log_event(endpoint);
	else if (endpoint_web(endpoint))
		web_event(endpoint);
	else if (endpoint_heard(endpoint))
		heard_event(endpoint);
	else
		asked_event(endpoint, events);
	endpoint_touch(endpoint);
}

/* Let a way do what its clock says; when it is to be looked at again. */
static int64_t
look_after(struct endpoint *endpoint, int64_t now_ms)
{
	int64_t at;

	if (endpoint_web(endpoint))
		at = web_time(endpoint, now_ms);
	else if (endpoint_heard(endpoint))
		at = heard_time(endpoint, now_ms);
	else
		at = asked_time(endpoint, now_ms);
	if (endpoint->tcp.lookup != NULL &&
	    endpoint->state == ENDPOINT_OPENING && now_ms + LOOKUP_WAIT_MS < at)
		at = now_ms + LOOKUP_WAIT_MS;
	return endpoint->always ? now_ms : at;
}

/* Look after all ways to which something happened. */
static void
run_touched(struct poller *poller, int64_t now_ms)
{
	struct endpoint *endpoint;

	while ((endpoint = poller->touched) != NULL) {
		poller->touched = endpoint->touched_next;
		endpoint->touched = false;
		timers_set(&poller->clocks, &endpoint->clock,
		    look_after(endpoint, now_ms));
	}
}

static void
run_clocks(struct poller *poller, int64_t now_ms)
{
	struct timer *timer;

	while ((timer = timers_take(&poller->clocks, now_ms)) != NULL) {
		struct endpoint *endpoint = timer->owner;

		if (endpoint->always)
			handle(endpoint, EPOLLIN);
		endpoint_touch(endpoint);
	}
	run_touched(poller, now_ms);
}

static bool
target_done(const struct target *target)
{
	if (target->device.link == LINK_CANDUMP)
		return target->endpoint->state == ENDPOINT_ENDED;
	return target->interval_ms == 0 && target->asked && !target->busy &&
	    !target->queued;
}

/* Is there nothing left that will ever come? */
static bool
all_done(struct poller *poller)
{
	while (poller->done < poller->target_count &&
	    target_done(poller->targets[poller->done]))
		poller->done++;
	return poller->done == poller->target_count;
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
	int64_t next, slot;

	/* What ends now ends before what begins now. */
	run_clocks(poller, now);
	run_slots(poller, now);
	run_touched(poller, now);
	if (all_done(poller))
		return 0;
	next = timers_next(&poller->clocks);
	slot = timers_next(&poller->slots);
	if (slot < next)
		next = slot;
	next -= clock_monotonic_ms();
	if (next > WAIT_MAX_MS)
		next = WAIT_MAX_MS;
	if (take_events(poller, next < 0 ? 0 : next, waiting) < 0)
		return failure_set(why, EXIT_AGAIN, "epoll:");
	run_touched(poller, clock_monotonic_ms());
	return 1;
}
