/*
 * Messages out of a stream of bytes: server-sent events (the living
 * standard's, of which `id` and `retry` are of no use here) or lines.
 */
#ifndef WIRE_SSE_H
#define WIRE_SSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define SSE_MESSAGE_MAX ((size_t)1 << 20)
#define SSE_EVENT_MAX 128

/* Zero-initialise; sse_free releases. */
struct sse {
	bool plain; /* each line is a message */
	bool after_cr; /* a line feed now belongs to the end before */
	bool begun; /* the first bytes (a byte order mark) have been seen */
	bool filled; /* `data` has a line, if only an empty one */
	struct buf line, data;
	char event[SSE_EVENT_MAX + 1];
};

/* One message; `event` is "" for "message". Texts are gone after it. */
typedef void sse_message_fn(
    void *context, const char *event, const char *data, size_t size);

/* Take bytes. False where a message is too long: the stream is of no use
 * any more. */
bool sse_feed(struct sse *sse, const char *data, size_t size,
    sse_message_fn *message, void *context);
/* As at the beginning of a stream; `plain` stays. */
void sse_reset(struct sse *sse);
void sse_free(struct sse *sse);

#endif
