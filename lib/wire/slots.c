#include "wire/slots.h"

/* Shorter intervals are waited for. */
#define AT_ONCE_FROM_MS 10000

/* How long until the wall clock stands at a whole interval, or just behind
 * it: both clocks are cut to milliseconds, and nobody comes too early. */
static int64_t
to_whole(int64_t wall_ms, int64_t interval_ms)
{
	int64_t past = wall_ms % interval_ms;

	return (past < 0 ? -past : interval_ms - past) + 1;
}

int64_t
slot_first(int64_t now_ms, int64_t wall_ms, int64_t interval_ms)
{
	int64_t wait;

	if (interval_ms == 0)
		return now_ms;
	wait = to_whole(wall_ms, interval_ms);
	if (interval_ms > AT_ONCE_FROM_MS && wait >= interval_ms / 2)
		return now_ms;
	return now_ms + wait;
}

int64_t
slot_next(int64_t due_ms, int64_t now_ms, int64_t wall_ms, int64_t interval_ms,
    uint64_t *missed)
{
	int64_t next = now_ms + to_whole(wall_ms, interval_ms);

	*missed = 0;
	if (next - due_ms < interval_ms / 2)
		next += interval_ms;
	if (next - due_ms > interval_ms + interval_ms / 2)
		*missed =
		    (uint64_t)((next - due_ms + interval_ms / 2) / interval_ms -
			1);
	return next;
}
