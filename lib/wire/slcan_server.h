/* The adapter's half of slcan: commands in, messages of the bus out. */
#ifndef WIRE_SLCAN_SERVER_H
#define WIRE_SLCAN_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "record/frame.h"

/* Zero-initialise. */
struct slcan_server {
	bool open; /* the bus is heard */
	bool stamps; /* messages carry the millisecond */
};

/* Obey one command (without its CR) and append what the adapter answers.
 * Messages to send are taken and lost. */
void slcan_serve(struct slcan_server *server, const char *command, size_t size,
    struct buf *out);
/* Append a message that came over the bus, if it is open. */
void slcan_put(const struct slcan_server *server, const struct frame_can *can,
    int64_t time_ms, struct buf *out);

#endif
