/* Text protocols: what they share, and plain lines of a serial page. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "wire/poller_parts.h"
#include "wire/serial.h"

enum talk_result
talk_timeout(struct target *target)
{
	snprintf(target->error, sizeof(target->error), "timeout after %.1f s",
	    (double)target->patience_ms / 1000);
	return TALK_FAIL;
}

void
talk_forget(struct endpoint *endpoint)
{
	if (endpoint->way.link == LINK_SERIAL) {
		serial_forget(endpoint->fd);
		buf_clear(&endpoint->in);
	} else if (endpoint->way.rtu) {
		buf_clear(&endpoint->in);
	}
}

void
talk_unasked(struct endpoint *endpoint)
{
	const struct buf *in = &endpoint->in;

	if (in->size > 0)
		endpoint->line_start = in->data[in->size - 1] == '\n' ||
		    in->data[in->size - 1] == '\r';
	buf_clear(&endpoint->in);
}

size_t
talk_steps(const struct profile *profile)
{
	const struct profile_request *requests;

	return profile_requests(profile, &requests);
}

const char *
talk_request(const struct target *target)
{
	const struct profile_request *requests;

	profile_requests(target->profile->profile, &requests);
	return requests[target->step].text;
}

/* A line longer than an answer may be is thrown away in pieces. */
bool
talk_line(struct endpoint *endpoint, struct arena *arena, const char **line,
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

bool
talk_keep(
    struct target *target, const char *path, const char *text, size_t size)
{
	bool body = target->frame.protocol == FRAME_HTTP;
	struct frame_answer *answer;

	if (size > (body ? FRAME_BODY_MAX : FRAME_ANSWER_MAX) ||
	    !target_part(target, sizeof(*answer)))
		return false;
	answer = &target->frame.part.answer[target->frame.count++];
	answer->path = path;
	answer->text = text;
	answer->text_size = (uint32_t)size;
	return true;
}

/*
 * A page has its share of the cycle, whether lines come or not: some
 * requests only choose what the next one brings.
 */
static void
ask_lines(struct endpoint *endpoint, struct target *target)
{
	const char *text = talk_request(target);
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
		talk_keep(target, "", line, size);
}

static enum talk_result
take_lines(struct endpoint *endpoint, struct target *target)
{
	const char *line;
	size_t size;

	while (talk_line(endpoint, &target->came, &line, &size)) {
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

const struct talk talk_lines = { talk_steps, ask_lines, take_lines, late_lines,
	talk_unasked };
