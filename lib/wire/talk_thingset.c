/*
 * ThingSet on serial lines and TCP, as text or as CBOR: request and answer,
 * and what the device publishes by itself in between.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "wire/poller_parts.h"
#include "wire/thingset.h"
#include "wire/thingset_cbor.h"

#define TEXT_REPORT '#'
#define BINARY_REPORT 0x1F

const struct profile_thingset *
thingset_of(const struct target *target)
{
	return profile_thingset(target->profile->profile);
}

bool
thingset_may_ask(const struct target *target)
{
	return talk_steps(target->profile->profile) > 0 ||
	    thingset_of(target)->id_count == 0;
}

int64_t
thingset_wait_ms(const struct target *target)
{
	int64_t cycle = profile_cycle_ms(target->profile->profile);

	return cycle > target->device.timeout_ms ? cycle
						 : target->device.timeout_ms;
}

bool
thingset_settled(const struct target *target, int64_t now_ms)
{
	return things_whole(&target->things, thingset_of(target),
		   now_ms - thingset_wait_ms(target)) &&
	    !(thingset_may_ask(target) && things_puzzled(&target->things));
}

void
thingset_keep_since(struct target *target, int64_t since)
{
	const struct profile_thingset *speech = thingset_of(target);
	struct buf text = { 0 };

	for (size_t i = 0; i < speech->report_count; i++) {
		buf_clear(&text);
		if (things_take(&target->things, speech, i, since, &text))
			talk_keep(target, speech->reports[i].text,
			    arena_text(&target->came, text.data, text.size),
			    text.size);
		else if (target->error[0] == '\0')
			snprintf(target->error, sizeof(target->error),
			    "no report %.80s in %.1f s",
			    speech->reports[i].text,
			    (double)thingset_wait_ms(target) / 1000);
	}
	buf_free(&text);
}

void
thingset_keep_reports(struct target *target, int64_t now_ms)
{
	thingset_keep_since(target, now_ms - thingset_wait_ms(target));
}

static void
keep_answer(struct target *target, const json_t *payload)
{
	const char *path = talk_request(target);
	struct buf text = { 0 };

	things_name(&target->things, thingset_of(target), payload, path, &text);
	talk_keep(target, path, arena_text(&target->came, text.data, text.size),
	    text.size);
	buf_free(&text);
}

static void
refused(struct target *target, const char *why)
{
	if (target->error[0] == '\0')
		snprintf(target->error, sizeof(target->error), "?%.80s: %.100s",
		    talk_request(target), why);
}

bool
thingset_put_request(struct target *target, struct buf *out)
{
	char name[16];

	if (thingset_may_ask(target) && things_ask(&target->things, out))
		return true;
	if (target->step >= talk_steps(target->profile->profile))
		return false;
	if (!thingset_of(target)->binary) {
		buf_print(out, "?%s", talk_request(target));
		return true;
	}
	thingset_get_put(
	    things_endpoint(thingset_of(target), talk_request(target), name),
	    out);
	return true;
}

void
thingset_hear(
    struct target *target, const void *data, size_t size, int64_t now_ms)
{
	const uint8_t *bytes = data;
	struct thingset_message message;
	struct thingset_answer values;
	struct arena arena = { 0 };
	const char *path;

	if (thingset_of(target)->report_count == 0)
		return;
	if (size > 0 && bytes[0] == TEXT_REPORT) {
		if (thingset_report(data, size, &arena, &path, &values))
			things_hear_text(
			    &target->things, path, values.json, now_ms);
		arena_free(&arena);
		return;
	}
	thingset_message_read(bytes, size, &message);
	if (message.kind == THINGSET_REPORT)
		things_hear(&target->things, thingset_of(target),
		    message.endpoint, json_incref(message.payload), false,
		    now_ms);
	thingset_message_clear(&message);
}

static bool
is_waiting(const struct target *target)
{
	return target->step == talk_steps(target->profile->profile);
}

static enum talk_result
judge_text(struct target *target, const struct buf *line)
{
	struct thingset_answer answer;

	switch (
	    thingset_parse(line->data, line->size, &target->came, &answer)) {
	case THINGSET_VALUE:
		if (answer.size > 0)
			talk_keep(target, talk_request(target), answer.json,
			    answer.size);
		return TALK_NEXT;
	case THINGSET_REFUSED:
		refused(target, answer.why);
		return TALK_NEXT;
	case THINGSET_BAD:
		snprintf(
		    target->error, sizeof(target->error), "%s", answer.why);
		return TALK_FAIL;
	default:
		return TALK_MORE;
	}
}

static enum talk_result
judge(struct target *target, const struct thingset_message *message)
{
	if (message->kind == THINGSET_OTHER || message->kind == THINGSET_REPORT)
		return TALK_MORE;
	if (target->things.asked != THINGS_NONE) {
		things_learn(&target->things, thingset_of(target), message);
		return TALK_AGAIN;
	}
	if (is_waiting(target))
		return TALK_MORE;
	if (message->kind == THINGSET_DAMAGED) {
		snprintf(
		    target->error, sizeof(target->error), "%s", message->why);
		return TALK_FAIL;
	}
	if (message->kind == THINGSET_ERROR) {
		refused(target, message->why);
		return TALK_NEXT;
	}
	/* with ids that have no name yet: that first, then the same again */
	things_want(&target->things, thingset_of(target), message->payload);
	if (things_puzzled(&target->things))
		return TALK_AGAIN;
	if (message->payload != NULL)
		keep_answer(target, message->payload);
	return TALK_NEXT;
}

enum talk_result
thingset_take(struct target *target, const struct buf *bytes)
{
	struct thingset_message message;
	enum talk_result result;

	if (!thingset_of(target)->binary)
		return is_waiting(target) ? TALK_MORE
					  : judge_text(target, bytes);
	thingset_message_read(
	    (const uint8_t *)bytes->data, bytes->size, &message);
	result = judge(target, &message);
	thingset_message_clear(&message);
	return result;
}

/* ---- messages on a stream ----------------------------------------------- */

static bool
is_report(const struct buf *message)
{
	return message->size > 0 &&
	    (message->data[0] == TEXT_REPORT ||
		message->data[0] == BINARY_REPORT);
}

/* The next message out of the input; false while there is none. */
static bool
next_message(
    struct endpoint *endpoint, const struct target *target, struct buf *message)
{
	struct arena arena = { 0 };
	const char *line;
	size_t size;
	bool got;

	buf_clear(message);
	if (endpoint->in.size == 0)
		return false;
	if (thingset_of(target)->binary) {
		got = thingset_stream_take((const uint8_t *)endpoint->in.data,
		    endpoint->in.size, &size, message);
		buf_drop(&endpoint->in, size);
		return got;
	}
	got = talk_line(endpoint, &arena, &line, &size);
	if (got)
		buf_put(message, line, size);
	arena_free(&arena);
	return got;
}

/*
 * What came without being asked for: reports are kept. An answer that comes
 * too late must not be taken for that of the next request.
 */
static void
hear_thingset(struct endpoint *endpoint)
{
	const struct target *first = endpoint->members[0];
	struct buf message = { 0 };

	while (next_message(endpoint, first, &message))
		for (size_t i = 0; i < endpoint->count; i++)
			if (is_report(&message))
				thingset_hear(endpoint->members[i],
				    message.data, message.size,
				    clock_monotonic_ms());
	if (!is_report(&endpoint->in))
		buf_clear(&endpoint->in);
	buf_free(&message);
}

/* ---- request and answer -------------------------------------------------- */

void
thingset_give_up(struct target *target)
{
	const struct thingset_message no = { .kind = THINGSET_OTHER };

	if (target->things.asked != THINGS_NONE)
		things_learn(&target->things, thingset_of(target), &no);
}

static size_t
steps(const struct profile *profile)
{
	/* the last one waits for what is published */
	return talk_steps(profile) +
	    (profile_thingset(profile)->report_count > 0);
}

static void
ask_thingset(struct endpoint *endpoint, struct target *target)
{
	int64_t now = clock_monotonic_ms();
	struct buf request = { 0 };

	hear_thingset(endpoint);
	if (thingset_put_request(target, &request)) {
		if (thingset_of(target)->binary) {
			thingset_stream_put(
			    request.data, request.size, &endpoint->out);
		} else {
			buf_put(&endpoint->out, request.data, request.size);
			buf_char(&endpoint->out, '\n');
		}
	} else {
		endpoint->deadline_ms = now;
		if (!thingset_settled(target, now))
			endpoint->deadline_ms += thingset_wait_ms(target);
	}
	buf_free(&request);
}

/* What was waited for is here, or a question must come before. */
static enum talk_result
settle(struct target *target)
{
	int64_t now = clock_monotonic_ms();

	if (!is_waiting(target))
		return TALK_MORE;
	if (thingset_may_ask(target) && things_puzzled(&target->things))
		return TALK_AGAIN;
	if (!thingset_settled(target, now))
		return TALK_MORE;
	thingset_keep_reports(target, now);
	return TALK_NEXT;
}

static enum talk_result
take_thingset(struct endpoint *endpoint, struct target *target)
{
	enum talk_result result = TALK_MORE;
	struct buf message = { 0 };

	while (
	    result == TALK_MORE && next_message(endpoint, target, &message)) {
		if (is_report(&message)) {
			thingset_hear(target, message.data, message.size,
			    clock_monotonic_ms());
			result = settle(target);
		} else {
			result = thingset_take(target, &message);
		}
	}
	buf_free(&message);
	return result;
}

static enum talk_result
late_thingset(struct endpoint *endpoint, struct target *target)
{
	if (is_waiting(target) && target->things.asked == THINGS_NONE) {
		thingset_keep_reports(target, clock_monotonic_ms());
		return target->error[0] == '\0' ? TALK_NEXT : TALK_FAIL;
	}
	thingset_give_up(target);
	/* An answer names no request: a late one must not be taken for the
	 * next, so the connection is made anew. */
	talk_timeout(target);
	return endpoint->way.link == LINK_TCP ? TALK_CLOSE : TALK_FAIL;
}

const struct talk talk_thingset = { steps, ask_thingset, take_thingset,
	late_thingset, hear_thingset };
