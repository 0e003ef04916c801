/* The time zone of each battery: that of its place, else of the client. */
#ifndef STORE_ZONES_H
#define STORE_ZONES_H

#include <stdint.h>

#include "base/zone.h"
#include "store/tenant.h"

struct zones;

struct zones_entry {
	const char *name; /* IANA; owned by zones */
	const struct zone *zone;
};

/*
 * Read the places of all batteries and open their zones: the nearest of
 * locations.timezone upwards, else client.timezone. A zone that is unknown
 * is a failure (EXIT_WRONG).
 */
struct zones *zones_open(struct tenant *tenant, struct failure *why);
void zones_close(struct zones *zones);
/* Of one battery; of a battery that is not there: the client's. */
struct zones_entry zones_get(const struct zones *zones, int64_t battery_id);

/* The periods that history is kept for. */
enum period {
	PERIOD_HOUR,
	PERIOD_DAY,
	PERIOD_WEEK,
	PERIOD_MONTH,
	PERIOD_COUNT
};
const char *period_word(enum period period); /* "hourly" … */
/* The local hour, day, ISO week or month that holds an instant. */
void period_bounds(const struct zone *zone, enum period period, int64_t time_ms,
    int64_t *start_ms, int64_t *end_ms);

#endif
