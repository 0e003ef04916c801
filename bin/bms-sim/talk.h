/* What a wire's devices say: answers, and what they tell unasked. */
#ifndef BMS_SIM_TALK_H
#define BMS_SIM_TALK_H

#include "serve.h"

#define TALK_LINE_MAX 1024 /* bytes of a line that is taken */

/* The time of the simulation. */
int64_t talk_now(const struct server *server);
/* Answer what came; false where the connection must be closed. */
bool talk_answer(
    struct server *server, struct port *port, struct client *client);
/* Tell what is due without being asked. */
void talk_tell(struct server *server, struct port *port);
/* How often there is something to tell; 0 never. */
int64_t talk_every_ms(const struct port *port);

/* What a device says now, or NULL where it is silent. */
const struct frame *talk_ask(
    struct server *server, struct sim *sim, struct frame *frame);
/* The answer that begins at `from`, if there is one, may be spoiled; false:
 * the connection must be reset. */
bool talk_send_off(struct server *server, const struct port *port,
    struct client *client, size_t from);
/* So many bytes at the front are done with; bytes up to a line's end. */
void talk_take(struct client *client, size_t size);
size_t talk_line_size(const struct buf *in);
/* As candump -L writes it. */
void talk_put_log(
    const struct frame_can *can, int64_t time_ms, struct buf *out);

#endif
