/* The device's side of HTTP and WebSocket, for bms-sim: as much as a client
 * of ours, curl or a browser needs. */
#ifndef WIRE_HTTPD_H
#define WIRE_HTTPD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define HTTP_HEAD_MAX 8192

struct httpd_request {
	const char *target; /* as it stands in the request */
	size_t target_size;
	bool get;
	const char *key; /* of a WebSocket's handshake, or NULL */
	size_t key_size;
};

/* A request in what came: its size, 0 not whole yet, -1 none. */
long httpd_request_read(
    const char *in, size_t size, struct httpd_request *request);
void httpd_answer(struct buf *out, unsigned status, const char *reason,
    const char *body, size_t size);
/* The beginning of a stream: events, or lines. */
void httpd_stream_begin(struct buf *out, bool events);
void httpd_event(
    struct buf *out, const char *name, const char *text, size_t size);
/* Take the client's key as a WebSocket does. */
void httpd_websocket_begin(struct buf *out, const char *key, size_t size);
void httpd_websocket_put(struct buf *out, const char *text, size_t size);
/* Answer pings, forget the rest: bytes that were used, -1 it is over. */
long httpd_websocket_read(const char *in, size_t size, struct buf *out);

#endif
