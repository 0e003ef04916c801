/* What bms-poll keeps of its devices from run to run: a file of lines. */
#ifndef BMS_POLL_STATE_H
#define BMS_POLL_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "wire/poller.h"

/* One device and how it stood; only the members of the line are set. */
struct state_entry {
	struct device device;
	struct standing standing;
};

struct state {
	const char *path;
	struct arena texts;
	struct state_entry *entry; /* in order of tenant and device */
	size_t count;
	int64_t saved_ms; /* monotonic */
	bool failed; /* the last time it was to be written */
};

/*
 * Read the file. One that is not there is empty; one that cannot be read or
 * is damaged gives a failure (-1), and is empty as well. `path` must live.
 */
int state_open(struct state *state, const char *path, struct failure *why);
/* How the device stood; left as it is where it is not known, or has another
 * address now. */
void state_recall(const struct state *state, const struct device *device,
    struct standing *standing);
/* Replace the file by how the devices of a poller stand. */
int state_save(
    struct state *state, const struct poller *poller, struct failure *why);
/* The same from time to time; trouble is said once. */
void state_keep(struct state *state, const struct poller *poller);
/* Append one line. */
void state_print(const struct device *device, const struct standing *standing,
    struct buf *out);
void state_close(struct state *state);

#endif
