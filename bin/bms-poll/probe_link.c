/* One question at a time to one Modbus device, waiting for its answer. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "probe.h"
#include "wait.h"
#include "wire/modbus.h"
#include "wire/serial.h"

int
probe_open(struct probe *probe, struct failure *why)
{
	struct serial_settings settings = { .baud = probe->device.baud,
		.parity = probe->device.parity,
		.stop_bits = probe->device.stop_bits };

	probe->fd = -1;
	if (probe->device.link == LINK_TCP)
		return wait_tcp(&probe->tcp, &probe->device, probe->timeout_ms,
		    &probe->fd, why);
	probe->fd = serial_open(probe->device.host, &settings, why);
	return probe->fd < 0 ? -1 : 0;
}

void
probe_close(struct probe *probe)
{
	if (probe->device.link == LINK_TCP)
		tcp_free(&probe->tcp);
	if (probe->fd >= 0)
		close(probe->fd);
	probe->fd = -1;
	buf_free(&probe->in);
}

static bool
has_header(const struct probe *probe)
{
	return probe->device.link == LINK_TCP && !probe->device.rtu;
}

static int
send_ask(struct probe *probe, const struct modbus_ask *ask, struct failure *why)
{
	uint8_t bytes[MODBUS_ASK_MAX];
	int64_t pause = probe->quiet_ms - clock_monotonic_ms();
	size_t size;

	if (pause > 0)
		(void)poll(NULL, 0, (int)pause);
	probe->transaction++;
	if (has_header(probe))
		size = modbus_ask_tcp(ask, probe->transaction, bytes);
	else
		size = modbus_ask_rtu(ask, bytes);
	buf_clear(&probe->in);
	if (write(probe->fd, bytes, size) != (ssize_t)size)
		return failure_set(
		    why, EXIT_AGAIN, "%s:", probe->device.address);
	return 0;
}

static enum modbus_result
look(struct probe *probe, const struct modbus_ask *ask,
    struct modbus_answer *answer)
{
	const uint8_t *bytes = (const uint8_t *)probe->in.data;
	enum modbus_result result;

	if (!has_header(probe))
		return modbus_take_rtu(ask, bytes, probe->in.size, answer);
	while ((result = modbus_take_tcp(ask, probe->transaction, bytes,
		    probe->in.size, answer)) == MODBUS_STRAY) {
		probe->in.size -= answer->used;
		memmove(probe->in.data, probe->in.data + answer->used,
		    probe->in.size);
	}
	return result;
}

/* Bytes that came: 1, 0 where the time is over, -1 with a failure. */
static int
receive(struct probe *probe, int64_t until_ms, struct failure *why)
{
	char bytes[512];
	ssize_t got;

	if (!wait_for(probe->fd, POLLIN, until_ms))
		return 0;
	got = read(probe->fd, bytes, sizeof(bytes));
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	if (got < 0)
		return failure_set(
		    why, EXIT_AGAIN, "%s:", probe->device.address);
	if (got == 0)
		return failure_set(why, EXIT_AGAIN,
		    "%s: connection closed by the device",
		    probe->device.address);
	buf_put(&probe->in, bytes, (size_t)got);
	return 1;
}

/* A whole answer: its data, or that it is none. */
static enum probe_answer
judge(const struct probe *probe, enum modbus_result result,
    const struct modbus_answer *answer, uint8_t *data, size_t *size,
    unsigned *exception, struct failure *why)
{
	if (result == MODBUS_DATA) {
		memcpy(data, answer->data, answer->size);
		*size = answer->size;
		return ANSWER_DATA;
	}
	if (result == MODBUS_EXCEPTION) {
		*exception = answer->exception;
		return ANSWER_REFUSED;
	}
	failure_set(
	    why, EXIT_AGAIN, "%s: %s", probe->device.address, answer->why);
	return ANSWER_LOST;
}

enum probe_answer
probe_ask(struct probe *probe, const struct profile_block *block, uint8_t *data,
    size_t *size, unsigned *exception, struct failure *why)
{
	struct modbus_ask ask = { .unit = probe->device.unit,
		.function = block->function,
		.address = block->address,
		.count = block->count };
	int64_t until = clock_monotonic_ms() + probe->timeout_ms;
	struct modbus_answer answer;
	enum modbus_result result = MODBUS_MORE;
	int came = 1;

	if (send_ask(probe, &ask, why) < 0)
		return ANSWER_LOST;
	while (result == MODBUS_MORE && came > 0) {
		came = receive(probe, until, why);
		if (came > 0)
			result = look(probe, &ask, &answer);
	}
	probe->quiet_ms = clock_monotonic_ms() + probe->device.pause_ms;
	if (!has_header(probe))
		probe->quiet_ms += modbus_gap_ms(probe->device.baud);
	if (came < 0)
		return ANSWER_LOST;
	if (came == 0)
		return ANSWER_SILENT;
	return judge(probe, result, &answer, data, size, exception, why);
}
