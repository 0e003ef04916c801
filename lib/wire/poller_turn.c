/*
 * Whose turn it is behind one connection or bus, and how long it may take.
 * Those that answer come first, and each has its share of the time to their
 * next slot. Those that do not answer are asked in what is left of it.
 */
#include <stdio.h>

#include "wire/poller_parts.h"

/* A share is not made smaller than this; of one that never answered, it is
 * not known that it is there. */
#define SHARE_MIN_MS 100
#define SHARE_MIN_UNKNOWN_MS 20

static bool
is_dead(const struct target *target)
{
	return target->standing.failures > 0;
}

void
turn_put(struct target *target, int64_t now_ms)
{
	struct target **at = &target->endpoint->queue;

	while (*at != NULL && (!is_dead(*at) || is_dead(target)))
		at = &(*at)->next;
	target->next = *at;
	*at = target;
	target->queued = true;
	target->queued_ms = now_ms;
}

struct target *
turn_any(struct endpoint *endpoint)
{
	struct target *target = endpoint->queue;

	if (target != NULL) {
		endpoint->queue = target->next;
		target->next = NULL;
		target->queued = false;
	}
	return target;
}

/* The others behind an endpoint that answer. */
struct living {
	size_t count, queued;
	int64_t next_ms; /* the first of their slots */
	int64_t interval_ms; /* the shortest */
};

static struct living
living_beside(const struct endpoint *endpoint, const struct target *target)
{
	struct living living = { 0, 0, INT64_MAX, INT64_MAX };

	for (size_t i = 0; i < endpoint->count; i++) {
		const struct target *other = endpoint->members[i];

		if (other == target || is_dead(other))
			continue;
		living.count++;
		living.queued += other->queued;
		if (other->interval_ms == 0)
			continue;
		if (other->due.at_ms < living.next_ms)
			living.next_ms = other->due.at_ms;
		if (other->interval_ms < living.interval_ms)
			living.interval_ms = other->interval_ms;
	}
	return living;
}

/* How long the poll of a device may take now without harm to the others
 * behind its endpoint; INT64_MAX: they do not mind. */
static int64_t
share_ms(const struct endpoint *endpoint, const struct target *target,
    int64_t now_ms)
{
	struct living living = living_beside(endpoint, target);
	bool unknown = target->took_ms == 0 && !is_dead(target);
	int64_t least = unknown ? SHARE_MIN_UNKNOWN_MS : SHARE_MIN_MS;
	int64_t left;

	if (living.next_ms == INT64_MAX)
		return INT64_MAX;
	if (!is_dead(target) && target->interval_ms > 0 &&
	    target->due.at_ms < living.next_ms)
		living.next_ms = target->due.at_ms;
	if (target->device.timeout_ms < least)
		least = target->device.timeout_ms;
	least += (int64_t)target->steps * endpoint->pause_ms;
	if (least < 2 * target->took_ms)
		least = 2 * target->took_ms;
	left = living.next_ms - now_ms;
	if (!is_dead(target))
		left /= (int64_t)living.queued + 1;
	return left < least ? least : left;
}

/* How long the answer may take that is about to be asked for; 0 or less: the
 * poll has had its time. */
static int64_t
patience_ms(
    const struct endpoint *endpoint, struct target *target, int64_t now_ms)
{
	int64_t share;

	if (target->poll_by_ms == INT64_MAX) {
		share = share_ms(endpoint, target, now_ms);
		if (share < INT64_MAX)
			target->poll_by_ms = now_ms + share;
	}
	if (target->poll_by_ms - now_ms < target->device.timeout_ms)
		return target->poll_by_ms - now_ms;
	return target->device.timeout_ms;
}

bool
turn_may_ask(struct endpoint *endpoint, int64_t now_ms)
{
	struct target *target = endpoint->current;

	target->patience_ms = patience_ms(endpoint, target, now_ms);
	if (target->patience_ms > 0)
		return true;
	snprintf(target->error, sizeof(target->error),
	    "not over after %.1f s, others are waiting",
	    (double)(now_ms - target->began_ms) / 1000);
	return false;
}

void
turn_took(struct target *target, int64_t took_ms)
{
	target->took_ms -= target->took_ms / 8;
	if (target->took_ms < took_ms)
		target->took_ms = took_ms;
}

/*
 * May one that did not answer last time be asked now? Only where it has
 * the time for it, or nobody minds; but no longer than any back-off lasts
 * may a bus that is always busy keep it waiting.
 */
static bool
may_begin(const struct endpoint *endpoint, const struct target *target,
    int64_t now_ms, int64_t *again_ms)
{
	struct living living = living_beside(endpoint, target);
	int64_t need = target->device.timeout_ms;

	if (living.next_ms == INT64_MAX)
		return true;
	if (need > living.interval_ms / 2)
		need = living.interval_ms / 2;
	if (living.next_ms - now_ms >= need ||
	    now_ms - target->queued_ms >= STANDING_WAIT_MAX_MS)
		return true;
	*again_ms = living.next_ms;
	return false;
}

struct target *
turn_take(struct endpoint *endpoint, int64_t now_ms, int64_t *again_ms)
{
	const struct target *first = endpoint->queue;

	*again_ms = INT64_MAX;
	if (first == NULL)
		return NULL;
	if (endpoint->quiet_ms > now_ms) {
		*again_ms = endpoint->quiet_ms;
		return NULL;
	}
	if (is_dead(first) && !may_begin(endpoint, first, now_ms, again_ms))
		return NULL;
	return turn_any(endpoint);
}
