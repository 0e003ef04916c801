/* Inside the poller: what an endpoint of HTTP or WebSocket needs more. */
#ifndef WIRE_POLLER_WEB_H
#define WIRE_POLLER_WEB_H

#include "base/buf.h"
#include "wire/fetch.h"
#include "wire/poller_parts.h"
#include "wire/sse.h"
#include "wire/websocket.h"

/* The members that a frame has beside those of its answers. */
#define WEB_FRAME_MEMBERS 24

struct web {
	struct fetch *fetch;
	/* the request under way, and what became of it: */
	struct buf body;
	bool too_long, over;
	long status;
	char error[160]; /* of the connection; "" none */
	size_t members, bytes; /* of the frame so far */
	/* a stream: */
	struct sse sse;
	struct websocket *socket; /* or this, with messages of its own */
	bool flooded; /* too much came in one cycle */
	int64_t retry_ms; /* not before */
	int64_t wait_ms; /* the next time */
	int64_t heard_ms; /* when something came last */
	char trouble[160]; /* why what came is no message; "" none */
};

/* ---- poller_http.c ------------------------------------------------------- */

/* Room for what an endpoint needs, once. */
void web_ready(struct endpoint *endpoint);
/* A connection to the server, or what will be one. */
int web_open(struct endpoint *endpoint, struct failure *why);
/* Watch the descriptor of what was opened. */
int web_watch(struct endpoint *endpoint, int fd, struct failure *why);
/* The request or connection is over. */
void web_over(void *context, long status, const char *error);
/* One JSON text as a part of the frame; false with the target's error. */
bool web_keep(struct target *target, struct web *web, const char *path,
    const char *text, size_t size);

/* ---- poller_stream.c ---------------------------------------------------- */

/* What comes: a message, or bytes that hold messages. */
void stream_message(
    void *context, const char *event, const char *text, size_t size);
bool stream_bytes(void *context, const char *data, size_t size);
void stream_work(struct endpoint *endpoint, int64_t now_ms);
int64_t stream_time(struct endpoint *endpoint, int64_t now_ms);

#endif
