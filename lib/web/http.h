/* An HTTP/1.1 server on libmicrohttpd: one thread, the caller's loop. What
 * reaches the handler has passed the gate (gate.h) and has a path (path.h).
 * Limits (rule H2) stand below. */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "web/gate.h"
#include "web/headers.h"
#include "web/path.h"

#define HTTP_FORM_MAX 65536 /* body of a form */
#define HTTP_CONNECTIONS 1024
#define HTTP_PER_SOURCE 64 /* connections of one address */
#define HTTP_PER_CONNECTION 100 /* requests of one connection */

/* One request. It lives from the handler's call until it was answered and
 * the answer sent; then `done` is called. */
struct http_request {
	enum gate_method method;
	struct path path;
	const char *query; /* behind the '?', or "" */
	const char *host; /* as the client wrote it; one of ours */
	uint8_t source[16]; /* IPv6 or mapped IPv4 address */
	struct buf body; /* of a POST */
	void *own; /* the handler's */
};

struct http_answer {
	unsigned status;
	const char *type; /* Content-Type; NULL: none */
	enum headers_policy policy;
	const char *cache; /* Cache-Control */
	const void *data; /* the body, copied … */
	int fd; /* … or, where data is NULL, a file that is */
	size_t size; /* closed after sending; -1: no body */
	struct header more[8]; /* further headers, copied */
	size_t more_count;
};

struct http_config {
	int listen_fd;
	const char *certificate, *key; /* PEM text, or both NULL */
	bool tls13_only;
	bool secure; /* the browser sees https: TLS here or before */
	struct gate_hosts hosts;
	bool proxy; /* believe X-Forwarded-For of `proxy_source` */
	uint8_t proxy_source[16];
	void *own; /* for the calls below */
	/* How long may this request's body be? 0: none is taken, 405. */
	size_t (*body_limit)(void *own, const struct http_request *request);
	/* Answer now, or keep the request and answer later. */
	void (*handle)(void *own, struct http_request *request);
	/* Answer now, with the page of this error. */
	void (*refuse)(
	    void *own, struct http_request *request, unsigned status);
	/* It was sent, or its connection ended: forget it. */
	void (*done)(void *own, struct http_request *request, unsigned status);
};

struct http;
/* NULL with a failure (EXIT_WRONG for a bad certificate or key). The
 * configuration must outlive the server. */
struct http *http_open(const struct http_config *config, struct failure *why);
/* Readable when http_run has work. */
int http_fd(const struct http *http);
/* The longest wait before http_run must be called, in ms, at most 1000. */
int http_wait_ms(struct http *http);
void http_run(struct http *http);
void http_close(struct http *http);

/* The value of a request's header as NUL-terminated text, or NULL. */
const char *http_header(const struct http_request *request, const char *name);
/* Exactly once for each request. */
void http_answer(
    struct http_request *request, const struct http_answer *answer);

#endif
