#include "wire/standing.h"

#include <stdio.h>

#define WAIT_FIRST_MS 10000

int64_t
standing_wait_ms(uint64_t failures)
{
	if (failures <= 1)
		return 0;
	/* 10 s times 2^5 is past the limit */
	if (failures >= 7)
		return STANDING_WAIT_MAX_MS;
	return WAIT_FIRST_MS * (INT64_C(1) << (failures - 2));
}

void
standing_good(struct standing *standing, int64_t now_ms)
{
	*standing = (struct standing){ .good_ms = now_ms };
}

void
standing_failed(struct standing *standing, int64_t now_ms, bool backs_off,
    const char *reason)
{
	int64_t wait;

	if (standing->failures++ == 0)
		standing->since_ms = now_ms;
	wait = backs_off ? standing_wait_ms(standing->failures) : 0;
	standing->next_ms = wait == 0 ? 0 : now_ms + wait;
	snprintf(standing->reason, sizeof(standing->reason), "%s", reason);
}

bool
standing_waits(const struct standing *standing, int64_t now_ms)
{
	int64_t left = standing->next_ms - now_ms;
	int64_t wait = standing_wait_ms(standing->failures);

	/* a slot that comes a moment early is the one that was meant */
	return standing->failures > 0 && left > wait / 16 &&
	    left <= STANDING_WAIT_MAX_MS;
}
