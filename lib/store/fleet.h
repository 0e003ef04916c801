/* The newest reading of each battery of a tenant, and its live files. */
#ifndef STORE_FLEET_H
#define STORE_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/reading.h"
#include "store/tenant.h"

struct fleet;

/*
 * Take up where the database is: each battery's newest reading. The tenant
 * stays the caller's and must live longer. Files go to
 * $root/site/<tenant>/<view>/data/live.
 */
struct fleet *fleet_open(struct tenant *tenant, const char *root,
    int64_t now_ms, struct failure *why);
void fleet_close(struct fleet *fleet);

/*
 * Take a reading, parsed, and its line. False: it is not newer than the one
 * held, of no battery that is known, or more than an hour ahead of the
 * present.
 */
bool fleet_take(struct fleet *fleet, const struct reading *reading,
    const char *line, size_t size);

/*
 * Write what has changed since the last time: the file of each battery with
 * a newer reading or another state, and fleet.json of each view with one of
 * those. Views, batteries and alerts are read anew every few seconds.
 */
int fleet_write(struct fleet *fleet, int64_t now_ms, struct failure *why);

#endif
