/*
 * HTTP devices that are asked: the paths of the profile, one after the
 * other, over one connection that the devices of one server share.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "json/json.h"
#include "wire/credentials.h"
#include "wire/poller_web.h"

/* The members of an answer, and how deep its values stand in a frame. */
#define ANSWER_MEMBERS 3
#define ANSWER_DEPTH 4
/* Asking on after these would only lock us out. */
#define HTTP_UNAUTHORIZED 401
#define HTTP_FORBIDDEN 403
#define HTTP_TOO_MANY 429

bool
endpoint_web(const struct endpoint *endpoint)
{
	return endpoint->way.link == LINK_HTTP ||
	    endpoint->way.link == LINK_WEBSOCKET;
}

bool
web_speakable(const struct device *device, enum frame_protocol protocol)
{
	return protocol == FRAME_HTTP &&
	    (device->link == LINK_HTTP || device->link == LINK_WEBSOCKET);
}

static int
check_files(const struct device *device, struct failure *why)
{
	struct credentials all;

	if (*device->cafile != '\0' && access(device->cafile, R_OK) != 0)
		return failure_set(why, EXIT_WRONG, "%s:", device->cafile);
	if (credentials_read(device, &all, why) != 0)
		return -1;
	credentials_free(&all);
	return 0;
}

int
web_check(struct poller *poller, const struct device *device,
    const struct profile *profile, struct failure *why)
{
	bool socket = profile_http(profile)->stream == STREAM_WEBSOCKET;

	if (!poller->web)
		fetch_start();
	poller->web = true;
	if (socket != (device->link == LINK_WEBSOCKET))
		return failure_set(why, EXIT_WRONG,
		    "profile %s is%s for ws:// and wss://", device->profile,
		    socket ? "" : " not");
	return check_files(device, why);
}

bool
web_keep(struct target *target, struct web *web, const char *path,
    const char *text, size_t size)
{
	struct failure why;
	json_t *value = json_read(text, size, &why);
	const char *kept;
	bool fine;

	if (value == NULL) {
		snprintf(target->error, sizeof(target->error), "%.60s%s%.110s",
		    path, *path == '\0' ? "" : ": ", why.message);
		return false;
	}
	web->members += ANSWER_MEMBERS;
	fine = json_limits(value, ANSWER_DEPTH, &web->members, &why) == 0;
	json_decref(value);
	kept = json_compact(&target->came, text, size, &size);
	web->bytes += size;
	if (!fine)
		snprintf(target->error, sizeof(target->error), "%.60s%s%.110s",
		    path, *path == '\0' ? "" : ": ", why.message);
	else if (web->bytes > FRAME_BODY_MAX ||
	    !talk_keep(target, path, kept, size))
		snprintf(target->error, sizeof(target->error),
		    "more than a frame can hold");
	else
		return true;
	return false;
}

/* ---- what the connection tells ------------------------------------------ */

static bool
take_body(void *context, const char *data, size_t size)
{
	struct endpoint *endpoint = context;
	struct web *web = endpoint->web;

	if (endpoint->stream != NULL)
		return stream_bytes(context, data, size);
	if (web->body.size + size > FETCH_BODY_MAX) {
		web->too_long = true;
		return false;
	}
	buf_put(&web->body, data, size);
	return true;
}

void
web_over(void *context, long status, const char *error)
{
	struct web *web = ((struct endpoint *)context)->web;

	web->over = true;
	web->status = status;
	snprintf(
	    web->error, sizeof(web->error), "%s", error == NULL ? "" : error);
}

void
web_ready(struct endpoint *endpoint)
{
	if (endpoint->web == NULL)
		endpoint->web = mem_zero(1, sizeof(*endpoint->web));
}

int
web_watch(struct endpoint *endpoint, int fd, struct failure *why)
{
	endpoint->fd = fd;
	endpoint->watched = false;
	if (endpoint_watch(endpoint, false) < 0)
		return failure_set(why, EXIT_AGAIN, "epoll:");
	endpoint->state = ENDPOINT_OPEN;
	return 0;
}

int
web_open(struct endpoint *endpoint, struct failure *why)
{
	const struct fetch_events events = {
		.body = take_body, .over = web_over, .context = endpoint
	};

	web_ready(endpoint);
	endpoint->web->fetch = fetch_open(&endpoint->way, &events, why);
	if (endpoint->web->fetch == NULL)
		return -1;
	return web_watch(endpoint, fetch_descriptor(endpoint->web->fetch), why);
}

void
web_close(struct endpoint *endpoint)
{
	if (endpoint->web == NULL)
		return;
	fetch_close(endpoint->web->fetch);
	endpoint->web->fetch = NULL;
	websocket_close(endpoint->web->socket);
	endpoint->web->socket = NULL;
	/* it was the connection's own, and left the set with it */
	endpoint->fd = -1;
	endpoint->watched = false;
}

void
web_free(struct endpoint *endpoint)
{
	struct web *web = endpoint->web;

	web_close(endpoint);
	if (web == NULL)
		return;
	buf_free(&web->body);
	sse_free(&web->sse);
	free(web);
	endpoint->web = NULL;
}

/* ---- one poll ----------------------------------------------------------- */

static void
finish(struct endpoint *endpoint, const char *error)
{
	struct target *target = endpoint->current;

	endpoint->current = NULL;
	endpoint->asking = false;
	target->frame.complete = target->frame.count == target->steps;
	if (error == NULL && target->error[0] != '\0')
		error = target->error;
	if (error == NULL)
		turn_took(target, clock_monotonic_ms() - target->began_ms);
	target_finish(target, clock_now_ms(), true, error);
}

static void
ask(struct endpoint *endpoint)
{
	struct target *target = endpoint->current;
	struct web *web = endpoint->web;
	int64_t now = clock_monotonic_ms();
	struct failure why;

	if (!turn_may_ask(endpoint, now)) {
		finish(endpoint, NULL);
		return;
	}
	buf_clear(&web->body);
	web->too_long = web->over = false;
	web->error[0] = '\0';
	endpoint->asking = true;
	if (fetch_get(web->fetch, talk_request(target), target->patience_ms,
		false, &why) != 0)
		finish(endpoint, why.message);
}

/* Keep the first thing that went wrong and go on. */
static void
note(struct target *target, const char *format, long status)
{
	char text[80];

	if (target->error[0] != '\0')
		return;
	snprintf(text, sizeof(text), format, status);
	snprintf(target->error, sizeof(target->error), "%.100s: %s",
	    talk_request(target), text);
}

/* Is it of use to ask this device for more after this answer? */
static bool
judge(struct target *target, struct web *web)
{
	const char *text = web->body.size == 0 ? "" : web->body.data;
	char before[sizeof(target->error)];

	if (web->status < 200 || web->status > 299) {
		note(target,
		    web->status >= 300 && web->status <= 399
			? "HTTP %ld, a redirection, which is not followed"
			: "HTTP %ld",
		    web->status);
		return web->status != HTTP_UNAUTHORIZED &&
		    web->status != HTTP_FORBIDDEN &&
		    web->status != HTTP_TOO_MANY;
	}
	if (web->body.size == 0) {
		note(target, "HTTP %ld without a body", web->status);
		return true;
	}
	memcpy(before, target->error, sizeof(before));
	if (!web_keep(
		target, web, talk_request(target), text, web->body.size) &&
	    before[0] != '\0')
		memcpy(target->error, before, sizeof(before));
	return true;
}

/* The request is over, for better or worse. */
static void
take(struct endpoint *endpoint)
{
	struct target *target = endpoint->current;
	struct web *web = endpoint->web;

	web->over = false;
	endpoint->asking = false;
	if (web->too_long) {
		snprintf(target->error, sizeof(target->error),
		    "%.100s: more than %zu bytes", talk_request(target),
		    FETCH_BODY_MAX);
		finish(endpoint, NULL);
	} else if (strcmp(web->error, FETCH_TIMEOUT) == 0) {
		talk_timeout(target);
		finish(endpoint, NULL);
	} else if (web->error[0] != '\0') {
		finish(endpoint, web->error);
	} else if (!judge(target, web) || ++target->step == target->steps) {
		finish(endpoint, NULL);
	}
}

static bool
take_turn(struct endpoint *endpoint, int64_t *again_ms)
{
	int64_t now = clock_monotonic_ms();
	struct target *target = turn_take(endpoint, now, again_ms);
	struct failure why;

	if (target == NULL)
		return false;
	endpoint->current = target;
	target_begin(target, now);
	target->steps = talk_steps(target->profile->profile);
	if (endpoint->state != ENDPOINT_OPEN && web_open(endpoint, &why) != 0) {
		finish(endpoint, why.message);
		return true;
	}
	endpoint->web->members = WEB_FRAME_MEMBERS;
	endpoint->web->bytes = 0;
	return true;
}

/* One thing that can be done now; false when there is none. */
static bool
advance(struct endpoint *endpoint, int64_t *again_ms)
{
	if (endpoint->current == NULL)
		return take_turn(endpoint, again_ms);
	if (endpoint->asking && endpoint->web->over) {
		take(endpoint);
		return true;
	}
	if (endpoint->asking)
		return false;
	ask(endpoint);
	return true;
}

int64_t
web_time(struct endpoint *endpoint, int64_t now_ms)
{
	int64_t again = INT64_MAX, work = INT64_MAX;

	if (endpoint->stream != NULL)
		return stream_time(endpoint, now_ms);
	if (endpoint->state == ENDPOINT_OPEN &&
	    fetch_time(endpoint->web->fetch) <= now_ms)
		fetch_work(endpoint->web->fetch, now_ms);
	while (advance(endpoint, &again))
		;
	if (endpoint->state == ENDPOINT_OPEN)
		work = fetch_time(endpoint->web->fetch);
	return work < again ? work : again;
}

void
web_event(struct endpoint *endpoint)
{
	if (endpoint->state != ENDPOINT_OPEN)
		return;
	if (endpoint->stream != NULL)
		stream_work(endpoint, clock_monotonic_ms());
	else
		fetch_work(endpoint->web->fetch, clock_monotonic_ms());
}
