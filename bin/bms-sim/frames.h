/* Devices with a native serial protocol: whatever framing it has. */
#ifndef BMS_SIM_FRAMES_H
#define BMS_SIM_FRAMES_H

#include "serve.h"

/* A request that stands in what came. */
struct asked {
	struct sim *sim; /* NULL: there is none */
	int key; /* of the answer */
	size_t end; /* of the request in the bytes */
};

/* Has this port frames, not lines? */
bool frames_spoken(const struct port *port);
/* The first whole request to one of the port's devices. */
void frames_find(
    const struct port *port, const struct buf *in, struct asked *asked);
/* The answer to it out of all that the device says. */
void frames_put(
    const struct asked *asked, const struct frame *frame, struct buf *out);
/* What a device tells without being asked, if it does: its key, or -1. */
int frames_told(const struct sim *sim);

#endif
