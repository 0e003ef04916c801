/* The headers that stand on every answer (rule H5). */
#ifndef WEB_HEADERS_H
#define WEB_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

#include "web/path.h"

struct header {
	const char *name, *value;
};

enum headers_policy {
	HEADERS_PAGE, /* a page, or a script that fetches */
	HEADERS_DATA /* anything else: can run nothing */
};

/* The security headers for an answer, into `out`; returns their count,
 * at most HEADERS_MAX. With `tls`, Strict-Transport-Security as well. */
#define HEADERS_MAX 10
size_t headers_list(
    enum headers_policy policy, bool tls, struct header out[HEADERS_MAX]);

/* What the extension of a file says of it. */
struct headers_type {
	const char *extension;
	const char *type; /* Content-Type */
	enum headers_policy policy;
	bool attachment; /* for saving, not for showing */
};
/* NULL where the extension is not in the fixed table: such a file is not
 * served. */
const struct headers_type *headers_type(const struct path *path);

#endif
