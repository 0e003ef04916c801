/* One tenant that append feeds: its devices, and the rows of the batch. */
#ifndef FEED_H
#define FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/mem.h"
#include "record/reading.h"
#include "store/readings.h"
#include "store/serials.h"
#include "store/status.h"
#include "store/tenant.h"

struct feed_device;
struct feed_kept;

/* What was heard of a device in the batch: a failed poll where `error` is
 * not 0, which is its text's place in the feed's `errors`, plus one. */
struct feed_event {
	struct feed_device *device;
	int64_t time_ms, battery_id;
	size_t error;
};

/* A row of the batch; its packed bytes stand in the feed's `packed`. */
struct feed_row {
	int64_t battery_id, time_ms, gen, quality;
	enum reading_kind kind;
	size_t start, size;
	bool made;
	int64_t device_id; /* 0: not told */
};

struct feed {
	const char *slug;
	struct tenant *tenant; /* NULL: not open */
	struct readings_writer *writer;
	struct sql_query *version, *known, *state, *received;
	struct feed_device **devices; /* hash table, `slots` of them */
	size_t slots;
	struct feed_device *dirty; /* those with news, as a list */
	struct serials serials;
	struct arena arena; /* the devices and serial numbers */
	int64_t data_version;
	enum status status; /* of the client */
	struct feed_kept *kept; /* batteries without their oldest readings */
	size_t kept_count, kept_room;
	int64_t room_ms; /* monotonic: when there was room last; 0 not known */
	struct feed_row *rows; /* the batch */
	size_t count, room;
	struct buf packed;
	struct feed_event *events; /* of the batch, in order */
	size_t event_count, event_room;
	struct buf errors;
	const struct mark_replay *replay; /* that the batch closes, or NULL */
	uint64_t used; /* number of the batch it was last in */
	bool fresh; /* devices are looked at in this batch */
	bool unsynced; /* commits that are not yet durable */
	bool failed; /* until the next mark */
	bool missed; /* lines were dropped: no replay here is complete */
	int64_t retry_ms; /* monotonic: not before; 0 at once */
};

/* 0, or -1 with a failure: then it is closed. */
int feed_open(struct feed *feed, const char *root, struct failure *why);
void feed_close(struct feed *feed);
/* Look again, once a batch, at what others may have changed. 0, or -1 with a
 * failure: EXIT_REFUSED where the client's status lets nothing be stored. */
int feed_look(struct feed *feed, struct failure *why);
/*
 * Take a reading into the batch. 0, or -1 with a failure: EXIT_REFUSED for
 * a reading of no known device or battery.
 */
int feed_take(
    struct feed *feed, const struct reading *reading, struct failure *why);
/* Store the batch, and remove what the replay that it closes did not make
 * again, in one transaction; then forget it. -1 with a failure:
 * nothing of it is stored. */
int feed_commit(struct feed *feed, bool full, struct failure *why);
/* Forget the batch. */
void feed_drop(struct feed *feed);

#endif
