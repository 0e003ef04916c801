/* CAN interfaces of the kernel: messages in and out. */
#ifndef WIRE_SOCKETCAN_H
#define WIRE_SOCKETCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "profile/profile.h"
#include "record/frame.h"

enum socketcan_result {
	SOCKETCAN_FAILED = -1, /* the interface failed (errno) */
	SOCKETCAN_NONE, /* nothing waits */
	SOCKETCAN_DATA, /* a message */
	SOCKETCAN_ERROR /* an error frame: its class is in can->id */
};

/*
 * Open an interface for these identifiers only (the kernel leaves out the
 * others) and for error frames. The non-blocking descriptor, or -1 with a
 * failure.
 */
int socketcan_open(const char *interface, const struct profile_can *ids,
    size_t count, struct failure *why);
enum socketcan_result socketcan_read(
    int fd, struct frame_can *can, uint8_t data[FRAME_CAN_MAX]);
/*
 * Send a message, or with `remote` the request for one of this identifier.
 * 0, or -1 with errno; ENOBUFS and EAGAIN: the bus takes none now.
 */
int socketcan_send(int fd, const struct frame_can *can, bool remote);

#endif
