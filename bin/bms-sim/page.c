/* Devices with an HTTP face. */
#include <string.h>

#include "page.h"
#include "talk.h"
#include "wire/httpd.h"

/* A stream tells all it has twice in a cycle, so that each has it whole. */
#define TELLS_A_CYCLE 2
#define CYCLE_DEFAULT_MS 1000

static enum profile_stream
stream_of(const struct sim *sim)
{
	return profile_http(sim->profile)->stream;
}

/* Is this the path of one of its pages, behind the base of its address? */
static bool
has_page(const struct sim *sim, const char *target, size_t size)
{
	const struct profile_request *requests;
	size_t count = profile_requests(sim->profile, &requests);
	size_t base = strlen(sim->device.base);

	if (base > 0) {
		if (size < base + 1 ||
		    memcmp(target + 1, sim->device.base, base) != 0)
			return false;
		target += base + 1;
		size -= base + 1;
	}
	for (size_t i = 0; i < count; i++)
		if (strlen(requests[i].text) == size &&
		    memcmp(requests[i].text, target, size) == 0)
			return true;
	return false;
}

/* The answer in the frame whose path ends the target. */
static const struct frame_answer *
page_of(const struct frame *frame, const char *target, size_t size)
{
	for (size_t i = 0; i < frame->count; i++) {
		const struct frame_answer *answer = &frame->part.answer[i];
		size_t path = strlen(answer->path);

		if (path <= size &&
		    memcmp(target + size - path, answer->path, path) == 0)
			return answer;
	}
	return NULL;
}

static void
begin_stream(
    struct client *client, struct sim *sim, const struct httpd_request *request)
{
	enum profile_stream stream = stream_of(sim);

	if (stream == STREAM_WEBSOCKET && request->key == NULL) {
		httpd_answer(&client->out, 426, "Upgrade Required", "{}", 2);
		return;
	}
	client->stream = sim;
	if (stream == STREAM_WEBSOCKET)
		httpd_websocket_begin(
		    &client->out, request->key, request->key_size);
	else
		httpd_stream_begin(&client->out, stream == STREAM_SSE);
}

/* One request; a silent device says nothing at all. */
static void
answer(struct server *server, struct port *port, struct client *client,
    const struct httpd_request *request)
{
	const struct frame_answer *page = NULL;
	const struct frame *said;
	struct frame frame;

	for (size_t i = 0; request->get && i < port->count; i++) {
		struct sim *sim = port->sim[i];

		if (!has_page(sim, request->target, request->target_size))
			continue;
		if (stream_of(sim) != STREAM_NONE) {
			begin_stream(client, sim, request);
			return;
		}
		said = talk_ask(server, sim, &frame);
		if (said == NULL)
			return;
		page = page_of(said, request->target, request->target_size);
		break;
	}
	if (page == NULL)
		httpd_answer(&client->out, 404, "Not Found", "{}", 2);
	else
		httpd_answer(
		    &client->out, 200, "OK", page->text, page->text_size);
}

bool
page_answer(struct server *server, struct port *port, struct client *client)
{
	struct httpd_request request;
	long used = 1;

	while (used > 0 && client->in.size > 0) {
		size_t from = client->out.size;

		if (client->stream != NULL &&
		    stream_of(client->stream) == STREAM_WEBSOCKET) {
			used = httpd_websocket_read(
			    client->in.data, client->in.size, &client->out);
		} else {
			used = httpd_request_read(
			    client->in.data, client->in.size, &request);
			if (used > 0 && client->stream == NULL)
				answer(server, port, client, &request);
		}
		if (used > 0)
			talk_take(client, (size_t)used);
		if (!talk_send_off(server, port, client, from))
			return false;
	}
	return used >= 0;
}

static void
tell(struct client *client, const struct frame *frame)
{
	for (size_t i = 0; i < frame->count; i++) {
		const struct frame_answer *one = &frame->part.answer[i];

		switch (stream_of(client->stream)) {
		case STREAM_SSE:
			httpd_event(
			    &client->out, one->path, one->text, one->text_size);
			break;
		case STREAM_LINES:
			buf_put(&client->out, one->text, one->text_size);
			buf_char(&client->out, '\n');
			break;
		default:
			httpd_websocket_put(
			    &client->out, one->text, one->text_size);
		}
	}
}

void
page_tell(struct server *server, struct port *port, struct sim *sim,
    const struct frame *frame)
{
	for (size_t c = 0; c < port->clients; c++) {
		struct client *client = &port->client[c];
		size_t from = client->out.size;

		if (client->stream != sim)
			continue;
		tell(client, frame);
		server->asked = sim;
		talk_send_off(server, port, client, from);
	}
}

int64_t
page_every_ms(const struct port *port)
{
	int64_t least = 0;

	for (size_t i = 0; i < port->count; i++) {
		const struct sim *sim = port->sim[i];
		int64_t cycle = profile_cycle_ms(sim->profile);

		if (stream_of(sim) == STREAM_NONE)
			continue;
		if (cycle <= 0)
			cycle = CYCLE_DEFAULT_MS;
		if (least == 0 || cycle < least)
			least = cycle;
	}
	return least < TELLS_A_CYCLE ? least : least / TELLS_A_CYCLE;
}
