/* Text protocols: ThingSet's answers, and plain lines of a serial page. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "wire/poller_parts.h"
#include "wire/serial.h"
#include "wire/thingset.h"

enum talk_result
talk_timeout(struct target *target)
{
	snprintf(target->error, sizeof(target->error), "timeout after %.1f s",
	    (double)target->device.timeout_ms / 1000);
	return TALK_FAIL;
}

void
talk_forget(struct endpoint *endpoint)
{
	if (endpoint->way.link == LINK_SERIAL) {
		serial_forget(endpoint->fd);
		buf_clear(&endpoint->in);
	}
}

static size_t
steps(const struct profile *profile)
{
	const struct profile_request *requests;

	return profile_requests(profile, &requests);
}

static const char *
request(const struct target *target)
{
	const struct profile_request *requests;

	profile_requests(target->profile->profile, &requests);
	return requests[target->step].text;
}

/*
 * Take the next line out of the input; false while there is none. A line
 * longer than an answer may be is thrown away in pieces.
 */
static bool
next_line(struct endpoint *endpoint, struct arena *arena, const char **line,
    size_t *size)
{
	struct buf *in = &endpoint->in;
	size_t end = 0;

	while (end < in->size && in->data[end] != '\n' && in->data[end] != '\r')
		end++;
	if (end == in->size) {
		if (in->size > FRAME_ANSWER_MAX) {
			endpoint->line_start = false;
			buf_clear(in);
		}
		return false;
	}
	*line = arena_text(arena, in->data, end);
	*size = end;
	buf_drop(in, end + 1);
	return true;
}

/* Keep one answer; its texts live as long as the poll. */
static bool
keep(struct target *target, const char *path, const char *text, size_t size)
{
	struct frame_answer *answer;

	if (size > FRAME_ANSWER_MAX || !target_part(target, sizeof(*answer)))
		return false;
	answer = &target->frame.part.answer[target->frame.count++];
	answer->path = path;
	answer->text = text;
	answer->text_size = (uint32_t)size;
	return true;
}

static void
ask_thingset(struct endpoint *endpoint, struct target *target)
{
	talk_forget(endpoint);
	thingset_ask(&endpoint->out, request(target));
}

/* What one line means for the request that is out. */
static enum talk_result
judge(struct target *target, const char *line, size_t size)
{
	struct thingset_answer answer;

	switch (thingset_parse(line, size, &target->came, &answer)) {
	case THINGSET_VALUE:
		if (answer.size > 0)
			keep(target, request(target), answer.json, answer.size);
		return TALK_NEXT;
	case THINGSET_REFUSED:
		if (target->error[0] == '\0')
			snprintf(target->error, sizeof(target->error),
			    "?%.80s: %.100s", request(target), answer.why);
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
take_thingset(struct endpoint *endpoint, struct target *target)
{
	enum talk_result result = TALK_MORE;
	const char *line;
	size_t size;

	while (result == TALK_MORE &&
	    next_line(endpoint, &target->came, &line, &size))
		result = judge(target, line, size);
	return result;
}

static enum talk_result
late_thingset(struct endpoint *endpoint, struct target *target)
{
	/* An answer names no request: a late one must not be taken for the
	 * next, so the connection is made anew. */
	talk_timeout(target);
	return endpoint->way.link == LINK_TCP ? TALK_CLOSE : TALK_FAIL;
}

/*
 * A page has its share of the cycle, whether lines come or not: some
 * requests only choose what the next one brings.
 */
static void
ask_lines(struct endpoint *endpoint, struct target *target)
{
	const char *text = request(target);
	int64_t share =
	    profile_cycle_ms(target->profile->profile) / (int64_t)target->steps;

	if (text[0] != '\0') {
		buf_text(&endpoint->out, text);
		buf_text(&endpoint->out, "\r\n");
		endpoint->line_start = true;
	}
	endpoint->deadline_ms = clock_monotonic_ms() + share;
}

/* Bytes that are no UTF-8 make the line useless, not the page. */
static void
take_line(struct target *target, const char *line, size_t size)
{
	if (size > 0 && num_utf8(line, size))
		keep(target, "", line, size);
}

static enum talk_result
take_lines(struct endpoint *endpoint, struct target *target)
{
	const char *line;
	size_t size;

	while (next_line(endpoint, &target->came, &line, &size)) {
		if (endpoint->line_start)
			take_line(target, line, size);
		endpoint->line_start = true;
	}
	return TALK_MORE;
}

/* The page's time is over; a device that said nothing gets all of its. */
static enum talk_result
late_lines(struct endpoint *endpoint, struct target *target)
{
	int64_t last = target->began_ms + target->device.timeout_ms;
	int64_t now = clock_monotonic_ms();

	if (target->step + 1 < target->steps || target->frame.count > 0)
		return TALK_NEXT;
	if (now < last) {
		endpoint->deadline_ms = last;
		return TALK_MORE;
	}
	snprintf(target->error, sizeof(target->error), "timeout after %.1f s",
	    (double)(now - target->began_ms) / 1000);
	return TALK_FAIL;
}

const struct talk talk_thingset = { steps, ask_thingset, take_thingset,
	late_thingset };
const struct talk talk_lines = { steps, ask_lines, take_lines, late_lines };
