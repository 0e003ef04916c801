/*
 * ThingSet nodes on a CAN bus: asked by ISO-TP, each for itself, so that a
 * dead one delays nobody; and heard for what they publish.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "wire/isotp.h"
#include "wire/poller_parts.h"
#include "wire/slcan.h"
#include "wire/socketcan.h"
#include "wire/thingset_can.h"
#include "wire/thingset_cbor.h"

struct node {
	struct isotp_out out;
	struct isotp_in in;
	struct thingset_parts parts;
	struct profile_can filter;
	bool asking; /* a request is out */
	int64_t until_ms; /* what is awaited must come until then */
	int64_t frame_ms; /* the next frame goes out then */
};

bool
node_is(const struct target *target)
{
	return profile_protocol(target->profile->profile) == FRAME_THINGSET;
}

void
node_free(struct target *target)
{
	if (target->node == NULL)
		return;
	buf_free(&target->node->out.message);
	buf_free(&target->node->in.message);
	buf_free(&target->node->parts.data);
	free(target->node);
	target->node = NULL;
}

static struct node *
node_of(struct target *target)
{
	if (target->node == NULL)
		target->node = mem_zero(1, sizeof(*target->node));
	return target->node;
}

size_t
node_ids(struct target *target, const struct profile_can **ids)
{
	struct node *node = node_of(target);

	/* all that has its address in the place of the source */
	node->filter = (struct profile_can){
		.id = target->device.unit, .mask = 0xFF, .extended = true
	};
	*ids = &node->filter;
	return 1;
}

/* ---- frames out --------------------------------------------------------- */

static int
send_frame(struct target *target, const uint8_t *data, size_t size)
{
	struct endpoint *endpoint = target->endpoint;
	const struct frame_can can = { .id = thingset_can_request(
					   target->device.unit, THINGSET_HOST),
		.extended = true,
		.size = (uint8_t)size,
		.data = data };

	if (endpoint->way.link == LINK_CAN)
		return socketcan_send(endpoint->fd, &can, false);
	slcan_print(&can, false, &endpoint->out);
	return bus_send(endpoint);
}

/* Frames of the request, as far as the node lets us. */
static int
send_request(struct target *target, int64_t now_ms)
{
	struct isotp_out *out = &target->node->out;
	uint8_t frame[ISOTP_FRAME];
	size_t size;

	target->node->frame_ms = INT64_MAX;
	while ((size = isotp_next(out, frame)) > 0) {
		if (send_frame(target, frame, size) < 0)
			return -1;
		if (out->gap_ms > 0 && !isotp_sent(out) && !out->waits) {
			target->node->frame_ms = now_ms + out->gap_ms + 1;
			break;
		}
	}
	return 0;
}

/* ---- the course of a poll -------------------------------------------------- */

static void
finish(struct target *target)
{
	target->node->asking = false;
	target->frame.complete = target->frame.count >= target->steps;
	target_finish(target, clock_now_ms(), true,
	    target->error[0] == '\0' ? NULL : target->error);
}

static void
set_clock(struct target *target)
{
	const struct node *node = target->node;

	target->deadline_ms =
	    node->frame_ms < node->until_ms ? node->frame_ms : node->until_ms;
}

static void
ask(struct target *target, const struct buf *request)
{
	int64_t now = clock_monotonic_ms();
	struct node *node = target->node;

	node->asking = true;
	node->in.size = 0;
	node->until_ms = now + target->device.timeout_ms;
	isotp_begin(&node->out, request->data, request->size);
	if (send_request(target, now) < 0 && errno != EAGAIN &&
	    errno != ENOBUFS) {
		snprintf(target->error, sizeof(target->error),
		    "cannot send: %s", strerror(errno));
		finish(target);
		return;
	}
	set_clock(target);
}

/* What comes next: a request, reports, or the end. */
static void
go_on(struct target *target)
{
	int64_t now = clock_monotonic_ms();
	struct node *node = target->node;
	struct buf request = { 0 };

	node->asking = false;
	node->frame_ms = INT64_MAX;
	if (target->step == target->steps) {
		finish(target);
	} else if (thingset_put_request(target, &request)) {
		ask(target, &request);
	} else if (thingset_settled(target, now)) {
		thingset_keep_reports(target, now);
		finish(target);
	} else {
		node->until_ms = target->began_ms + thingset_wait_ms(target);
		set_clock(target);
	}
	buf_free(&request);
}

void
node_begin(struct target *target)
{
	struct node *node = node_of(target);

	target->steps = talk_thingset.steps(target->profile->profile);
	node->in.size = 0;
	node->out.at = node->out.message.size;
	go_on(target);
}

static void
late(struct target *target, int64_t now_ms)
{
	if (!target->node->asking)
		thingset_keep_reports(target, now_ms);
	else
		bus_blame(target);
	thingset_give_up(target);
	finish(target);
	/* The adapter may have been restarted, and wait to be opened. */
	if (target->frame.count == 0 && target->endpoint->count == 1 &&
	    target->endpoint->way.link == LINK_SLCAN)
		endpoint_close(target->endpoint);
}

void
node_clock(struct target *target, int64_t now_ms)
{
	if (target->node->frame_ms <= now_ms)
		send_request(target, now_ms);
	if (target->node->until_ms <= now_ms)
		late(target, now_ms);
	else
		set_clock(target);
}

/* ---- frames in ------------------------------------------------------------ */

static void
take_answer(struct target *target, const struct buf *message)
{
	enum talk_result result = thingset_take(target, message);

	if (result == TALK_NEXT)
		target->step++;
	if (result == TALK_FAIL)
		finish(target);
	else if (result != TALK_MORE)
		go_on(target);
}

static void
take_frame(struct target *target, const struct frame_can *can)
{
	struct node *node = target->node;
	uint8_t leave[ISOTP_FRAME];

	if (!target->busy || !node->asking)
		return;
	switch (isotp_take(&node->in, can->data, can->size)) {
	case ISOTP_BEGUN:
		send_frame(target, leave, isotp_go_on(leave));
		break;
	case ISOTP_WHOLE:
		take_answer(target, &node->in.message);
		break;
	case ISOTP_FLOW:
		if (isotp_flow(&node->out, can->data, can->size)) {
			send_request(target, clock_monotonic_ms());
			set_clock(target);
			break;
		}
		snprintf(target->error, sizeof(target->error),
		    "the node cannot take so long a request");
		finish(target);
		break;
	default:
		break;
	}
}

/* The value of one item; a stamp may stand behind it. */
static void
hear_item(struct target *target, uint16_t id, const struct frame_can *can,
    int64_t now_ms)
{
	struct failure why;
	size_t used;
	json_t *value = thingset_cbor_read(can->data, can->size, &used, &why);
	json_t *endpoint = json_integer(id);

	if (value != NULL && thingset_of(target)->report_count == 0)
		json_decref(value);
	else if (value != NULL)
		things_hear(&target->things, thingset_of(target), endpoint,
		    value, true, now_ms);
	json_decref(endpoint);
}

bool
node_hear(struct target *target, const struct frame_can *can, int64_t now_ms)
{
	struct thingset_parts *parts = &node_of(target)->parts;
	struct thingset_can head;

	if (!thingset_can_read(can, &head) ||
	    head.source != target->device.unit)
		return false;
	if (head.type == THINGSET_CAN_ITEM) {
		hear_item(target, head.id, can, now_ms);
		return true;
	}
	if (head.type != THINGSET_CAN_PART ||
	    !thingset_part_add(parts, &head, can))
		return false;
	thingset_hear(target, parts->data.data, parts->data.size, now_ms);
	return true;
}

void
node_take(struct target *target, const struct frame_can *can)
{
	int64_t now = clock_monotonic_ms();
	struct thingset_can head;

	if (!thingset_can_read(can, &head) ||
	    head.source != target->device.unit)
		return;
	if (head.type == THINGSET_CAN_REQUEST && head.target == THINGSET_HOST)
		take_frame(target, can);
	else if (node_hear(target, can, now) && target->busy &&
	    !target->node->asking &&
	    (thingset_settled(target, now) ||
		(thingset_may_ask(target) && things_puzzled(&target->things))))
		go_on(target);
}
