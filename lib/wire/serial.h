/* Serial lines: the one place that sets termios. */
#ifndef WIRE_SERIAL_H
#define WIRE_SERIAL_H

#include <stdint.h>

#include "base/err.h"

struct serial_settings {
	uint32_t baud;
	char parity; /* 'N', 'E', 'O' */
	unsigned stop_bits; /* 1 or 2 */
};

/* Open a line raw and non-blocking, 8 data bits, and forget what came
 * before. The descriptor, or -1 with a failure. */
int serial_open(const char *path, const struct serial_settings *settings,
    struct failure *why);
/* Forget what came and was not read. */
void serial_forget(int fd);

#endif
