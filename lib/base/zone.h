/* The local time of a site by its IANA zone, read from tzdata's files. */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct zone;

/* Local calendar time of one instant. */
struct zone_time {
	int year, month, day; /* month 1-12, day 1-31 */
	int hour, minute, second;
	int offset_s; /* local minus UTC */
	char name[8]; /* "EST" */
};

/* NULL with a failure when the name is no zone (or leaves the directory). */
struct zone *zone_open(const char *name, struct failure *why);
void zone_free(struct zone *zone);
void zone_local(
    const struct zone *zone, int64_t time_ms, struct zone_time *local);
/* Start of the local hour or day that holds the instant, and of the next
 * one: days of 23 and 25 hours and half-hour offsets come out right. */
void zone_hour(const struct zone *zone, int64_t time_ms, int64_t *start_ms,
    int64_t *end_ms);
void zone_day(const struct zone *zone, int64_t time_ms, int64_t *start_ms,
    int64_t *end_ms);
/* When a local date begins, in days since 1970-01-01; a date that the zone
 * has skipped begins with the next one. */
int64_t zone_date_start(const struct zone *zone, int64_t day);

#endif
