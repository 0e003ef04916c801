/* What a wire's devices say. */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "frames.h"
#include "page.h"
#include "talk.h"
#include "thing.h"
#include "wire/modbus_server.h"

/* A bus has a cycle each second, or as often as the profile wants. */
#define CAN_EVERY_MS 1000
/* As Green-BMS's control unit: a line each 400 ms. */
#define LINE_EVERY_MS 400

struct context {
	struct server *server;
	const struct port *port;
	struct frame frame;
};

int64_t
talk_now(const struct server *server)
{
	return server->at_ms >= 0 ? server->at_ms : clock_now_ms();
}

const struct frame *
talk_ask(struct server *server, struct sim *sim, struct frame *frame)
{
	struct failure why;

	server->asked = sim;
	if (fleet_frame(server->fleet, sim, talk_now(server), frame, &why) !=
	    0) {
		warn("%s", why.message);
		return NULL;
	}
	return *frame->error == '\0' ? frame : NULL;
}

static const struct frame *
find_unit(void *data, uint8_t *unit)
{
	struct context *context = data;

	for (size_t i = 0; i < context->port->count; i++) {
		struct sim *sim = context->port->sim[i];

		if (sim->device.unit != *unit)
			continue;
		if (profile_reply(sim->profile) != 0)
			*unit = profile_reply(sim->profile);
		return talk_ask(context->server, sim, &context->frame);
	}
	return NULL;
}

void
talk_take(struct client *client, size_t size)
{
	client->in.size -= size;
	memmove(client->in.data, client->in.data + size, client->in.size);
}

bool
talk_send_off(struct server *server, const struct port *port,
    struct client *client, size_t from)
{
	struct sim *sim = server->asked;

	server->asked = NULL;
	return sim == NULL ||
	    fault_answer(&server->fleet->faults, sim, port, client, from);
}

static bool
answer_modbus(struct context *context, struct client *client)
{
	const struct port *port = context->port;
	long used;

	do {
		const uint8_t *bytes = (const uint8_t *)client->in.data;
		size_t from = client->out.size;

		used = port->header ? modbus_serve_tcp(bytes, client->in.size,
					  find_unit, context, &client->out)
				    : modbus_serve_rtu(bytes, client->in.size,
					  find_unit, context, &client->out);
		if (used > 0)
			talk_take(client, (size_t)used);
		if (!talk_send_off(
			context->server, context->port, client, from))
			return false;
	} while (used > 0);
	return used == 0;
}

size_t
talk_line_size(const struct buf *in)
{
	size_t size = 0;

	while (
	    size < in->size && in->data[size] != '\r' && in->data[size] != '\n')
		size++;
	return size;
}

/* Commands for an adapter; others only talk. */
static bool
answer_lines(struct context *context, struct client *client)
{
	for (;;) {
		size_t size = talk_line_size(&client->in);
		size_t from = client->out.size;

		if (size > TALK_LINE_MAX)
			return false;
		if (size == client->in.size)
			return true;
		if (context->port->adapter)
			slcan_serve(&client->slcan, client->in.data, size,
			    &client->out);
		talk_take(client, size + 1);
		if (!talk_send_off(
			context->server, context->port, client, from))
			return false;
	}
}

static bool
answer_frames(struct context *context, struct client *client)
{
	const struct frame *frame;
	struct asked asked;

	for (;;) {
		size_t from = client->out.size;

		frames_find(context->port, &client->in, &asked);
		if (asked.sim == NULL)
			break;
		talk_take(client, asked.end);
		frame = talk_ask(context->server, asked.sim, &context->frame);
		if (frame != NULL)
			frames_put(&asked, frame, &client->out);
		if (!talk_send_off(
			context->server, context->port, client, from))
			return false;
	}
	if (client->in.size > TALK_LINE_MAX) /* none is so long */
		talk_take(client, client->in.size - TALK_LINE_MAX);
	return true;
}

bool
talk_answer(struct server *server, struct port *port, struct client *client)
{
	struct context context = { .server = server, .port = port };

	if (port->protocol == FRAME_MODBUS)
		return answer_modbus(&context, client);
	if (port->protocol == FRAME_SERIAL && frames_spoken(port))
		return answer_frames(&context, client);
	if (port->protocol == FRAME_THINGSET)
		return thing_answer(server, port, client);
	if (port->protocol == FRAME_HTTP)
		return page_answer(server, port, client);
	return answer_lines(&context, client);
}

void
talk_put_log(const struct frame_can *can, int64_t time_ms, struct buf *out)
{
	buf_print(out, "(%lld.%03d000) can0 ", (long long)(time_ms / 1000),
	    (int)(time_ms % 1000));
	frame_can_print(can, out);
	buf_char(out, '\n');
}

static void
tell_can(struct server *server, struct port *port, const struct frame *frame)
{
	struct sim *sim = server->asked;

	for (size_t c = 0; c < port->clients; c++) {
		struct client *client = &port->client[c];

		for (size_t i = 0; i < frame->count; i++) {
			size_t from = client->out.size;

			if (port->adapter)
				slcan_put(&client->slcan, &frame->part.can[i],
				    frame->time_ms, &client->out);
			else
				talk_put_log(&frame->part.can[i],
				    frame->time_ms, &client->out);
			server->asked = sim;
			talk_send_off(server, port, client, from);
		}
	}
}

/* One line after the other, and from the first again. */
static void
tell_line(struct server *server, struct port *port, const struct frame *frame)
{
	const struct frame_answer *answer;
	struct sim *sim = server->asked;

	if (frame->count == 0)
		return;
	answer = &frame->part.answer[port->turn++ % frame->count];
	for (size_t c = 0; c < port->clients; c++) {
		struct client *client = &port->client[c];
		size_t from = client->out.size;

		buf_put(&client->out, answer->text, answer->text_size);
		buf_text(&client->out, "\r\n");
		server->asked = sim;
		talk_send_off(server, port, client, from);
	}
}

/* What one device pushes. */
static void
tell_frames(struct server *server, struct port *port, const struct frame *frame)
{
	struct sim *sim = server->asked;
	struct asked asked = { .sim = sim, .key = frames_told(sim) };

	for (size_t c = 0; asked.key >= 0 && c < port->clients; c++) {
		struct client *client = &port->client[c];
		size_t from = client->out.size;

		frames_put(&asked, frame, &client->out);
		server->asked = sim;
		talk_send_off(server, port, client, from);
	}
}

void
talk_tell(struct server *server, struct port *port)
{
	struct frame frame;

	for (size_t i = 0; i < port->count; i++) {
		if (talk_ask(server, port->sim[i], &frame) == NULL)
			continue;
		if (port->protocol == FRAME_THINGSET)
			thing_tell(server, port, port->sim[i], &frame);
		else if (port->protocol == FRAME_HTTP)
			page_tell(server, port, port->sim[i], &frame);
		else if (port->protocol == FRAME_CAN)
			tell_can(server, port, &frame);
		else if (port->protocol == FRAME_SERIAL && frames_spoken(port))
			tell_frames(server, port, &frame);
		else
			tell_line(server, port, &frame);
	}
}

int64_t
talk_every_ms(const struct port *port)
{
	int64_t cycle = profile_cycle_ms(port->sim[0]->profile);

	if (port->protocol == FRAME_HTTP)
		return page_every_ms(port);
	if (port->protocol == FRAME_SERIAL)
		return !frames_spoken(port) || frames_told(port->sim[0]) >= 0
		    ? LINE_EVERY_MS
		    : 0;
	if (port->protocol == FRAME_THINGSET ? !thing_tells(port)
					     : port->protocol != FRAME_CAN)
		return 0;
	return cycle > 0 && cycle < CAN_EVERY_MS ? cycle : CAN_EVERY_MS;
}
