/* What goes wrong on a wire when it is asked for: the --fault options. */
#ifndef BMS_SIM_FAULT_H
#define BMS_SIM_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct client;
struct port;
struct sim;

enum fault_kind {
	FAULT_DELAY, /* the answer comes too late */
	FAULT_DROP, /* it never comes */
	FAULT_UNIT, /* it is another unit's */
	FAULT_CRC, /* a bit is wrong, so that its sum is */
	FAULT_HALF, /* its second half is missing */
	FAULT_RESET, /* the connection is reset instead */
	FAULT_GARBAGE, /* noise stands before it */
	FAULT_COUNT
};

/* Answers of a device are counted from 1. */
struct fault {
	const char *device; /* NULL for all */
	enum fault_kind kind;
	int64_t delay_ms; /* 0: half as long again as who asks waits */
	uint64_t every; /* this one of so many; 0: by `first` and `last` */
	uint64_t first, last;
	unsigned percent; /* of them, if not 0 */
};

struct faults {
	struct fault *item;
	size_t count;
};

/* [DEVICE=]KIND[:DURATION][@WHEN], WHEN is N, A..B or P%; `text` is changed and must
 * live. -1 with a failure (EXIT_WRONG). */
int faults_add(struct faults *faults, char *text, struct failure *why);
void faults_free(struct faults *faults);
/* Can its faults be played by this device on this wire? */
int faults_check(const struct faults *faults, const struct sim *sim,
    const struct port *port, struct failure *why);

/*
 * What stands in the client's `out` from `from` on is one answer (or what
 * is told unasked) of this device: spoil it where that is due. False: the
 * connection must be reset.
 */
bool fault_answer(const struct faults *faults, struct sim *sim,
    const struct port *port, struct client *client, size_t from);

#endif
