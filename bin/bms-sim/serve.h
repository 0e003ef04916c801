/* The simulated devices on the wires that their addresses name. */
#ifndef BMS_SIM_SERVE_H
#define BMS_SIM_SERVE_H

#include <stdbool.h>

#include "fleet.h"
#include "port.h"

struct server {
	struct fleet *fleet;
	int64_t at_ms; /* the time stands still here; -1: it runs */
	struct port *port;
	size_t count;
	struct sim *asked; /* whose answer is being made */
};

/* Open what the addresses of the fleet name: listeners, terminals, logs. */
int server_open(struct server *server, struct fleet *fleet, int64_t at_ms,
    struct failure *why);
/* One line for each device and where it is; quiet where standard output is
 * a log. */
void server_announce(const struct server *server);
/* Until a signal; 0, or -1 with a failure. */
int server_run(struct server *server, struct failure *why);
void server_close(struct server *server);

#endif
