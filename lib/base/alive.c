#include "base/alive.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"

#define EVERY_MS 1000

void
alive_open(struct alive *alive, const char *slug, int64_t after_ms)
{
	int64_t now_ms = clock_monotonic_ms();

	*alive = (struct alive){ .slug = slug,
		.began_ms = now_ms,
		.next_ms = now_ms + after_ms,
		.on = isatty(STDERR_FILENO) == 1 };
}

void
alive_tell(struct alive *alive, int64_t done, const char *what)
{
	int64_t now_ms;

	if (!alive->on)
		return;
	now_ms = clock_monotonic_ms();
	if (now_ms < alive->next_ms)
		return;
	alive->next_ms = now_ms + EVERY_MS;
	alive->shown = true;
	fprintf(stderr, "\r%s: tenant %s: %" PRId64 " %s, %" PRId64 " s\033[K",
	    err_name(), alive->slug, done, what,
	    (now_ms - alive->began_ms) / 1000);
}

void
alive_close(struct alive *alive)
{
	if (alive->shown)
		fputs("\r\033[K", stderr);
	alive->shown = false;
}
