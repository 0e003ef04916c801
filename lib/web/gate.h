/* What a request must be like before anyone looks at what it asks for.
 * Limits (rules H1, H2): target 4 KiB, 64 fields, 16 KiB of them. */
#ifndef WEB_GATE_H
#define WEB_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GATE_TARGET_MAX 4096
#define GATE_FIELDS_MAX 64
#define GATE_HEADER_MAX 16384

enum gate_method { GATE_GET, GATE_HEAD, GATE_POST };

struct gate_field {
	const char *name, *value; /* not NUL-terminated */
	size_t name_size, value_size;
};

/* A request as the HTTP library hands it out; nothing is trusted. */
struct gate_request {
	const char *method, *target, *version;
	const struct gate_field *fields;
	size_t count;
};

/* Names that this server answers for: without port, in lower case. */
struct gate_hosts {
	const char **name;
	size_t count;
};

struct gate_found {
	enum gate_method method;
	const char *target; /* origin form */
	const struct gate_field *host;
	int64_t length; /* Content-Length, -1 where absent */
	bool chunked;
};

/* 0, or the HTTP status of the refusal (400, 405, 414, 421, 431, 501, 505);
 * `found` is complete only with 0. */
unsigned gate_check(const struct gate_request *request,
    const struct gate_hosts *hosts, struct gate_found *found);
/* The one field of that name (any case), or NULL. */
const struct gate_field *gate_field(
    const struct gate_request *request, const char *name);
/* Does "name", "name:port" or "[::1]:port" name one of the hosts? */
bool gate_host_ok(
    const struct gate_hosts *hosts, const char *host, size_t size);

#endif
