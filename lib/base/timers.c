#include "base/timers.h"

#include <stdlib.h>

#include "base/mem.h"

static void
put(struct timers *timers, size_t place, struct timer *timer)
{
	timers->item[place] = timer;
	timer->place = place;
}

/* Move a timer to where its time belongs. */
static void
settle(struct timers *timers, struct timer *timer)
{
	size_t at = timer->place;

	while (at > 1 && timers->item[at / 2]->at_ms > timer->at_ms) {
		put(timers, at, timers->item[at / 2]);
		at /= 2;
	}
	for (size_t child = at * 2; child <= timers->count; child = at * 2) {
		if (child < timers->count &&
		    timers->item[child + 1]->at_ms < timers->item[child]->at_ms)
			child++;
		if (timers->item[child]->at_ms >= timer->at_ms)
			break;
		put(timers, at, timers->item[child]);
		at = child;
	}
	put(timers, at, timer);
}

static void
take_out(struct timers *timers, struct timer *timer)
{
	struct timer *last = timers->item[timers->count--];

	if (last != timer) {
		put(timers, timer->place, last);
		settle(timers, last);
	}
	timer->place = 0;
}

void
timers_set(struct timers *timers, struct timer *timer, int64_t at_ms)
{
	if (at_ms == INT64_MAX) {
		timers_stop(timers, timer);
		return;
	}
	timer->at_ms = at_ms;
	if (timer->place == 0) {
		if (timers->count + 1 >= timers->room) {
			timers->room =
			    timers->room == 0 ? 64 : timers->room * 2;
			timers->item = mem_grow(
			    timers->item, timers->room, sizeof(struct timer *));
		}
		put(timers, ++timers->count, timer);
	}
	settle(timers, timer);
}

void
timers_stop(struct timers *timers, struct timer *timer)
{
	if (timer->place != 0)
		take_out(timers, timer);
	timer->at_ms = INT64_MAX;
}

int64_t
timers_next(const struct timers *timers)
{
	return timers->count == 0 ? INT64_MAX : timers->item[1]->at_ms;
}

struct timer *
timers_take(struct timers *timers, int64_t now_ms)
{
	struct timer *first;

	if (timers_next(timers) > now_ms || timers->count == 0)
		return NULL;
	first = timers->item[1];
	take_out(timers, first);
	return first;
}

void
timers_free(struct timers *timers)
{
	free(timers->item);
	*timers = (struct timers){ 0 };
}
