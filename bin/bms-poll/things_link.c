/* See things.h: streams and CAN, waiting for each answer. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "things.h"
#include "wait.h"
#include "wire/serial.h"
#include "wire/slcan.h"
#include "wire/socketcan.h"
#include "wire/thingset_binary.h"
#include "wire/thingset_can.h"

#define READ_SIZE 4096
#define CLAIM_MASK 0x1F00FF00 /* claims of any address */

static bool
on_can(const struct things_link *link)
{
	return link->device.link == LINK_CAN || link->device.link == LINK_SLCAN;
}

static int
too_late(const struct things_link *link, struct failure *why)
{
	return failure_set(why, EXIT_AGAIN, "%s: no answer within %.1f s",
	    link->device.address, (double)link->device.timeout_ms / 1000);
}

static int
put_out(struct things_link *link, struct failure *why)
{
	struct buf *out = &link->out;
	ssize_t put = write(link->fd, out->data, out->size);
	bool all = put == (ssize_t)out->size;

	buf_clear(out);
	return all ? 0
		   : failure_set(why, EXIT_AGAIN, "%s:", link->device.address);
}

static int
open_adapter(struct things_link *link, struct failure *why)
{
	if (!slcan_has_bitrate(link->device.bitrate))
		return failure_set(why, EXIT_WRONG,
		    "no adapter has a bit rate of %u", link->device.bitrate);
	slcan_opening(link->device.bitrate, true, &link->out);
	return put_out(link, why);
}

int
things_open(struct things_link *link, struct failure *why)
{
	const struct device *device = &link->device;
	struct serial_settings settings = { .baud = device->baud,
		.parity = device->parity,
		.stop_bits = device->stop_bits };
	const bool all = link->nodes != NULL;
	const struct profile_can from = { .id = all ? thingset_can_claim(0)
						    : device->unit,
		.mask = all ? CLAIM_MASK : 0xFF,
		.extended = true };

	link->fd = -1;
	if (device->link == LINK_TCP)
		return wait_tcp(
		    &link->tcp, device, device->timeout_ms, &link->fd, why);
	if (device->link == LINK_CAN)
		link->fd = socketcan_open(device->host, &from, 1, why);
	else
		link->fd = serial_open(device->host, &settings, why);
	if (link->fd >= 0 && device->link == LINK_SLCAN)
		return open_adapter(link, why);
	return link->fd < 0 ? -1 : 0;
}

void
things_close(struct things_link *link)
{
	tcp_free(&link->tcp);
	if (link->fd >= 0)
		close(link->fd);
	link->fd = -1;
	buf_free(&link->in);
	buf_free(&link->out);
	buf_free(&link->sending.message);
	buf_free(&link->coming.message);
}

/* ---- CAN ------------------------------------------------------------------ */

static int
send_can(struct things_link *link, uint32_t id, const uint8_t *data,
    size_t size, struct failure *why)
{
	const struct frame_can can = {
		.id = id, .extended = true, .size = (uint8_t)size, .data = data
	};

	if (link->device.link == LINK_CAN)
		return socketcan_send(link->fd, &can, false) == 0
		    ? 0
		    : failure_set(why, EXIT_AGAIN, "%s:", link->device.address);
	slcan_print(&can, false, &link->out);
	return put_out(link, why);
}

static int
send_frame(struct things_link *link, const uint8_t *data, size_t size,
    struct failure *why)
{
	return send_can(link,
	    thingset_can_request(link->device.unit, THINGSET_HOST), data, size,
	    why);
}

static int
send_frames(struct things_link *link, struct failure *why)
{
	uint8_t frame[ISOTP_FRAME];
	size_t size;

	while ((size = isotp_next(&link->sending, frame)) > 0) {
		if (send_frame(link, frame, size, why) < 0)
			return -1;
		if (link->sending.gap_ms > 0)
			(void)poll(NULL, 0, (int)link->sending.gap_ms + 1);
	}
	return 0;
}

/* The first claim of an address becomes a line. */
static void
take_claim(struct things_link *link, const struct thingset_can *head,
    const struct frame_can *can)
{
	if (head->type != THINGSET_CAN_NETWORK ||
	    head->target != THINGSET_BROADCAST ||
	    can->size != THINGSET_EUI_SIZE || link->seen[head->source])
		return;
	link->seen[head->source] = true;
	buf_print(link->nodes, "%-4u", head->source);
	for (int i = 0; i < THINGSET_EUI_SIZE; i++)
		buf_print(link->nodes, "%02X", can->data[i]);
	buf_char(link->nodes, '\n');
}

/* A frame of the bus: 1 where it makes the answer whole. */
static int
take_frame(struct things_link *link, const struct frame_can *can,
    struct buf *answer, struct failure *why)
{
	uint8_t leave[ISOTP_FRAME];
	struct thingset_can head;

	if (!thingset_can_read(can, &head))
		return 0;
	if (link->nodes != NULL)
		take_claim(link, &head, can);
	if (head.type != THINGSET_CAN_REQUEST ||
	    head.source != link->device.unit || head.target != THINGSET_HOST)
		return 0;
	switch (isotp_take(&link->coming, can->data, can->size)) {
	case ISOTP_BEGUN:
		return send_frame(link, leave, isotp_go_on(leave), why);
	case ISOTP_FLOW:
		if (isotp_flow(&link->sending, can->data, can->size))
			return send_frames(link, why);
		return failure_set(why, EXIT_AGAIN,
		    "%s: cannot take so long a request", link->device.address);
	case ISOTP_WHOLE:
		buf_put(answer, link->coming.message.data,
		    link->coming.message.size);
		return 1;
	default:
		return 0;
	}
}

static int
take_bus(struct things_link *link, struct buf *answer, struct failure *why)
{
	uint8_t data[FRAME_CAN_MAX];
	enum socketcan_result got;
	struct frame_can can;
	int whole = 0;

	while (whole == 0 &&
	    (got = socketcan_read(link->fd, &can, data)) > SOCKETCAN_NONE)
		if (got == SOCKETCAN_DATA)
			whole = take_frame(link, &can, answer, why);
	return whole;
}

/* Lines of an adapter end with CR; BEL is a refusal. */
static int
take_adapter(struct things_link *link, struct buf *answer, struct failure *why)
{
	uint8_t data[FRAME_CAN_MAX];
	struct frame_can can;
	size_t start = 0;
	int whole = 0;

	for (size_t i = 0; i < link->in.size && whole == 0; i++) {
		const char *line = link->in.data + start;

		if (link->in.data[i] != '\r' && link->in.data[i] != '\a')
			continue;
		if (slcan_parse(line, i - start, &can, data) == SLCAN_DATA)
			whole = take_frame(link, &can, answer, why);
		start = i + 1;
	}
	memmove(link->in.data, link->in.data + start, link->in.size - start);
	link->in.size -= start;
	return whole;
}

/* ---- streams --------------------------------------------------------------- */

static bool
is_answer(const struct things_link *link, const struct buf *message)
{
	if (message->size == 0)
		return false;
	return link->binary ? (uint8_t)message->data[0] >= 0x80
			    : message->data[0] == ':';
}

static int
take_stream(struct things_link *link, struct buf *answer)
{
	for (;;) {
		const char *in = link->in.data;
		size_t used = 0;
		bool got;

		if (link->in.size == 0)
			return 0;
		if (link->binary) {
			got = thingset_stream_take(
			    (const uint8_t *)in, link->in.size, &used, answer);
		} else {
			const char *end = memchr(in, '\n', link->in.size);

			got = end != NULL;
			used = got ? (size_t)(end - in) + 1 : 0;
			buf_clear(answer);
			buf_put(answer, in, got ? used - 1 : 0);
			if (got && answer->size > 0 &&
			    answer->data[answer->size - 1] == '\r')
				answer->size--;
		}
		link->in.size -= used;
		memmove(link->in.data, link->in.data + used, link->in.size);
		if (!got)
			return 0;
		if (is_answer(link, answer))
			return 1;
	}
}

static int
send_request(
    struct things_link *link, const struct buf *request, struct failure *why)
{
	if (on_can(link)) {
		isotp_begin(&link->sending, request->data, request->size);
		return send_frames(link, why);
	}
	if (link->binary) {
		thingset_stream_put(request->data, request->size, &link->out);
	} else {
		buf_put(&link->out, request->data, request->size);
		buf_char(&link->out, '\n');
	}
	return put_out(link, why);
}

/* Bytes that came: 0, or -1 with a failure. */
static int
receive(struct things_link *link, struct failure *why)
{
	char bytes[READ_SIZE];
	ssize_t got = read(link->fd, bytes, sizeof(bytes));

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got < 0)
		return failure_set(
		    why, EXIT_AGAIN, "%s:", link->device.address);
	if (got == 0)
		return failure_set(why, EXIT_AGAIN,
		    "%s: connection closed by the device",
		    link->device.address);
	buf_put(&link->in, bytes, (size_t)got);
	if (link->in.size > 2 * THINGSET_MESSAGE_MAX)
		return failure_set(why, EXIT_AGAIN, "%s: a flood and no answer",
		    link->device.address);
	return 0;
}

/* Take what has come: 1 where the answer is whole, 0 where it is not, -1
 * with a failure. */
static int
go_on(struct things_link *link, struct buf *answer, struct failure *why)
{
	if (link->device.link == LINK_CAN)
		return take_bus(link, answer, why);
	if (receive(link, why) < 0)
		return -1;
	if (link->device.link == LINK_SLCAN)
		return take_adapter(link, answer, why);
	return take_stream(link, answer);
}

int
things_exchange(struct things_link *link, const struct buf *request,
    struct buf *answer, struct failure *why)
{
	int64_t until = clock_monotonic_ms() + link->device.timeout_ms;
	int whole = 0;

	buf_clear(&link->in);
	buf_clear(answer);
	if (send_request(link, request, why) < 0)
		return -1;
	while (whole == 0) {
		if (!wait_for(link->fd, POLLIN, until))
			return too_late(link, why);
		whole = go_on(link, answer, why);
	}
	return whole < 0 ? -1 : 0;
}

int
things_nodes(struct things_link *link, struct failure *why)
{
	int64_t until = clock_monotonic_ms() + link->device.timeout_ms;
	struct buf none = { 0 };
	int status = send_can(link, thingset_can_call(), NULL, 0, why);

	while (status >= 0 && wait_for(link->fd, POLLIN, until))
		status = go_on(link, &none, why);
	buf_free(&none);
	return status < 0 ? -1 : 0;
}
