/* The --fault options, and how each of them spoils an answer. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/num.h"
#include "day.h"
#include "fault.h"
#include "port.h"
#include "wire/modbus.h"

#define GARBAGE_MAX 12 /* bytes before an answer */
#define NOISE_DUE 9000 /* purposes of day_noise */
#define NOISE_GARBAGE 9001
#define MBAP_UNIT 6 /* its place in an answer of Modbus TCP */

static const char *const names[FAULT_COUNT] = { "delay", "drop", "unit", "crc",
	"half", "reset", "garbage" };

/* N, A..B or P%. */
static int
set_when(char *text, struct fault *fault, struct failure *why)
{
	size_t size = strlen(text);
	char *dots = strstr(text, "..");
	int64_t low, high;

	if (dots != NULL &&
	    num_integer(text, (size_t)(dots - text), 1, INT32_MAX, &low) &&
	    num_integer(dots + 2, strlen(dots + 2), low, INT32_MAX, &high)) {
		fault->first = (uint64_t)low;
		fault->last = (uint64_t)high;
	} else if (size > 0 && text[size - 1] == '%' &&
	    num_integer(text, size - 1, 1, 100, &low)) {
		fault->percent = (unsigned)low;
	} else if (num_integer(text, size, 1, INT32_MAX, &low)) {
		fault->every = (uint64_t)low;
	} else {
		return failure_set(
		    why, EXIT_WRONG, "\"%s\" is none of N, A..B and P%%", text);
	}
	return 0;
}

static int
set_kind(char *text, struct fault *fault, struct failure *why)
{
	char *amount = strchr(text, ':');
	int kind = 0;

	if (amount != NULL)
		*amount++ = '\0';
	while (kind < FAULT_COUNT && strcmp(text, names[kind]) != 0)
		kind++;
	if (kind == FAULT_COUNT)
		return failure_set(why, EXIT_WRONG,
		    "\"%s\" is none of delay, drop, unit, crc, half, reset, "
		    "garbage",
		    text);
	fault->kind = (enum fault_kind)kind;
	if (amount == NULL)
		return 0;
	if (kind != FAULT_DELAY || !clock_duration(amount, &fault->delay_ms) ||
	    fault->delay_ms <= 0)
		return failure_set(
		    why, EXIT_WRONG, "\"%s\" is no delay", amount);
	return 0;
}

int
faults_add(struct faults *faults, char *text, struct failure *why)
{
	struct fault fault = { .every = 1 };
	char *when = strchr(text, '@'), *kind;

	if (when != NULL) {
		*when++ = '\0';
		fault.every = 0;
		if (set_when(when, &fault, why) != 0)
			return failure_prefix(why, "--fault");
	}
	kind = strchr(text, '=');
	if (kind != NULL) {
		*kind++ = '\0';
		fault.device = text;
	} else {
		kind = text;
	}
	if (set_kind(kind, &fault, why) != 0)
		return failure_prefix(why, "--fault");
	faults->item =
	    mem_grow(faults->item, faults->count + 1, sizeof(*faults->item));
	faults->item[faults->count++] = fault;
	return 0;
}

void
faults_free(struct faults *faults)
{
	free(faults->item);
	faults->item = NULL;
	faults->count = 0;
}

static bool
is_for(const struct fault *fault, const struct sim *sim)
{
	return fault->device == NULL ||
	    strcmp(fault->device, sim->device.device) == 0;
}

/* Why a fault cannot be on a wire, or NULL. */
static const char *
impossible(enum fault_kind kind, const struct port *port)
{
	bool can = port->protocol == FRAME_CAN;

	switch (kind) {
	case FAULT_RESET:
		return port->form == PORT_TCP ? NULL : "not a connection";
	case FAULT_UNIT:
		return port->protocol == FRAME_MODBUS ? NULL
						      : "it has no units";
	case FAULT_CRC:
		return can || port->protocol == FRAME_HTTP ||
			(port->protocol == FRAME_MODBUS && port->header)
		    ? "it has no sum to be wrong"
		    : NULL;
	case FAULT_DELAY:
		return port->form == PORT_LOG ? "a log has its own times"
					      : NULL;
	default:
		return NULL;
	}
}

int
faults_check(const struct faults *faults, const struct sim *sim,
    const struct port *port, struct failure *why)
{
	for (size_t i = 0; i < faults->count; i++) {
		const struct fault *fault = &faults->item[i];
		const char *no = impossible(fault->kind, port);

		if (no != NULL && is_for(fault, sim))
			return failure_set(why, EXIT_WRONG,
			    "--fault: %s: %s: %s", sim->device.device,
			    names[fault->kind], no);
	}
	return 0;
}

/* Is it the turn of this answer? */
static bool
is_due(const struct fault *fault, const struct sim *sim)
{
	uint64_t answer = sim->answers;

	if (fault->percent > 0)
		return day_noise(sim->model.key, NOISE_DUE, (int64_t)answer) <
		    fault->percent / 100.0;
	if (fault->every > 0)
		return answer % fault->every == 0;
	return answer >= fault->first && answer <= fault->last;
}

/* Keep the answer back; what is late already waits with it. */
static void
delay(const struct fault *fault, const struct sim *sim, struct client *client,
    size_t from)
{
	int64_t late_ms = fault->delay_ms > 0
	    ? fault->delay_ms
	    : sim->device.timeout_ms + sim->device.timeout_ms / 2;

	buf_put(
	    &client->late, client->out.data + from, client->out.size - from);
	client->late_ms = clock_monotonic_ms() + late_ms;
	client->out.size = from;
}

/* Another unit's, and whole: only who looks at the unit can tell. */
static void
change_unit(const struct port *port, uint8_t *answer, size_t size)
{
	uint16_t sum;

	if (port->header) {
		answer[MBAP_UNIT] ^= 1;
		return;
	}
	answer[0] ^= 1;
	sum = modbus_crc(answer, size - 2);
	answer[size - 2] = (uint8_t)(sum & 0xff);
	answer[size - 1] = (uint8_t)(sum >> 8);
}

static void
put_garbage(const struct sim *sim, struct client *client, size_t from)
{
	struct buf *out = &client->out;
	char noise[GARBAGE_MAX];
	size_t size = out->size - from;

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)(256 *
		    day_noise(sim->model.key, NOISE_GARBAGE + i,
			(int64_t)sim->answers));
	buf_put(out, noise, sizeof(noise));
	memmove(out->data + from + sizeof(noise), out->data + from, size);
	memcpy(out->data + from, noise, sizeof(noise));
}

/* Closing must not send what is left, but say that it is lost. */
static void
make_reset(struct client *client)
{
	const struct linger none = { 1, 0 };

	setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	buf_clear(&client->out);
}

static bool
spoil(const struct fault *fault, struct sim *sim, const struct port *port,
    struct client *client, size_t from)
{
	struct buf *out = &client->out;
	size_t size = out->size - from;

	switch (fault->kind) {
	case FAULT_DELAY:
		delay(fault, sim, client, from);
		break;
	case FAULT_DROP:
		out->size = from;
		break;
	case FAULT_UNIT:
		change_unit(port, (uint8_t *)out->data + from, size);
		break;
	case FAULT_CRC:
		out->data[from + size / 2] ^= 1;
		break;
	case FAULT_HALF:
		out->size = from + size / 2;
		break;
	case FAULT_RESET:
		make_reset(client);
		return false;
	default:
		put_garbage(sim, client, from);
		break;
	}
	return true;
}

bool
fault_answer(const struct faults *faults, struct sim *sim,
    const struct port *port, struct client *client, size_t from)
{
	if (client->out.size <= from || faults->count == 0)
		return true;
	sim->answers++;
	for (size_t i = 0; i < faults->count; i++) {
		const struct fault *fault = &faults->item[i];

		if (is_for(fault, sim) && is_due(fault, sim))
			return spoil(fault, sim, port, client, from);
	}
	return true;
}
