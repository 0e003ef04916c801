/* What http.c, exchange.c and deadline.c share and nobody else sees. */
#ifndef WEB_HTTP_OWN_H
#define WEB_HTTP_OWN_H

#include <microhttpd.h>

#include "web/http.h"

/* One connection and by when it must have got on (rule H2): the library
 * knows idle time only, and a byte now and then is not idle. */
struct deadline {
	struct deadline *next, **self;
	int fd;
	int64_t by_ms; /* monotonic */
	unsigned requests;
};

struct http {
	const struct http_config *config;
	struct MHD_Daemon *daemon;
	struct deadline *deadlines;
	int64_t swept_ms;
};

struct exchange {
	struct http_request request; /* first: one is cast to the other */
	struct http *http;
	struct MHD_Connection *connection;
	struct deadline *deadline;
	char *target;
	struct MHD_Response *response;
	unsigned status, late; /* late: refused after the header */
	size_t limit; /* of the body */
	bool begun, asked, waiting, failed;
};

/* exchange.c: the library's calls */
void *exchange_target(
    void *http, const char *target, struct MHD_Connection *connection);
enum MHD_Result exchange_step(void *http, struct MHD_Connection *connection,
    const char *url, const char *method, const char *version, const char *data,
    size_t *size, void **own);
void exchange_done(void *http, struct MHD_Connection *connection, void **own,
    enum MHD_RequestTerminationCode code);

/* deadline.c */
#define DEADLINE_HEADER_MS 10000
#define DEADLINE_TLS_MS 5000
#define DEADLINE_IDLE_MS 60000
#define DEADLINE_ANSWER_MS 30000 /* and 1 s for each 8 KiB */
void deadline_notify(void *http, struct MHD_Connection *connection, void **own,
    enum MHD_ConnectionNotificationCode code);
void deadline_set(struct deadline *deadline, int64_t after_ms);
/* Once a second: shut the sockets of those that are late. */
void deadline_sweep(struct http *http);

#endif
