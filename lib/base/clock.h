/* Time: milliseconds since 1970 UTC, RFC 3339 text, site-local periods. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lengths of time, in milliseconds. */
#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

/* Times that a record may carry: 1970-01-01 to 9999-12-31. */
#define CLOCK_MAX_MS INT64_C(253402300799999)

int64_t clock_now_ms(void); /* wall clock, UTC */
int64_t clock_monotonic_ms(void); /* never steps; for timers */
void clock_sleep_until(int64_t monotonic_ms);

/* RFC 3339 with Z or an offset, fraction of any length (cut to ms). */
bool clock_parse(const char *text, size_t size, int64_t *time_ms);
/* "5s", "1.5s", "200ms", "10m", "2h", "7d", or bare seconds; to ms. */
bool clock_duration(const char *text, int64_t *duration_ms);

#endif
