/*
 * Asks and hears many devices at once, in one thread and without waiting
 * for any of them: a silent device costs its own time-out and nobody
 * else's. Reads only; nothing here can change a device.
 */
#ifndef WIRE_POLLER_H
#define WIRE_POLLER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "record/device.h"
#include "record/frame.h"
#include "wire/standing.h"

struct poller;

struct poller_options {
	const char *profile_dir;
	const char *boot; /* for each frame; "" for none */
	int64_t every_ms; /* 0: ask each device once */
	int64_t log_start_ms; /* what a log's relative stamps count from */
	/* A frame is whole, or says why not. It is gone after the call. */
	void (*frame)(void *context, const struct frame *frame);
	/* One line for the operator. */
	void (*say)(void *context, const char *text);
	/* What is known from earlier of a device that enters service. NULL
	 * for nothing. */
	void (*recall)(void *context, const struct device *device,
	    struct standing *standing);
	void *context;
};

/* `options` is copied, its texts must live. NULL with a failure. */
struct poller *poller_open(
    const struct poller_options *options, struct failure *why);
void poller_close(struct poller *poller);

/*
 * Serve these devices from now on. Those that were served already and are
 * unchanged keep their connection and their slots; profiles are read anew.
 * On a failure (EXIT_WRONG) nothing changes and *at is the index of the
 * device that is to blame.
 */
int poller_devices(struct poller *poller, const struct device *devices,
    size_t count, size_t *at, struct failure *why);

/*
 * Wait for what comes next, and handle it. Signals of `waiting` are the
 * mask while it waits. 1 go on, 0 all is done (each device was asked once,
 * or all there is are logs, and they ended), -1 with a failure.
 */
int poller_step(
    struct poller *poller, const sigset_t *waiting, struct failure *why);

/* Polls that failed, devices left out of a single round, and bad lines of
 * logs, so far. */
uint64_t poller_failures(const struct poller *poller);

/* How the devices in service stand, in the order of their list: false
 * behind the last. Texts live until the next poller_devices. */
bool poller_standing(const struct poller *poller, size_t at,
    const struct device **device, const struct standing **standing);

#endif
