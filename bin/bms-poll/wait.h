/* bms-poll probe: waiting for one device, but not for a program that is to
 * end. */
#ifndef BMS_POLL_WAIT_H
#define BMS_POLL_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "record/device.h"
#include "wire/tcp.h"

/* Until the descriptor (-1: none, only the time) is ready or the time is
 * over. Is it ready? */
bool wait_for(int fd, short events, int64_t until_ms);
/* Connect to a device by TCP; *fd is the caller's to close in either case.
 * 0, or -1 with a failure. */
int wait_tcp(struct tcp *tcp, const struct device *device, int64_t timeout_ms,
    int *fd, struct failure *why);

#endif
