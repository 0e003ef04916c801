/* CAN interfaces of the kernel: the one place that includes linux/can.h. */
#ifndef WIRE_SOCKETCAN_H
#define WIRE_SOCKETCAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "profile/profile.h"
#include "record/frame.h"

/*
 * Listen on an interface for these identifiers only (the kernel leaves out
 * the others). Nothing is ever sent. The non-blocking descriptor, or -1
 * with a failure.
 */
int socketcan_open(const char *interface, const struct profile_can *ids,
    size_t count, struct failure *why);
/* 1 a message, 0 none waits, -1 the interface failed (errno). */
int socketcan_read(int fd, struct frame_can *can, uint8_t data[FRAME_CAN_MAX]);

#endif
