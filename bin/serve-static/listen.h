/* Where to listen and with what certificate. */
#ifndef SERVE_LISTEN_H
#define SERVE_LISTEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* "127.0.0.1:8080" or "[::1]:8080". */
struct listen_address {
	uint8_t address[16]; /* IPv6, or mapped IPv4 */
	uint16_t port;
	bool v4, loopback;
};
bool listen_parse(const char *text, struct listen_address *address);
/* A bare address to the 16 bytes above. */
bool listen_source(const char *text, uint8_t out[16]);
/* A listening socket, or -1 with a failure. */
int listen_open(const struct listen_address *address, struct failure *why);
/* A key nobody but its owner may read (mode 0400), or a certificate. */
int listen_pem(
    const char *path, bool key, struct buf *out, struct failure *why);

#endif
