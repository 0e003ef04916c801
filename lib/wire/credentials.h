/* What proves to an HTTP device who asks, from a file: device(5). */
#ifndef WIRE_CREDENTIALS_H
#define WIRE_CREDENTIALS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "record/device.h"

#define CREDENTIALS_FILE_MAX 16384
#define CREDENTIALS_HEADERS_MAX 16

/* Zero-initialise; credentials_free wipes. */
struct credentials {
	char *header[CREDENTIALS_HEADERS_MAX]; /* "Name: value" */
	size_t count;
	char *digest; /* user:password for digest, or NULL */
};

/*
 * Read the file that a device names. Its lines: `for URL` (scheme, host,
 * and port if unusual: the only places that get it; at least one),
 * `bearer TOKEN`, `basic USER:PASSWORD`, `digest USER:PASSWORD`,
 * `header NAME: VALUE`, and comments behind #. It must be a regular file
 * of ours or root, which others cannot read and only its owner change. 0, or -1
 * with a failure (EXIT_WRONG) that says nothing of what it holds. A
 * device without such a file has none, which is no failure.
 */
int credentials_read(const struct device *device,
    struct credentials *credentials, struct failure *why);
void credentials_free(struct credentials *credentials);

#endif
