/* One wire: a TCP listener, a pseudo terminal or a log, and its devices. */
#ifndef BMS_SIM_PORT_H
#define BMS_SIM_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "fleet.h"
#include "wire/slcan_server.h"

#define PORT_CLIENTS_MAX 64 /* connections of one listener */

enum port_form { PORT_TCP, PORT_TERMINAL, PORT_LOG };

/* A connection, or the one terminal or log of a port. */
struct client {
	int fd;
	struct buf in, out;
	struct buf late; /* what a fault keeps back, until ... */
	int64_t late_ms; /* ... then (monotonic) */
	struct slcan_server slcan;
	const struct sim *stream; /* HTTP: what it listens to, or NULL */
};

struct port {
	enum port_form form;
	enum frame_protocol protocol;
	bool adapter; /* slcan, not a plain line */
	bool header; /* Modbus TCP; else the frames of a serial line */
	const char *address;
	int listener; /* TCP; else -1 */
	int slave; /* terminal: held open, so that it stays */
	char slave_path[64];
	const char *link; /* path that points to the terminal, or NULL */
	struct client client[PORT_CLIENTS_MAX];
	size_t clients;
	struct sim **sim;
	size_t count;
	int64_t due_ms; /* monotonic: what is told without asking */
	int64_t every_ms; /* 0: only answers */
	size_t turn; /* serial: the line that is told next */
};

int port_open_tcp(
    struct port *port, const struct device *device, struct failure *why);
/* `link` NULL: none. */
int port_open_terminal(
    struct port *port, const char *link, struct failure *why);
int port_open_log(struct port *port, const char *path, struct failure *why);
void port_accept(struct port *port);
/* Read what came; false where the connection is over. */
bool port_read(struct client *client);
/* Write what waits; what is told unasked and a terminal's reader does not take
 * is lost. */
bool port_write(struct port *port, struct client *client);
/* Let out what was kept back long enough; when the next is due, or
 * INT64_MAX. */
int64_t port_release(struct port *port, int64_t now_ms);
void port_drop(struct port *port, size_t at);
void port_close(struct port *port);

#endif
