/* What a wire's devices say: answers, and what they tell unasked. */
#ifndef BMS_SIM_TALK_H
#define BMS_SIM_TALK_H

#include "serve.h"

/* The time of the simulation. */
int64_t talk_now(const struct server *server);
/* Answer what came; false where the connection must be closed. */
bool talk_answer(
    struct server *server, struct port *port, struct client *client);
/* Tell what is due without being asked. */
void talk_tell(struct server *server, struct port *port);
/* How often there is something to tell; 0 never. */
int64_t talk_every_ms(const struct port *port);

#endif
