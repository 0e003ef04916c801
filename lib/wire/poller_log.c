/*
 * CAN logs, from a file or a pipe: all goes by the clock of their lines, so
 * that the same log gives the same frames. With an interval to stay for, a
 * file is followed as it grows, also when another takes its place.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "wire/candump.h"
#include "wire/poller_parts.h"

#define READ_SIZE ((size_t)64 << 10)
#define LOOK_AGAIN_MS 250
/* Stamps before 1973 are seconds since the log began. */
#define RELATIVE_MAX_MS INT64_C(100000000000)

static void
log_finish(struct target *target)
{
	if (node_is(target)) {
		thingset_keep_since(target, target->began_ms);
		target->frame.complete = target->error[0] == '\0';
		target_finish(target, target->frame.time_ms, false,
		    target->error[0] == '\0' ? NULL : target->error);
		return;
	}
	target->frame.complete = heard_whole(target);
	target_finish(target, target->frame.time_ms, false, NULL);
}

/* May a window begin at this time of the log? One in each interval. */
static bool
log_slot(struct target *target, int64_t time_ms)
{
	int64_t slot =
	    target->interval_ms > 0 ? time_ms / target->interval_ms : time_ms;

	if (target->asked && target->interval_ms > 0 && slot == target->slot)
		return false;
	target->slot = slot;
	return true;
}

/* Is it from the interface that the device is on? */
static bool
on_its_bus(const struct target *target, const struct candump *message)
{
	const char *interface = target->device.interface;
	size_t size = message->interface_size;

	return interface[0] == '\0' ||
	    (strlen(interface) == size &&
		memcmp(interface, message->interface, size) == 0);
}

/* A message for one device; a time that steps back begins a new window. */
static void
log_take(struct target *target, const struct candump *message)
{
	const struct frame_can *can = &message->can;
	int64_t time_ms = message->time_ms;
	bool node = node_is(target);
	int64_t key = -1;

	if (target->busy &&
	    (time_ms < target->began_ms ||
		time_ms >= target->began_ms + heard_cycle(target)))
		log_finish(target);
	if (on_its_bus(target, message) && node)
		key = node_hear(target, can, time_ms) ? 0 : -1;
	else if (on_its_bus(target, message))
		key = heard_key(target, can);
	if (key < 0)
		return;
	target->heard_ms = clock_monotonic_ms();
	if (!target->busy) {
		if (!log_slot(target, time_ms))
			return;
		target_begin(target, time_ms);
	}
	target->frame.time_ms = time_ms;
	if (!node)
		heard_keep(target, can, key);
	else if (things_whole(
		     &target->things, thingset_of(target), target->began_ms))
		log_finish(target);
}

void
log_slot_over(struct target *target, int64_t wall_ms)
{
	int64_t silent_for = clock_monotonic_ms() - target->heard_ms;
	int64_t most = heard_cycle(target);
	char error[64];

	if (most < target->interval_ms)
		most = target->interval_ms;
	if (target->heard_ms == 0)
		target->heard_ms = clock_monotonic_ms();
	else if (target->busy &&
	    silent_for >= heard_cycle(target) + target->device.timeout_ms)
		log_finish(target); /* no newer message will close it */
	else if (!target->busy &&
	    silent_for >= most + target->device.timeout_ms) {
		snprintf(error, sizeof(error), "no message of it for %.1f s",
		    (double)silent_for / 1000);
		target_begin(target, wall_ms);
		target_finish(target, wall_ms, true, error);
	}
}

/* An error frame of the bus that the log is of. */
static void
log_error(struct endpoint *endpoint, const struct candump *message)
{
	const struct frame_can *can = &message->can;
	enum can_health health;

	if (!can_trouble(can->id, can->data, can->size, &health))
		return;
	for (size_t i = 0; i < endpoint->count; i++)
		if (on_its_bus(endpoint->members[i], message))
			endpoint->members[i]->bus_errors++;
}

/* Make the line's stamp a time; nothing that carries a stamp is left out of
 * differences. */
static void
log_stamp(struct endpoint *endpoint, struct candump *message)
{
	if (!message->timed)
		message->time_ms = message->time_us = 0;
	if (endpoint->way.delta) {
		endpoint->delta_us +=
		    message->time_ms * 1000 + message->time_us;
		/* what adds up to no time begins anew */
		if (endpoint->delta_us / 1000 > CLOCK_MAX_MS)
			endpoint->delta_us = 0;
		message->time_ms = endpoint->delta_us / 1000;
	}
	if (message->time_ms < RELATIVE_MAX_MS)
		message->time_ms += endpoint->poller->options.log_start_ms;
}

static void
log_line(struct endpoint *endpoint, const char *line, size_t size)
{
	uint8_t data[FRAME_CAN_MAX];
	struct candump message;
	enum candump_result result = candump_parse(line, size, &message, data);

	endpoint->line++;
	if (result == CANDUMP_BAD) {
		poller_say(endpoint->poller, "%s:%llu: damaged CAN message",
		    endpoint->way.host, (unsigned long long)endpoint->line);
		endpoint->poller->failures++;
		return;
	}
	log_stamp(endpoint, &message);
	if (result == CANDUMP_ERROR)
		log_error(endpoint, &message);
	if (result != CANDUMP_DATA)
		return;
	endpoint->log_ms = message.time_ms;
	for (size_t i = 0; i < endpoint->count; i++)
		log_take(endpoint->members[i], &message);
}

static int
log_open(struct endpoint *endpoint)
{
	const char *path = endpoint->way.host;
	struct stat info;

	if (strcmp(path, "-") == 0)
		endpoint->fd = STDIN_FILENO;
	else
		endpoint->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (endpoint->fd < 0 || fstat(endpoint->fd, &info) < 0)
		return -1;
	endpoint->state = ENDPOINT_OPEN;
	endpoint->complained = endpoint->waiting = false;
	endpoint->line = 0;
	endpoint->delta_us = 0;
	endpoint->always = S_ISREG(info.st_mode);
	endpoint->follow = endpoint->always && endpoint->fd > STDIN_FILENO &&
	    endpoint->poller->options.every_ms > 0;
	if (!endpoint->always && endpoint_watch(endpoint, false) < 0)
		return -1;
	return 0;
}

/* The end: what is open is handed out, who was never heard has failed. */
static void
log_end(struct endpoint *endpoint, const char *error)
{
	int64_t now = endpoint->log_ms;

	endpoint_close(endpoint);
	endpoint->state = ENDPOINT_ENDED;
	if (now == 0)
		now = endpoint->poller->options.log_start_ms;
	for (size_t i = 0; i < endpoint->count; i++) {
		struct target *target = endpoint->members[i];

		if (target->busy && error == NULL) {
			log_finish(target);
		} else if (!target->asked || error != NULL) {
			target_begin(target, now);
			target_finish(target, now, false,
			    error != NULL ? error
					  : "no message of it in the log");
		}
	}
}

static void
log_split(struct endpoint *endpoint, bool ended)
{
	struct buf *in = &endpoint->in;
	size_t start = 0;
	char *found;

	while ((found = memchr(in->data + start, '\n', in->size - start)) !=
	    NULL) {
		size_t end = (size_t)(found - in->data);

		log_line(endpoint, in->data + start, end - start);
		start = end + 1;
	}
	buf_drop(in, start);
	if (in->size > 0 && (ended || in->size > READ_SIZE)) {
		log_line(endpoint, in->data, in->size);
		buf_clear(in);
	}
}

/* Look again in a moment. */
static void
log_wait(struct endpoint *endpoint)
{
	endpoint->always = false;
	endpoint->waiting = true;
	endpoint->quiet_ms = clock_monotonic_ms() + LOOK_AGAIN_MS;
}

/* Was the file cut, or has another one its name now? */
static bool
log_replaced(const struct endpoint *endpoint)
{
	struct stat named, here;

	return stat(endpoint->way.host, &named) == 0 &&
	    fstat(endpoint->fd, &here) == 0 &&
	    (named.st_ino != here.st_ino || named.st_dev != here.st_dev ||
		lseek(endpoint->fd, 0, SEEK_CUR) > here.st_size);
}

/* A log that does not grow closes the windows that are open. */
static void
log_pause(struct endpoint *endpoint)
{
	int64_t idle = clock_monotonic_ms() - endpoint->grown_ms;

	for (size_t i = 0; i < endpoint->count; i++) {
		struct target *target = endpoint->members[i];

		if (target->busy &&
		    idle > heard_cycle(target) + target->device.timeout_ms)
			log_finish(target);
	}
	if (log_replaced(endpoint))
		endpoint_close(endpoint);
	log_wait(endpoint);
}

/* It cannot be opened: the end, or what is told once of one to follow. */
static void
log_missing(struct endpoint *endpoint, const char *error)
{
	bool told = endpoint->complained;
	char text[512];

	endpoint->complained = true;
	if (endpoint->poller->options.every_ms == 0) {
		(void)snprintf(text, sizeof(text), "%.400s: %s",
		    endpoint->way.host, error);
		log_end(endpoint, text);
		return;
	}
	if (!told)
		poller_say(
		    endpoint->poller, "%s: %s", endpoint->way.host, error);
	log_wait(endpoint);
}

static void
log_read(struct endpoint *endpoint)
{
	ssize_t got = read(
	    endpoint->fd, buf_reserve(&endpoint->in, READ_SIZE), READ_SIZE);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got == 0 && endpoint->follow) {
		log_pause(endpoint);
		return;
	}
	if (got > 0) {
		endpoint->in.size += (size_t)got;
		endpoint->grown_ms = clock_monotonic_ms();
		endpoint->always |= endpoint->follow;
		endpoint->waiting = false;
	}
	log_split(endpoint, got <= 0);
	if (got <= 0)
		log_end(endpoint, got < 0 ? strerror(errno) : NULL);
}

void
log_event(struct endpoint *endpoint)
{
	if (endpoint->state == ENDPOINT_OPEN)
		log_read(endpoint);
	else if (endpoint->state == ENDPOINT_CLOSED && log_open(endpoint) < 0)
		log_missing(endpoint, strerror(errno));
}

int64_t
log_time(struct endpoint *endpoint, int64_t now_ms)
{
	bool due = endpoint->waiting ? endpoint->quiet_ms <= now_ms
				     : endpoint->state == ENDPOINT_CLOSED;

	if (due)
		log_event(endpoint);
	return endpoint->waiting ? endpoint->quiet_ms : INT64_MAX;
}
