/* Devices in service: their slots, and the frame of a poll. */
#include <string.h>

#include "base/clock.h"
#include "wire/poller_parts.h"
#include "wire/slots.h"

#define CLOCK_SET_MS 200 /* back by more: it was set, not corrected */
#define TIME_STEP_MS 4

void
target_begin(struct target *target, int64_t now_ms)
{
	if (target->fresh != NULL) {
		modbus_reader_free(target->reader);
		target->reader = NULL;
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
	target->patience_ms = target->device.timeout_ms;
	target->poll_by_ms = INT64_MAX;
	target->room = 0;
	target->step = 0;
	target->reading = false;
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

/*
 * All behind a connection or bus had failed, and one is back: so it was the
 * way to them. The others need not wait for the end of their back-off.
 */
static void
way_is_back(const struct endpoint *endpoint)
{
	for (size_t i = 0; i < endpoint->count; i++)
		if (endpoint->members[i]->standing.failures == 0)
			return;
	for (size_t i = 0; i < endpoint->count; i++)
		endpoint->members[i]->standing.next_ms = 0;
}

/* A device that told something is there, whatever else went wrong. */
static void
judge(struct target *target, int64_t now_ms, const char *error)
{
	bool asked = !endpoint_heard(target->endpoint);

	if (error == NULL || target->frame.count > 0) {
		if (target->standing.failures > 0)
			way_is_back(target->endpoint);
		standing_good(&target->standing, now_ms);
	} else {
		standing_failed(&target->standing,
		    asked ? target->slot_wall_ms : now_ms, asked, error);
	}
}

/* A device that answers, but takes longer than a slot: said once. */
static void
note_slow(struct target *target)
{
	if (target->missed_now == 0 || target->told ||
	    target->standing.failures > 0)
		return;
	target->told = true;
	poller_say(target->endpoint->poller,
	    "%s/%s: takes longer than its %.1f s, slots are left out",
	    target->device.tenant, target->device.device,
	    (double)target->interval_ms / 1000);
}

/* A slot begins: is it over that slots are left out? */
static void
note_in_time(struct target *target)
{
	if (target->missed_now == 0 && target->told)
		poller_say(target->endpoint->poller,
		    "%s/%s: in time again after %llu slots",
		    target->device.tenant, target->device.device,
		    (unsigned long long)target->missed);
	if (target->missed_now == 0) {
		target->missed = 0;
		target->told = false;
	}
	target->missed_now = 0;
}

/*
 * A clock that was set back comes by times once more that frames have
 * already, and one of two readings of one time would not be kept. Times stand
 * at every fourth millisecond, and each time the clock was set back they move
 * on to the next. What was heard before that is of now: its time is ahead, and
 * all behind it would have to follow.
 */
static int64_t
own_time(struct target *target, int64_t time_ms)
{
	struct poller *poller = target->endpoint->poller;
	int64_t wall_ms = clock_now_ms();
	int64_t ahead_ms = wall_ms - clock_monotonic_ms();

	if (time_ms > wall_ms)
		time_ms = wall_ms;
	if (poller->ahead_ms != 0 && ahead_ms < poller->ahead_ms - CLOCK_SET_MS)
		poller->turns++;
	poller->ahead_ms = ahead_ms;
	time_ms +=
	    (int64_t)(poller->turns % TIME_STEP_MS) - time_ms % TIME_STEP_MS;
	if (time_ms <= target->last_ms && target->last_turn == poller->turns)
		time_ms = target->last_ms + TIME_STEP_MS;
	target->last_ms = time_ms;
	target->last_turn = poller->turns;
	return time_ms;
}

void
target_finish(
    struct target *target, int64_t time_ms, bool live, const char *error)
{
	struct poller *poller = target->endpoint->poller;
	struct frame *frame = &target->frame;

	frame->time_ms = time_ms;
	if (live) {
		frame->time_ms = own_time(target, time_ms);
		frame->boot = poller->options.boot;
		frame->mono_ms = clock_monotonic_ms();
	}
	frame->bus_errors = target->bus_errors;
	target->bus_errors = 0;
	judge(target, clock_now_ms(), error);
	note_slow(target);
	if (error != NULL) {
		frame->error = error;
		frame->complete = false;
		poller->failures++;
	}
	target->busy = false;
	poller->options.frame(poller->options.context, frame);
}

/* Set the timer of the next slot. */
static void
go_on_slot(struct target *target, int64_t now_ms, int64_t wall_ms)
{
	struct timers *slots = &target->endpoint->poller->slots;
	uint64_t missed = 0;

	if (target->interval_ms == 0)
		timers_stop(slots, &target->due);
	else
		timers_set(slots, &target->due,
		    slot_next(target->due.at_ms, now_ms, wall_ms,
			target->interval_ms, &missed));
	target->endpoint->poller->late_slots += missed;
}

static void
begin_asking(struct target *target, int64_t now_ms, int64_t wall_ms)
{
	if (standing_waits(&target->standing, wall_ms)) {
		/* of a single round it is one that was not answered */
		if (target->interval_ms == 0)
			target->endpoint->poller->failures++;
		target->asked = true;
		return;
	}
	target->slot_wall_ms = wall_ms;
	turn_put(target, now_ms);
	target->asked = true;
	endpoint_touch(target->endpoint);
}

void
target_slot(struct target *target, int64_t now_ms)
{
	int64_t wall_ms = clock_now_ms();
	int64_t slot_ms = target->due.at_ms;
	bool dead = target->standing.failures > 0;

	go_on_slot(target, now_ms, wall_ms);
	if (target->device.link == LINK_CANDUMP) {
		log_slot_over(target, wall_ms);
		return;
	}
	/* One that does not answer waits for a moment when none is harmed. */
	if (target->queued && dead)
		return;
	if (target->busy || target->queued) {
		target->missed++;
		target->missed_now++;
		return;
	}
	note_in_time(target);
	if (!endpoint_heard(target->endpoint))
		begin_asking(target, now_ms, wall_ms);
	else if (endpoint_web(target->endpoint))
		stream_due(target, slot_ms);
	else
		heard_due(target, slot_ms);
	target->asked = true;
	endpoint_touch(target->endpoint);
}
