/* bms-poll probe thingset+...: what a ThingSet device has to tell. */
#ifndef BMS_POLL_THINGS_H
#define BMS_POLL_THINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/json.h"
#include "record/device.h"
#include "wire/isotp.h"
#include "wire/tcp.h"

/* One device, one question at a time. */
struct things_link {
	struct device device;
	bool binary;
	struct tcp tcp;
	int fd;
	struct buf in, out;
	/* CAN: */
	struct isotp_out sending;
	struct isotp_in coming;
	struct buf *nodes; /* NULL: one node is asked */
	bool seen[256];
};

/* 0, or -1 with a failure; things_close must follow in either case. */
int things_open(struct things_link *link, struct failure *why);
void things_close(struct things_link *link);
/* Ask, and wait for the answer: a bare message, or a line without its end.
 * 0, or -1 with a failure. */
int things_exchange(struct things_link *link, const struct buf *request,
    struct buf *answer, struct failure *why);

/* Call all nodes of a CAN bus, and list those that claim an address in time
 * in `nodes`: a line each. 0, or -1 with a failure. */
int things_nodes(struct things_link *link, struct failure *why);

struct walk {
	struct things_link link;
	json_t *items; /* path to value; null: a group */
	json_t *ids; /* path to id */
	bool partly; /* something was refused */
};

/* The value of an answer; NULL where the device says no (why->status is 0)
 * or with a failure. */
json_t *things_value(
    struct walk *walk, const struct buf *answer, struct failure *why);
/* A group that was not told, or a value that is none? Items begin small. */
bool things_group(const char *path, const json_t *value);
/* Find the ids of the items, as far as the device tells them. 0, or -1 with
 * a failure. */
int things_ids(struct walk *walk, struct failure *why);

/* `probe` and what follows it on the command line. */
int things_main(int argc, char **argv);
/* Does the command line ask for this? */
bool things_asked(int argc, char **argv);

#endif
