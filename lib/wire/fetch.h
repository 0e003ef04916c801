/*
 * Requests to one HTTP server, one at a time, without waiting: libcurl's
 * multi interface behind a descriptor and a time. TLS is verified, always;
 * nothing is redirected, proxied or taken from the environment.
 */
#ifndef WIRE_FETCH_H
#define WIRE_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "record/device.h"

#define FETCH_BODY_MAX ((size_t)1 << 20)
#define FETCH_TIMEOUT "timeout"

struct fetch;

struct fetch_events {
	/* More of the body of a 2xx answer, as it comes; false: no more. */
	bool (*body)(void *context, const char *data, size_t size);
	/*
	 * The request is over. `error` is NULL where an answer came whole;
	 * else `status` is 0, or that of the answer that was broken, and
	 * where the time was over `error` is FETCH_TIMEOUT.
	 */
	void (*over)(void *context, long status, const char *error);
	void *context;
};

/* For the server of the device's address; its texts must live. */
struct fetch *fetch_open(const struct device *device,
    const struct fetch_events *events, struct failure *why);
void fetch_close(struct fetch *fetch);

/* Readable when fetch_work has something to do; not the caller's. */
int fetch_descriptor(const struct fetch *fetch);
/* When fetch_work has something to do in any case; INT64_MAX never. */
int64_t fetch_time(const struct fetch *fetch);
/* Do it; calls the events. */
void fetch_work(struct fetch *fetch, int64_t now_ms);

/*
 * GET base and path. Credentials are read from the device's file. All of it
 * must come within timeout_ms; of a stream only the connection. 0, or -1
 * with a failure.
 */
int fetch_get(struct fetch *fetch, const char *path, int64_t timeout_ms,
    bool stream, struct failure *why);
/* Forget the request that is under way; no event comes of it. */
void fetch_stop(struct fetch *fetch);

/* Once, before anything else here and before rights are given up. */
void fetch_start(void);

#endif
