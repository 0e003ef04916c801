/* What a tenant lets append store: by the status of its client, its room and
 * its retention. */
#ifndef FEED_LIMITS_H
#define FEED_LIMITS_H

#include "feed.h"

/* Look again, where something may have changed (`changed`), or the room was
 * looked at long ago. 0, or -1 with a failure; EXIT_AGAIN where there is no
 * room: nothing is stored before there is. */
int feed_limits_look(struct feed *feed, bool changed, struct failure *why);
/* Does the status let it take new data? 0, or -1 with EXIT_REFUSED. */
int feed_limits_status(const struct feed *feed, struct failure *why);
/* A reading of a time whose readings were taken away has no place any more:
 * history would be made of it alone. 0, or -1 with EXIT_REFUSED. */
int feed_limits_age(const struct feed *feed, int64_t battery_id,
    int64_t time_ms, struct failure *why);

#endif
