/*
 * HTTP devices that tell unasked: server-sent events, lines and messages of
 * a WebSocket. Those of one cycle become one frame, of each kind the
 * newest.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "json/json_path.h"
#include "wire/poller_web.h"

/* More in one cycle is a flood. */
#define CYCLE_BYTES_MAX ((size_t)4 << 20)
#define MESSAGE_BYTES 32 /* of memory for the name of each */
#define RETRY_MIN_MS 1000
#define RETRY_MAX_MS 60000
/* A connection on which nothing came for so many times as long as it may
 * take is made anew. */
#define STALL_TIMES 3
#define STALL_MIN_MS 10000

static const struct profile_http *
plan_of(const struct target *target)
{
	return profile_http(target->profile->profile);
}

static int64_t
cycle_of(const struct target *target)
{
	int64_t cycle = profile_cycle_ms(target->profile->profile);

	return cycle > 0 ? cycle : CYCLE_DEFAULT_MS;
}

/* The answer of this path in the frame, or NULL. */
static struct frame_answer *
answer_of(const struct frame *frame, const char *path)
{
	for (size_t i = 0; i < frame->count; i++)
		if (strcmp(frame->part.answer[i].path, path) == 0)
			return &frame->part.answer[i];
	return NULL;
}

static bool
is_whole(const struct target *target)
{
	const struct profile_http *plan = plan_of(target);

	for (size_t i = 0; i < plan->must_count; i++)
		if (answer_of(&target->frame, plan->must[i]) == NULL)
			return false;
	return target->frame.count > 0;
}

/* ---- messages ----------------------------------------------------------- */

/* What a message says it is, else what its event is. */
static const char *
name_of(struct target *target, const char *event, const char *text, size_t size)
{
	const char *key = plan_of(target)->key, *name = event;
	const json_t *found;
	json_t *value, *made;
	struct failure why;

	if (*key != '\0' && (value = json_read(text, size, &why)) != NULL) {
		found = json_path_get(value, key, strlen(key), &made);
		if (json_is_string(found) &&
		    json_string_length(found) <= JSON_PATH_MAX)
			name = json_string_value(found);
		name = arena_text(&target->came, name, strlen(name));
		json_decref(made);
		json_decref(value);
		return name;
	}
	return arena_text(&target->came, name, strlen(name));
}

/* The newest of its name takes the older one's place. */
static bool
keep(struct target *target, struct web *web, const char *name, const char *text,
    size_t size)
{
	struct frame *frame = &target->frame;
	struct frame_answer *old = answer_of(frame, name), *fresh;

	web->members = WEB_FRAME_MEMBERS;
	web->bytes = 0;
	for (size_t i = 0; i < frame->count; i++)
		if (&frame->part.answer[i] != old)
			web->bytes += frame->part.answer[i].text_size;
	if (!web_keep(target, web, name, text, size))
		return false;
	fresh = &frame->part.answer[frame->count - 1];
	old = answer_of(frame, name);
	if (old != fresh) {
		*old = *fresh;
		frame->count--;
	}
	return true;
}

static void
take_for(struct target *target, struct web *web, const char *event,
    const char *text, size_t size)
{
	int64_t now = clock_monotonic_ms();
	bool first = target->frame.count == 0;
	const char *name;

	/* with what it takes to look at one, be there anything in it or not */
	target->taken += size + strlen(event) + MESSAGE_BYTES;
	if (target->taken > CYCLE_BYTES_MAX) {
		web->flooded = true;
		return;
	}
	name = name_of(target, event, text, size);
	if (!keep(target, web, name, text, size)) {
		snprintf(web->trouble, sizeof(web->trouble), "%.150s",
		    target->error);
		target->error[0] = '\0';
		return;
	}
	web->wait_ms = 0;
	if (first)
		target->slot = now;
	target->frame.time_ms = clock_now_ms();
	/* asked for one cycle only: it need not wait for more */
	if (target->interval_ms == 0 && plan_of(target)->must_count > 0 &&
	    is_whole(target))
		target->deadline_ms = now;
}

void
stream_message(void *context, const char *event, const char *text, size_t size)
{
	struct endpoint *endpoint = context;

	for (size_t i = 0; i < endpoint->count; i++)
		if (endpoint->members[i]->busy)
			take_for(endpoint->members[i], endpoint->web, event,
			    text, size);
}

bool
stream_bytes(void *context, const char *data, size_t size)
{
	struct endpoint *endpoint = context;
	struct web *web = endpoint->web;

	web->heard_ms = clock_monotonic_ms();
	web->too_long =
	    !sse_feed(&web->sse, data, size, stream_message, endpoint);
	return !web->too_long && !web->flooded;
}

/* ---- the connection ------------------------------------------------------ */

static bool
take_message(void *context, const char *data, size_t size)
{
	struct web *web = ((struct endpoint *)context)->web;

	web->heard_ms = clock_monotonic_ms();
	stream_message(context, "", data, size);
	return !web->flooded;
}

static void
take_over(void *context, const char *error)
{
	web_over(context, 0, error);
}

static int
open_socket(struct endpoint *endpoint, struct failure *why)
{
	const struct target *target = endpoint->members[0];
	const struct profile_http *plan = plan_of(target);
	const struct websocket_plan what = { .path = talk_request(target),
		.subscribe = plan->subscribe,
		.subscribe_count = plan->subscribe_count,
		.timeout_ms = target->device.timeout_ms };
	const struct websocket_events events = {
		.message = take_message, .over = take_over, .context = endpoint
	};
	struct web *web = endpoint->web;

	web->socket = websocket_open(&endpoint->way, &what, &events, why);
	if (web->socket == NULL)
		return -1;
	return web_watch(endpoint, websocket_descriptor(web->socket), why);
}

static int
connect_to(struct endpoint *endpoint, struct failure *why)
{
	struct target *target = endpoint->members[0];
	struct web *web = endpoint->web;

	sse_reset(&web->sse);
	web->sse.plain = plan_of(target)->stream == STREAM_LINES;
	web->too_long = web->over = web->flooded = false;
	web->trouble[0] = web->error[0] = '\0';
	web->heard_ms = clock_monotonic_ms();
	target->step = 0;
	if (endpoint->way.link == LINK_WEBSOCKET)
		return open_socket(endpoint, why);
	if (web_open(endpoint, why) != 0)
		return -1;
	return fetch_get(web->fetch, talk_request(target),
	    target->device.timeout_ms, true, why);
}

/* What was heard of a cycle so far cannot become whole any more. */
static void
break_off(struct target *target, const char *error)
{
	bool whole = plan_of(target)->must_count > 0 && is_whole(target);

	target->frame.complete = whole;
	target_finish(target, clock_now_ms(), true, whole ? NULL : error);
}

static void
lost(struct endpoint *endpoint, const char *error)
{
	struct web *web = endpoint->web;

	snprintf(web->trouble, sizeof(web->trouble), "%s", error);
	web->wait_ms = web->wait_ms == 0 ? RETRY_MIN_MS : web->wait_ms * 2;
	if (web->wait_ms > RETRY_MAX_MS)
		web->wait_ms = RETRY_MAX_MS;
	web->retry_ms = clock_monotonic_ms() + web->wait_ms;
	endpoint_close(endpoint);
	for (size_t i = 0; i < endpoint->count; i++)
		if (endpoint->members[i]->busy)
			break_off(endpoint->members[i], web->trouble);
}

static void
try_connect(struct endpoint *endpoint)
{
	struct failure why;

	if (connect_to(endpoint, &why) != 0)
		lost(endpoint, why.message);
}

/* Why the connection is of no use any more, in one line. */
static void
tell_end(struct endpoint *endpoint)
{
	struct web *web = endpoint->web;
	char text[sizeof(web->error) + 16];

	if (web->too_long)
		snprintf(text, sizeof(text), "a message of more than %zu bytes",
		    SSE_MESSAGE_MAX);
	else if (web->flooded)
		snprintf(text, sizeof(text), "more than %zu bytes in one cycle",
		    CYCLE_BYTES_MAX);
	else if (strcmp(web->error, FETCH_TIMEOUT) == 0)
		snprintf(text, sizeof(text), "connect: timeout");
	else if (web->error[0] != '\0')
		snprintf(text, sizeof(text), "%s", web->error);
	else if (web->status < 200 || web->status > 299)
		snprintf(text, sizeof(text), "%.100s: HTTP %ld",
		    talk_request(endpoint->members[0]), web->status);
	else
		snprintf(text, sizeof(text), "stream ended by the device");
	lost(endpoint, text);
}

static int64_t
work_time(const struct web *web)
{
	return web->socket != NULL ? websocket_time(web->socket)
				   : fetch_time(web->fetch);
}

void
stream_work(struct endpoint *endpoint, int64_t now_ms)
{
	struct web *web = endpoint->web;

	if (web->socket != NULL)
		websocket_work(web->socket, now_ms);
	else
		fetch_work(web->fetch, now_ms);
	if (web->over)
		tell_end(endpoint);
}

/* ---- slots --------------------------------------------------------------- */

void
stream_due(struct target *target, int64_t slot_ms)
{
	struct endpoint *endpoint = target->endpoint;
	int64_t now = clock_monotonic_ms();

	web_ready(endpoint);
	target_begin(target, now);
	target->deadline_ms = slot_ms + cycle_of(target);
	if (endpoint->state != ENDPOINT_CLOSED)
		return;
	if (endpoint->web->retry_ms <= now)
		try_connect(endpoint);
	else
		target_finish(
		    target, clock_now_ms(), true, endpoint->web->trouble);
}

/*
 * The window of a cycle begins with the slot. One that began in the middle
 * of a cycle, or heard nothing yet, goes on.
 */
static void
window_over(struct target *target, int64_t now_ms)
{
	const char *trouble = target->endpoint->web->trouble;
	int64_t more = target->began_ms + target->device.timeout_ms;
	bool whole = is_whole(target);

	if (target->frame.count > 0 && !whole &&
	    more < target->slot + cycle_of(target))
		more = target->slot + cycle_of(target);
	if (!whole && now_ms < more) {
		target->deadline_ms = more;
		return;
	}
	target->frame.complete = whole;
	if (target->frame.count > 0) {
		target_finish(target, target->frame.time_ms, true, NULL);
		return;
	}
	if (*trouble == '\0')
		talk_timeout(target);
	target_finish(target, clock_now_ms(), true,
	    *trouble == '\0' ? target->error : trouble);
	target->endpoint->web->trouble[0] = '\0';
}

static int64_t
stall_at(const struct endpoint *endpoint)
{
	int64_t longest = STALL_MIN_MS;

	for (size_t i = 0; i < endpoint->count; i++) {
		const struct target *target = endpoint->members[i];

		if (target->interval_ms > longest)
			longest = target->interval_ms;
		if (target->device.timeout_ms > longest)
			longest = target->device.timeout_ms;
	}
	return endpoint->web->heard_ms + STALL_TIMES * longest;
}

/* Let the connection do its work, or give up one that says nothing. */
static int64_t
look_connection(struct endpoint *endpoint, int64_t now_ms)
{
	struct web *web = endpoint->web;
	int64_t at;

	if (endpoint->state != ENDPOINT_CLOSED && work_time(web) <= now_ms)
		stream_work(endpoint, now_ms);
	if (endpoint->state != ENDPOINT_CLOSED && stall_at(endpoint) <= now_ms)
		lost(endpoint, "nothing came any more");
	/* a closed one is opened with the next slot */
	if (endpoint->state == ENDPOINT_CLOSED)
		return INT64_MAX;
	at = work_time(web);
	return at < stall_at(endpoint) ? at : stall_at(endpoint);
}

int64_t
stream_time(struct endpoint *endpoint, int64_t now_ms)
{
	int64_t next = INT64_MAX;

	if (endpoint->web == NULL)
		return next;
	for (size_t i = 0; i < endpoint->count; i++) {
		struct target *target = endpoint->members[i];

		if (target->busy && target->deadline_ms <= now_ms)
			window_over(target, now_ms);
		if (target->busy && target->deadline_ms < next)
			next = target->deadline_ms;
	}
	now_ms = look_connection(endpoint, now_ms);
	return now_ms < next ? now_ms : next;
}
