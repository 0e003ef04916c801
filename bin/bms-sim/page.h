/* Devices with an HTTP face: pages, streams, messages of a WebSocket. */
#ifndef BMS_SIM_PAGE_H
#define BMS_SIM_PAGE_H

#include "serve.h"

/* Answer what came; false where the connection must be closed. */
bool page_answer(
    struct server *server, struct port *port, struct client *client);
/* Tell those who listen to this device. */
void page_tell(struct server *server, struct port *port, struct sim *sim,
    const struct frame *frame);
/* How often there is something to tell; 0 never. */
int64_t page_every_ms(const struct port *port);

#endif
