/* The loop over all wires. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "profile/framing.h"
#include "serve.h"
#include "talk.h"

/* A signal that comes between two waits is noticed after so long. */
#define WAIT_MAX_MS 500

static int
open_port(struct port *port, const struct device *device, struct failure *why)
{
	switch (device->link) {
	case LINK_HTTP:
	case LINK_WEBSOCKET:
		if (device->tls)
			return failure_set(why, EXIT_WRONG,
			    "%s: %s: TLS is not served", device->device,
			    device->address);
		return port_open_tcp(port, device, why);
	case LINK_TCP:
		return port_open_tcp(port, device, why);
	case LINK_SERIAL:
	case LINK_SLCAN:
		/* the terminal that no address names has an empty one */
		return port_open_terminal(
		    port, *device->host == '\0' ? NULL : device->host, why);
	case LINK_CANDUMP:
		return port_open_log(port, device->host, why);
	default:
		return failure_set(why, EXIT_WRONG,
		    "%s: %s: interfaces of "
		    "the kernel are not served; use slcan or candump",
		    device->device, device->address);
	}
}

/* Does what is spoken fit the wire? */
static int
check_link(const struct device *device, enum frame_protocol protocol,
    const struct framing *framing, struct failure *why)
{
	bool can = device->link == LINK_SLCAN || device->link == LINK_CANDUMP ||
	    device->link == LINK_CAN;
	bool web = device->link == LINK_HTTP || device->link == LINK_WEBSOCKET;

	if (web && protocol == FRAME_HTTP)
		return 0;
	if (protocol == FRAME_THINGSET && device->link != LINK_CAN)
		return 0;
	if (web || protocol == FRAME_HTTP || can != (protocol == FRAME_CAN) ||
	    (device->rtu && protocol != FRAME_MODBUS) ||
	    (device->link == LINK_TCP && protocol == FRAME_SERIAL &&
		framing->look == NULL))
		return failure_set(why, EXIT_WRONG,
		    "%s: %s does not speak %s over %s", device->device,
		    device->profile, frame_protocol_names[protocol],
		    device->address);
	return 0;
}

static struct port *
find_port(const struct server *server, const struct device *device)
{
	for (size_t i = 0; i < server->count && *device->address != '\0'; i++)
		if (strcmp(server->port[i].address, device->address) == 0)
			return &server->port[i];
	return NULL;
}

static int
add_port(struct server *server, struct sim *sim, struct failure *why)
{
	struct port *port = &server->port[server->count++];

	memset(port, 0, sizeof(*port));
	port->listener = port->slave = -1;
	port->address = sim->device.address;
	port->protocol = profile_protocol(sim->profile);
	port->adapter = sim->device.link == LINK_SLCAN;
	port->header = sim->device.link == LINK_TCP && !sim->device.rtu;
	return open_port(port, &sim->device, why);
}

static int
add_sim(struct server *server, struct sim *sim, struct failure *why)
{
	enum frame_protocol protocol = profile_protocol(sim->profile);
	struct port *port = find_port(server, &sim->device);

	if (check_link(&sim->device, protocol, profile_framing(sim->profile),
		why) != 0)
		return -1;
	if (port == NULL) {
		port = &server->port[server->count];
		if (add_port(server, sim, why) != 0)
			return -1;
	} else if (protocol != port->protocol) {
		return failure_set(why, EXIT_WRONG,
		    "%s: %s speaks something "
		    "else already",
		    sim->device.device, port->address);
	}
	if (faults_check(&server->fleet->faults, sim, port, why) != 0)
		return -1;
	port->sim = mem_grow(port->sim, port->count + 1, sizeof(*port->sim));
	port->sim[port->count++] = sim;
	port->every_ms = talk_every_ms(port);
	return 0;
}

int
server_open(struct server *server, struct fleet *fleet, int64_t at_ms,
    struct failure *why)
{
	*server = (struct server){ .fleet = fleet, .at_ms = at_ms };
	server->port = mem_zero(fleet->count + 1, sizeof(*server->port));
	for (size_t i = 0; i < fleet->count; i++)
		if (add_sim(server, &fleet->sim[i], why) != 0) {
			server_close(server);
			return -1;
		}
	return 0;
}

void
server_announce(const struct server *server)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < server->count; i++) {
		const struct port *port = &server->port[i];

		if (strcmp(port->address, "candump:-") == 0) {
			buf_free(&out);
			return;
		}
		for (size_t j = 0; j < port->count; j++)
			buf_print(&out, "%s %s\n", port->sim[j]->device.device,
			    port->form == PORT_TERMINAL ? port->slave_path
							: port->address);
	}
	io_write_all(STDOUT_FILENO, out.data, out.size);
	buf_free(&out);
}

/* What is due now; returns how long until the next. */
static int
tell_due(struct server *server)
{
	int64_t now = clock_monotonic_ms(), wait = WAIT_MAX_MS;

	for (size_t i = 0; i < server->count; i++) {
		struct port *port = &server->port[i];
		int64_t late = port_release(port, now);

		if (late < INT64_MAX && late - now < wait)
			wait = late - now;
		if (port->every_ms == 0)
			continue;
		if (now >= port->due_ms) {
			talk_tell(server, port);
			/* the slots that were missed are gone */
			port->due_ms =
			    now - now % port->every_ms + port->every_ms;
		}
		if (port->due_ms - now < wait)
			wait = port->due_ms - now;
	}
	return (int)wait;
}

/* Write what waits; a log that cannot be written ends all. */
static int
flush(struct server *server, struct failure *why)
{
	for (size_t i = 0; i < server->count; i++) {
		struct port *port = &server->port[i];

		for (size_t c = port->clients; c-- > 0;) {
			if (port_write(port, &port->client[c]))
				continue;
			if (port->form == PORT_LOG)
				return failure_set(
				    why, EXIT_AGAIN, "%s:", port->address);
			if (port->form == PORT_TCP)
				port_drop(port, c);
		}
	}
	return 0;
}

static size_t
watch(const struct server *server, struct pollfd *polls)
{
	size_t count = 0;

	for (size_t i = 0; i < server->count; i++) {
		const struct port *port = &server->port[i];

		if (port->listener >= 0)
			polls[count++] =
			    (struct pollfd){ port->listener, POLLIN, 0 };
		if (port->form == PORT_LOG)
			continue;
		for (size_t c = 0; c < port->clients; c++)
			polls[count++] = (struct pollfd){ port->client[c].fd,
				(short)(POLLIN |
				    (port->client[c].out.size > 0 ? POLLOUT
								  : 0)),
				0 };
	}
	return count;
}

/* In the order of watch; clients from the last, as they may go. */
static void
handle(struct server *server, const struct pollfd *polls)
{
	for (size_t i = 0; i < server->count; i++) {
		struct port *port = &server->port[i];
		size_t clients = port->form == PORT_LOG ? 0 : port->clients;
		bool incoming = port->listener >= 0 && (polls++)->revents != 0;

		for (size_t c = clients; c-- > 0;) {
			if ((polls[c].revents & ~POLLOUT) == 0)
				continue;
			if ((!port_read(&port->client[c]) ||
				!talk_answer(server, port, &port->client[c])) &&
			    port->form == PORT_TCP)
				port_drop(port, c);
		}
		polls += clients;
		if (incoming)
			port_accept(port);
	}
}

static size_t
descriptors(const struct server *server)
{
	size_t count = 0;

	for (size_t i = 0; i < server->count; i++)
		count += server->port[i].clients + 1;
	return count;
}

int
server_run(struct server *server, struct failure *why)
{
	struct pollfd *polls = NULL;
	int result = 0;

	while (!io_stopping() && result == 0) {
		int wait = tell_due(server);
		size_t count;

		result = flush(server, why);
		polls = mem_grow(polls, descriptors(server), sizeof(*polls));
		count = watch(server, polls);
		if (result == 0 && poll(polls, count, wait) > 0)
			handle(server, polls);
		if (result == 0)
			result = flush(server, why);
	}
	free(polls);
	return result;
}

void
server_close(struct server *server)
{
	for (size_t i = 0; i < server->count; i++)
		port_close(&server->port[i]);
	free(server->port);
	server->port = NULL;
	server->count = 0;
}
