/* ThingSet devices: their answers and reports on all kinds of wires. */
#ifndef BMS_SIM_THING_H
#define BMS_SIM_THING_H

#include "serve.h"

/* Answer what came; false where the connection must be closed. */
bool thing_answer(
    struct server *server, struct port *port, struct client *client);
/* Does any device here publish anything? */
bool thing_tells(const struct port *port);
/* Publish what the device's profile says that it publishes. */
void thing_tell(struct server *server, struct port *port, struct sim *sim,
    const struct frame *frame);

#endif
