/*
 * A WebSocket client without waiting: libwebsockets behind a descriptor and
 * a time. TLS is verified, always; nothing is redirected, proxied or taken
 * from the environment. Pings keep the connection honest.
 */
#ifndef WIRE_WEBSOCKET_H
#define WIRE_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "record/device.h"

#define WEBSOCKET_MESSAGE_MAX ((size_t)1 << 20)

struct websocket;

struct websocket_events {
	/* A message is whole; false: no more of them. */
	bool (*message)(void *context, const char *data, size_t size);
	/* The connection is over, or never was: why. Called once, at the
	 * end of websocket_work. */
	void (*over)(void *context, const char *error);
	void *context;
};

struct websocket_plan {
	const char *path; /* behind the device's base */
	const char *const *subscribe; /* texts to send when connected */
	size_t subscribe_count;
	int64_t timeout_ms; /* to connect */
};

/* Begin to connect to the device's address; its texts must live, those of
 * the plan are copied. NULL with a failure. */
struct websocket *websocket_open(const struct device *device,
    const struct websocket_plan *plan, const struct websocket_events *events,
    struct failure *why);
void websocket_close(struct websocket *websocket);

/* Readable when websocket_work has something to do; not the caller's. */
int websocket_descriptor(const struct websocket *websocket);
/* When it has something to do in any case. */
int64_t websocket_time(const struct websocket *websocket);
/* Do it; calls the events. */
void websocket_work(struct websocket *websocket, int64_t now_ms);

#endif
