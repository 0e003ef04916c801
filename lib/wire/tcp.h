/* TCP connections that are made without waiting, names included. */
#ifndef WIRE_TCP_H
#define WIRE_TCP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define TCP_ADDRESS_MAX 64 /* an address in numbers, and its NUL */

/* One connection in the making. Zero-initialise; tcp_free at the end. */
struct tcp {
	struct gaicb *lookup; /* the name is being looked up */
	struct addrinfo *found, *next; /* addresses left to try */
	char service[8];
};

enum tcp_state { TCP_LOOKUP, TCP_CONNECTING, TCP_OPEN, TCP_FAILED };

/*
 * Begin. A numeric address goes on to connecting at once; a name is looked
 * up in the background, and a lookup that is under way already is
 * continued. `host` must live until the end of the attempt. While
 * CONNECTING *fd is to be watched for writing; FAILED leaves a failure.
 */
enum tcp_state tcp_begin(struct tcp *tcp, const char *host, uint16_t port,
    int *fd, struct failure *why);
/* Go on: after LOOKUP at any time, after CONNECTING when *fd is writable.
 * A refused address leads to the next one that the name has. */
enum tcp_state tcp_go_on(struct tcp *tcp, int *fd, struct failure *why);
/*
 * Only look up: OPEN fills `text` with the first address in numbers, for
 * those that connect by themselves. To be called again after LOOKUP.
 */
enum tcp_state tcp_look_up(struct tcp *tcp, const char *host, uint16_t port,
    char text[TCP_ADDRESS_MAX], struct failure *why);
/* Give up the attempt or its remains (not the descriptor). A lookup that
 * cannot be cancelled is kept for the next attempt. */
void tcp_end(struct tcp *tcp);
/* For good. */
void tcp_free(struct tcp *tcp);

#endif
