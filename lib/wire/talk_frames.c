/*
 * Native serial protocols: one request, one proven answer, by the rules of
 * the profile's framing. Over a TCP bridge nothing is different.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "profile/framing.h"
#include "wire/poller_parts.h"

/* Between the frames of one answer there is no longer silence. */
#define BETWEEN_MS 250
/* A damaged answer may go on for so long. */
#define DAMAGED_MS 50

static const struct framing *
framing_of(const struct target *target)
{
	return profile_framing(target->profile->profile);
}

/* The request as a line of the frame, where answers do not tell it. */
static void
keep_request(struct endpoint *endpoint, struct target *target)
{
	const struct buf *out = &endpoint->out;
	size_t size = out->size;

	while (size > 0 &&
	    (out->data[size - 1] == '\r' || out->data[size - 1] == '\n'))
		size--;
	if (size > 0)
		talk_keep(target, "",
		    arena_text(&target->came, out->data, size), size);
}

static bool
listens(const struct target *target)
{
	return *talk_request(target) == '\0';
}

static void
ask(struct endpoint *endpoint, struct target *target)
{
	const struct framing *framing = framing_of(target);
	const char *request = talk_request(target);
	int64_t cycle = profile_cycle_ms(target->profile->profile);

	talk_forget(endpoint);
	buf_clear(&endpoint->in);
	target->before = target->frame.count;
	target->frames = 0;
	target->damaged = target->settled = false;
	target->key =
	    framing->ask(request, target->device.unit, &endpoint->out);
	if (framing->asked)
		keep_request(endpoint, target);
	if (framing->sleeps && target->step == 0)
		endpoint->deadline_ms =
		    clock_monotonic_ms() + target->device.timeout_ms / 2;
	if (listens(target) && cycle > target->device.timeout_ms)
		endpoint->deadline_ms = clock_monotonic_ms() + cycle;
	target->whole_by_ms = endpoint->deadline_ms;
}

/* A proven frame goes into ours as a line, or as the lines that it has. */
static void
keep(struct target *target, const uint8_t *bytes, size_t size)
{
	const char *text = (const char *)bytes;
	size_t at = 0, end;
	struct buf hex = { 0 };

	if (!framing_of(target)->text) {
		buf_hex(&hex, bytes, size);
		talk_keep(target, "",
		    arena_text(&target->came, hex.data, hex.size), hex.size);
		buf_free(&hex);
		return;
	}
	for (; at < size; at = end + 1) {
		end = at;
		while (end < size && text[end] != '\r' && text[end] != '\n')
			end++;
		if (end > at)
			talk_keep(target, "",
			    arena_text(&target->came, text + at, end - at),
			    end - at);
	}
}

/* All of it is here: keep the silence that the device needs. */
static enum talk_result
settle(struct endpoint *endpoint, struct target *target)
{
	unsigned gap = framing_of(target)->gap_ms;

	endpoint->misses = 0;
	endpoint->proven = true;
	if (gap == 0)
		return TALK_NEXT;
	target->settled = true;
	endpoint->deadline_ms = clock_monotonic_ms() + gap;
	return TALK_MORE;
}

static unsigned
wanted(const struct target *target)
{
	const struct framing *framing = framing_of(target);

	return framing->count == NULL
	    ? 1
	    : framing->count(target->key, &target->frame);
}

/* Does the frame answer what was asked? */
static bool
is_ours(const struct target *target, const struct framing_found *found)
{
	return !found->request &&
	    (found->key < 0 || found->key == target->key) &&
	    (found->unit < 0 || found->unit == target->device.unit);
}

static enum talk_result
take_frame(struct endpoint *endpoint, struct target *target,
    const struct framing_found *found)
{
	unsigned count;

	if (!is_ours(target, found))
		return TALK_MORE;
	if (found->refusal != 0) {
		target->frame.count = target->before;
		if (target->error[0] == '\0')
			snprintf(target->error, sizeof(target->error),
			    "%s refused (code 0x%02x)", talk_request(target),
			    found->refusal);
		return settle(endpoint, target);
	}
	keep(target, (const uint8_t *)endpoint->in.data + found->start,
	    found->size);
	count = wanted(target);
	if (++target->frames >= count && count > 0)
		return settle(endpoint, target);
	endpoint->deadline_ms = clock_monotonic_ms() + BETWEEN_MS;
	/* one that goes on and on must not keep the others waiting */
	if (endpoint->deadline_ms > target->whole_by_ms)
		endpoint->deadline_ms = target->whole_by_ms;
	return TALK_MORE;
}

static enum talk_result
take(struct endpoint *endpoint, struct target *target)
{
	const struct framing *framing = framing_of(target);
	enum talk_result result = TALK_MORE;
	struct framing_found found = { 0 };
	enum framing_look look;

	if (target->settled) {
		buf_clear(&endpoint->in);
		return TALK_MORE;
	}
	while ((look = framing_next(framing, (const uint8_t *)endpoint->in.data,
		    endpoint->in.size, &found)) == FRAMING_WHOLE) {
		result = take_frame(endpoint, target, &found);
		buf_drop(&endpoint->in, found.start + found.size);
		if (result != TALK_MORE || target->settled)
			return result;
	}
	if (look == FRAMING_WRONG) {
		buf_drop(&endpoint->in, found.start);
		/* a device that talks by itself says it again */
		if (!target->damaged && !listens(target))
			endpoint->deadline_ms =
			    clock_monotonic_ms() + DAMAGED_MS;
		target->damaged = true;
	}
	if (endpoint->in.size > FRAMING_FRAME_MAX)
		buf_drop(&endpoint->in, endpoint->in.size - FRAMING_FRAME_MAX);
	return result;
}

/* What is to be said of an answer that was not whole. */
static void
blame(const struct endpoint *endpoint, struct target *target)
{
	const char *request = talk_request(target);

	if (target->damaged && listens(target))
		snprintf(target->error, sizeof(target->error),
		    "heard a frame whose checksum is wrong");
	else if (target->damaged)
		snprintf(target->error, sizeof(target->error),
		    "answer to \"%s\": its checksum is wrong", request);
	else if (target->frames > 0)
		snprintf(target->error, sizeof(target->error),
		    "answer to \"%s\": %u of %u frames", request,
		    target->frames, wanted(target));
	else
		snprintf(target->error, sizeof(target->error),
		    "answer to \"%s\" is cut or foreign (%zu bytes)", request,
		    endpoint->in.size);
}

/* Noise is no fault of the device: once in a poll what came damaged is
 * asked for again. */
static enum talk_result
late(struct endpoint *endpoint, struct target *target)
{
	if (target->settled ||
	    (target->frames > 0 && !target->damaged && wanted(target) == 0))
		return TALK_NEXT;
	target->frame.count = target->before;
	if (endpoint->in.size == 0 && target->frames == 0 && !target->damaged &&
	    (target->again || target->step > 0 || !framing_of(target)->sleeps))
		return talk_timeout(target);
	if (!target->again && !listens(target)) {
		target->again = true;
		return TALK_AGAIN;
	}
	blame(endpoint, target);
	return TALK_FAIL;
}

const struct talk talk_frames = { talk_steps, ask, take, late, talk_unasked };
