/* A device as append knows it: which battery when, and what was heard. */
#ifndef FEED_DEVICE_H
#define FEED_DEVICE_H

#include "feed.h"

#define FEED_ERROR_MAX 200

/* The battery from this time on; 0 for none. */
struct feed_span {
	int64_t valid_from, battery_id;
	bool pinned; /* whatever serial number is told */
};

struct feed_device {
	const char *name;
	int64_t id;
	struct feed_span *span; /* in order of time */
	size_t spans;
	/* what device_state says, and what this batch adds to it */
	int64_t data_at, contact_at, error_at;
	int64_t errors_in_row, new_errors;
	char error[FEED_ERROR_MAX];
	int64_t received_at; /* batteries.last_data_received */
	int64_t received_battery;
	bool dirty;
	bool said; /* that its serial number is another battery's */
	struct feed_device *next_dirty;
};

/* Read all devices of the tenant anew. 0 or -1 with a failure. */
int feed_devices_load(struct feed *feed, struct failure *why);
/* By name; NULL for an unknown one. */
struct feed_device *feed_device_find(const struct feed *feed, const char *name);
/* What it measures at that time; NULL for nothing ever. */
const struct feed_span *feed_device_span(
    const struct feed_device *device, int64_t time_ms);
/* Note that the device was heard, or (kind status) was not. */
void feed_device_heard(struct feed *feed, struct feed_device *device,
    const struct reading *reading, int64_t battery_id);
/* Write what was noted, in the transaction that is open. Where another has
 * written since the devices were read (`stale`), it is worked out anew from
 * what is there now: counters are never set back, and nothing counts twice. */
int feed_devices_store(struct feed *feed, bool stale, struct failure *why);
/* The transaction was committed: nothing is left to write. */
void feed_devices_stored(struct feed *feed);

#endif
