#include "devices.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "record/line.h"

/* The line of the same device that stands there already, or NULL. */
static struct device *
find(struct devices *devices, const struct device *device)
{
	for (size_t i = 0; i < devices->count; i++)
		if (strcmp(devices->item[i].device, device->device) == 0 &&
		    strcmp(devices->item[i].tenant, device->tenant) == 0)
			return &devices->item[i];
	return NULL;
}

/* Is `a` in force rather than `b`: the newest that has begun? */
static bool
newer(const struct device *a, const struct device *b, int64_t now_ms)
{
	if ((a->valid_from_ms <= now_ms) != (b->valid_from_ms <= now_ms))
		return a->valid_from_ms <= now_ms;
	return a->valid_from_ms > b->valid_from_ms;
}

static void
put(struct devices *devices, const struct device *device, size_t line)
{
	struct device *there = find(devices, device);
	size_t at = devices->count;

	if (there != NULL && !newer(device, there, clock_now_ms()))
		return;
	if (there != NULL) {
		at = (size_t)(there - devices->item);
	} else {
		devices->count++;
		devices->item = mem_grow(
		    devices->item, devices->count, sizeof(*devices->item));
		devices->line = mem_grow(
		    devices->line, devices->count, sizeof(*devices->line));
	}
	devices->item[at] = *device;
	devices->line[at] = line;
}

static int
record(struct devices *devices, char *line, size_t size, size_t number,
    struct failure *why)
{
	struct device device;

	if (size == 0)
		return 0;
	switch (line_kind(line, size)) {
	case LINE_DEVICE:
		break;
	case LINE_BAD:
		return failure_set(why, EXIT_WRONG, "no device line");
	default:
		return 0;
	}
	/* What is parsed may point into the line. */
	line = arena_text(&devices->texts, line, size);
	if (device_parse(line, size, &devices->texts, &device, why) < 0)
		return -1;
	put(devices, &device, number);
	return 0;
}

static int
read_all(struct io_reader *reader, struct devices *devices, struct failure *why)
{
	enum io_result got;
	char *line;
	size_t size;

	while ((got = io_reader_next(reader, &line, &size)) != IO_END) {
		if (got == IO_ERROR || got == IO_STOP)
			return failure_set(
			    why, io_read_status(), "%s:", reader->name);
		if (got == IO_LONG)
			return failure_set(why, EXIT_WRONG,
			    "%s:%llu: line too long", reader->name,
			    (unsigned long long)reader->line);
		if (record(devices, line, size, reader->line, why) < 0) {
			why->status = EXIT_WRONG;
			return failure_prefix(why, "%s:%llu", reader->name,
			    (unsigned long long)reader->line);
		}
	}
	for (size_t i = 0; i < devices->count; i++)
		if (reader->fd == STDIN_FILENO &&
		    strcmp(devices->item[i].host, "-") == 0)
			return failure_set(why, EXIT_WRONG,
			    "%s:%zu: a log and the list cannot both be "
			    "standard input",
			    reader->name, devices->line[i]);
	if (devices->count == 0)
		return failure_set(
		    why, EXIT_WRONG, "%s: no device in it", reader->name);
	return 0;
}

int
devices_read(const char *path, struct devices *devices, struct failure *why)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct io_reader reader;
	int status;

	memset(devices, 0, sizeof(*devices));
	if (fd < 0)
		return failure_set(why, EXIT_WRONG, "%s:", path);
	io_reader_open(&reader, fd, standard ? "standard input" : path);
	status = read_all(&reader, devices, why);
	io_reader_close(&reader);
	if (!standard)
		close(fd);
	if (status < 0)
		devices_free(devices);
	return status;
}

void
devices_free(struct devices *devices)
{
	arena_free(&devices->texts);
	free(devices->item);
	free(devices->line);
	memset(devices, 0, sizeof(*devices));
}
