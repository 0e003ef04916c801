/*
 * ThingSet devices: text or CBOR on sockets and terminals; on CAN, by way of
 * a serial adapter or a log, requests and answers by ISO-TP, single items,
 * and reports in parts.
 */
#include <string.h>

#include "talk.h"
#include "thing.h"
#include "wire/slcan.h"
#include "wire/thingset_binary.h"
#include "wire/thingset_can.h"
#include "wire/thingset_cbor.h"
#include "wire/thingset_server.h"

#define CAN_DATA 8
#define SUM_SIZE 12 /* of an answer in text mode, with the line's end */

static const struct profile_thingset *
speech_of(const struct sim *sim)
{
	return profile_thingset(sim->profile);
}

/* A message of a text or binary device, bare. */
static void
serve(struct server *server, struct sim *sim, const struct frame *frame,
    const char *message, size_t size, struct buf *out)
{
	if (speech_of(sim)->binary)
		thingset_serve_binary(
		    message, size, frame, speech_of(sim), out);
	else
		thingset_serve(message, size, frame, speech_of(sim),
		    &server->fleet->scratch, out);
}

/* ---- streams ------------------------------------------------------------ */

static void
answer_message(struct server *server, struct sim *sim, const char *message,
    size_t size, struct client *client)
{
	struct buf bare = { 0 };
	struct frame frame;

	if (size == 0 || talk_ask(server, sim, &frame) == NULL)
		return;
	serve(server, sim, &frame, message, size, &bare);
	if (bare.size > 0 && speech_of(sim)->binary)
		thingset_stream_put(bare.data, bare.size, &client->out);
	else
		buf_put(&client->out, bare.data, bare.size);
	buf_free(&bare);
}

static bool
answer_stream(struct server *server, struct port *port, struct client *client)
{
	struct buf message = { 0 };
	bool good = true, more = client->in.size > 0;

	while (good && more) {
		size_t used, from = client->out.size;

		more = thingset_stream_take((const uint8_t *)client->in.data,
		    client->in.size, &used, &message);
		talk_take(client, used);
		if (!more)
			break;
		answer_message(
		    server, port->sim[0], message.data, message.size, client);
		good = talk_send_off(server, port, client, from);
		more = client->in.size > 0;
	}
	buf_free(&message);
	return good;
}

/* ---- CAN ------------------------------------------------------------------ */

/* One frame onto the wire of a client. */
static void
put_can(const struct port *port, struct client *client, uint32_t id,
    const void *data, size_t size, int64_t time_ms)
{
	const struct frame_can can = {
		.id = id, .extended = true, .size = (uint8_t)size, .data = data
	};

	if (port->adapter)
		slcan_put(&client->slcan, &can, time_ms, &client->out);
	else
		talk_put_log(&can, time_ms, &client->out);
}

static void
send_frames(struct server *server, const struct port *port,
    struct client *client, struct sim *sim, uint8_t host)
{
	uint32_t id = thingset_can_request(host, sim->device.unit);
	uint8_t frame[ISOTP_FRAME];
	size_t size;

	while ((size = isotp_next(&sim->sending, frame)) > 0)
		put_can(port, client, id, frame, size, talk_now(server));
}

static void
answer_request(struct server *server, struct port *port, struct client *client,
    struct sim *sim, uint8_t host)
{
	struct buf bare = { 0 };
	struct frame frame;
	size_t from = client->out.size;

	if (talk_ask(server, sim, &frame) == NULL)
		return;
	serve(server, sim, &frame, sim->coming.message.data,
	    sim->coming.message.size, &bare);
	/* each CAN frame has a sum of its own */
	if (!speech_of(sim)->binary && bare.size > SUM_SIZE)
		bare.size -= SUM_SIZE;
	if (bare.size > 0 && isotp_begin(&sim->sending, bare.data, bare.size)) {
		send_frames(server, port, client, sim, host);
		talk_send_off(server, port, client, from);
	}
	buf_free(&bare);
}

/* A frame that came from the bus, for one of the nodes. */
static void
take_can(struct server *server, struct port *port, struct client *client,
    struct sim *sim, const struct frame_can *can, uint8_t host)
{
	uint8_t leave[ISOTP_FRAME];

	switch (isotp_take(&sim->coming, can->data, can->size)) {
	case ISOTP_BEGUN:
		put_can(port, client,
		    thingset_can_request(host, sim->device.unit), leave,
		    isotp_go_on(leave), talk_now(server));
		break;
	case ISOTP_FLOW:
		if (isotp_flow(&sim->sending, can->data, can->size))
			send_frames(server, port, client, sim, host);
		break;
	case ISOTP_WHOLE:
		answer_request(server, port, client, sim, host);
		break;
	default:
		break;
	}
}

/* Nodes that are called say their address; the EUI-64 is a local one. */
static void
claim(struct server *server, struct port *port, struct client *client,
    uint8_t target)
{
	for (size_t i = 0; i < port->count; i++) {
		uint8_t node = port->sim[i]->device.unit;
		const uint8_t eui[THINGSET_EUI_SIZE] = { 2, 'T', 'B', 'M', 'S',
			0, 0, node };

		if (target == THINGSET_BROADCAST || target == node)
			put_can(port, client, thingset_can_claim(node), eui,
			    sizeof(eui), talk_now(server));
	}
}

static void
take_command(struct server *server, struct port *port, struct client *client,
    const char *command, size_t size)
{
	uint8_t data[FRAME_CAN_MAX];
	struct thingset_can head;
	struct frame_can can;

	slcan_serve(&client->slcan, command, size, &client->out);
	if (!client->slcan.open ||
	    slcan_parse(command, size, &can, data) != SLCAN_DATA ||
	    !thingset_can_read(&can, &head))
		return;
	if (head.type == THINGSET_CAN_NETWORK &&
	    head.source == THINGSET_ANONYMOUS)
		claim(server, port, client, head.target);
	if (head.type != THINGSET_CAN_REQUEST)
		return;
	for (size_t i = 0; i < port->count; i++)
		if (port->sim[i]->device.unit == head.target)
			take_can(server, port, client, port->sim[i], &can,
			    head.source);
}

static bool
answer_adapter(struct server *server, struct port *port, struct client *client)
{
	const char *end;

	while (client->in.size > 0 &&
	    (end = memchr(client->in.data, '\r', client->in.size)) != NULL) {
		size_t size = (size_t)(end - client->in.data);

		take_command(server, port, client, client->in.data, size);
		talk_take(client, size + 1);
	}
	return client->in.size <= SLCAN_LINE_MAX;
}

/* ---- lines ------------------------------------------------------------------ */

static bool
answer_lines(struct server *server, struct port *port, struct client *client)
{
	for (;;) {
		size_t size = talk_line_size(&client->in);
		size_t from = client->out.size;

		if (size > TALK_LINE_MAX)
			return false;
		if (size == client->in.size)
			return true;
		answer_message(
		    server, port->sim[0], client->in.data, size, client);
		talk_take(client, size + 1);
		if (!talk_send_off(server, port, client, from))
			return false;
	}
}

bool
thing_answer(struct server *server, struct port *port, struct client *client)
{
	if (port->adapter)
		return answer_adapter(server, port, client);
	if (speech_of(port->sim[0])->binary)
		return answer_stream(server, port, client);
	return answer_lines(server, port, client);
}

/* ---- what is published ------------------------------------------------------ */

/* The CBOR value behind the head of a report of one item, if it is one that
 * fits a frame. */
static bool
item_of(const struct buf *report, uint32_t *id, struct buf *value)
{
	struct thingset_message message;
	bool fits;

	thingset_message_read(
	    (const uint8_t *)report->data, report->size, &message);
	fits = message.kind == THINGSET_REPORT &&
	    json_is_integer(message.endpoint) &&
	    json_integer_value(message.endpoint) <= UINT16_MAX &&
	    !json_is_object(message.payload);
	if (fits) {
		*id = (uint32_t)json_integer_value(message.endpoint);
		thingset_cbor_put(message.payload, value);
	}
	thingset_message_clear(&message);
	return fits && value->size <= CAN_DATA;
}

static void
tell_bus(const struct port *port, struct client *client, struct sim *sim,
    const struct buf *report, int64_t time_ms)
{
	uint8_t node = sim->device.unit;
	struct buf value = { 0 };
	unsigned part = 0;
	uint32_t id = 0;

	if (speech_of(sim)->binary && item_of(report, &id, &value)) {
		put_can(port, client, thingset_can_item((uint16_t)id, node),
		    value.data, value.size, time_ms);
		buf_free(&value);
		return;
	}
	for (size_t at = 0; at < report->size; at += CAN_DATA, part++) {
		size_t left = report->size - at;

		id = thingset_can_part(
		    sim->report, part, at == 0, left <= CAN_DATA, node);
		put_can(port, client, id, report->data + at,
		    left < CAN_DATA ? left : CAN_DATA, time_ms);
	}
	sim->report = (sim->report + 1) & 3;
	buf_free(&value);
}

bool
thing_tells(const struct port *port)
{
	for (size_t i = 0; i < port->count; i++)
		if (speech_of(port->sim[i])->report_count > 0)
			return true;
	return false;
}

void
thing_tell(struct server *server, struct port *port, struct sim *sim,
    const struct frame *frame)
{
	const struct profile_thingset *speech = speech_of(sim);
	bool bus = port->adapter || port->form == PORT_LOG;
	struct buf report = { 0 };

	for (size_t i = 0; i < speech->report_count; i++) {
		buf_clear(&report);
		if (speech->binary)
			thingset_tell_binary(frame, speech, i, &report);
		else
			thingset_tell(frame, speech, i, &report);
		if (bus && !speech->binary && report.size > SUM_SIZE)
			report.size -= SUM_SIZE;
		for (size_t c = 0; c < port->clients && report.size > 0; c++) {
			struct client *client = &port->client[c];
			size_t from = client->out.size;

			if (bus)
				tell_bus(
				    port, client, sim, &report, frame->time_ms);
			else if (speech->binary)
				thingset_stream_put(
				    report.data, report.size, &client->out);
			else
				buf_put(&client->out, report.data, report.size);
			server->asked = sim;
			talk_send_off(server, port, client, from);
		}
	}
	buf_free(&report);
}
