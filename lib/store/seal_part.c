/* How the rows of a battery are divided into blocks. */
#include "store/seal_part.h"

#include "base/clock.h"

static bool
same_minute(const struct readings_row *rows, size_t at)
{
	return rows[at - 1].time_ms / MINUTE_MS == rows[at].time_ms / MINUTE_MS;
}

size_t
seal_next_part(const struct readings_row *rows, size_t count)
{
	size_t part = BLOCK_ROWS;

	if (count <= BLOCK_ROWS)
		return count;
	while (part > 0 && same_minute(rows, part))
		part--;
	if (part == 0) /* one minute has more */
		for (part = 1; part < count && same_minute(rows, part);)
			part++;
	return part;
}

int
seal_by_key(const void *a, const void *b)
{
	const struct readings_row *left = a, *right = b;

	if (left->time_ms != right->time_ms)
		return left->time_ms < right->time_ms ? -1 : 1;
	return (left->kind > right->kind) - (left->kind < right->kind);
}
