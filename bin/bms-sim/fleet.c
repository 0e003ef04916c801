/* The devices that are simulated. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "fleet.h"
#include "record/line.h"

static const struct profile *
profile_of(struct fleet *fleet, const char *name, struct failure *why)
{
	struct profile *profile;

	for (size_t i = 0; i < fleet->profile_count; i++)
		if (strcmp(profile_name(fleet->profiles[i]), name) == 0)
			return fleet->profiles[i];
	profile = profile_open(fleet->options.profile_dir, name, why);
	if (profile == NULL)
		return NULL;
	fleet->profiles = mem_grow(fleet->profiles, fleet->profile_count + 1,
	    sizeof(struct profile *));
	fleet->profiles[fleet->profile_count++] = profile;
	return profile;
}

/*
 * Some devices have a sensor at each cell, and count them together: with
 * fewer sensors they would tell fewer cells.
 */
static void
fit_sensors(struct fleet *fleet, struct sim *sim)
{
	const union reading_value *cells, *sensors;
	struct reading reading;
	struct frame frame;
	struct failure why;

	if (fleet_frame(fleet, sim, 0, &frame, &why) != 0 ||
	    *frame.error != '\0' ||
	    profile_decode(
		sim->profile, &frame, &fleet->scratch, &reading, &why) != 0 ||
	    !reading_has(&reading, MEASUREMENT_cell_voltages) ||
	    !reading_has(&reading, MEASUREMENT_temperatures))
		return;
	cells = &reading.value[MEASUREMENT_cell_voltages];
	sensors = &reading.value[MEASUREMENT_temperatures];
	if (cells->list.count < sim->model.cells &&
	    cells->list.count == sensors->list.count)
		sim->model.temperatures = sim->model.cells;
}

int
fleet_add(struct fleet *fleet, const struct device *device, struct failure *why)
{
	const struct profile *profile = profile_of(fleet, device->profile, why);
	struct buf name = { 0 };
	struct sim *sim;

	if (profile == NULL)
		return -1;
	fleet->sim =
	    mem_grow(fleet->sim, fleet->count + 1, sizeof(*fleet->sim));
	sim = &fleet->sim[fleet->count++];
	memset(sim, 0, sizeof(*sim));
	sim->device = *device;
	sim->profile = profile;
	buf_print(&name, "%s/%s", device->tenant, device->device);
	sim->model =
	    (struct model){ .key = model_key(fleet->options.seed, name.data),
		    .cells = fleet->options.cells,
		    .temperatures = fleet->options.temperatures,
		    .capacity_ah = fleet->options.capacity_ah,
		    .noon_ms = fleet->options.noon_ms };
	buf_free(&name);
	fit_sensors(fleet, sim);
	return 0;
}

static int
add_line(struct fleet *fleet, char *line, size_t size, struct failure *why)
{
	struct device device;

	if (size == 0 || line_kind(line, size) != LINE_DEVICE)
		return 0;
	if (device_parse(line, size, &fleet->texts, &device, why) != 0)
		return -1;
	return fleet_add(fleet, &device, why);
}

static int
add_lines(struct fleet *fleet, struct io_reader *reader, struct failure *why)
{
	char *line;
	size_t size;

	for (;;)
		switch (io_reader_next(reader, &line, &size)) {
		case IO_LINE:
		case IO_CUT:
			if (add_line(fleet, line, size, why) != 0) {
				why->status = EXIT_WRONG;
				return failure_prefix(why, "%s:%llu",
				    reader->name,
				    (unsigned long long)reader->line);
			}
			break;
		case IO_LONG:
			return failure_set(why, EXIT_WRONG,
			    "%s:%llu: the line is too long", reader->name,
			    (unsigned long long)reader->line);
		case IO_ERROR:
			return failure_set(
			    why, io_read_status(), "%s:", reader->name);
		default:
			return 0;
		}
}

int
fleet_load(struct fleet *fleet, const char *path, struct failure *why)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct io_reader reader;
	int result;

	if (fd < 0)
		return failure_set(why, EXIT_WRONG, "%s:", path);
	io_reader_open(&reader, fd, standard ? "standard input" : path);
	result = add_lines(fleet, &reader, why);
	io_reader_close(&reader);
	if (!standard)
		close(fd);
	if (result == 0 && fleet->count == 0)
		return failure_set(
		    why, EXIT_WRONG, "%s: no device lines", path);
	return result;
}

/* What bms-poll says of a device that does not answer. */
static void
be_silent(const struct sim *sim, int64_t time_ms, struct arena *arena,
    struct reading *reading)
{
	reading_clear(reading);
	reading->kind = READING_STATUS;
	reading->time_ms = time_ms;
	reading->error = arena_print(arena, "timeout after %lld.%lld s",
	    (long long)(sim->device.timeout_ms / 1000),
	    (long long)(sim->device.timeout_ms % 1000 / 100));
}

int
fleet_frame(struct fleet *fleet, struct sim *sim, int64_t time_ms,
    struct frame *frame, struct failure *why)
{
	struct scenario_now now =
	    schedule_at(&fleet->schedule, sim->device.device, time_ms);
	struct reading reading;

	arena_reset(&fleet->scratch);
	if (now.scenario == SCENARIO_SILENCE)
		be_silent(sim, time_ms, &fleet->scratch, &reading);
	else
		model_reading(
		    &sim->model, &now, time_ms, &fleet->scratch, &reading);
	reading.tenant = sim->device.tenant;
	reading.device = sim->device.device;
	reading.profile = sim->device.profile;
	if (profile_encode(
		sim->profile, &reading, &fleet->scratch, frame, why) != 0)
		return failure_prefix(why, "%s", sim->device.device);
	return 0;
}

void
fleet_free(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->count; i++) {
		model_free(&fleet->sim[i].model);
		buf_free(&fleet->sim[i].coming.message);
		buf_free(&fleet->sim[i].sending.message);
	}
	for (size_t i = 0; i < fleet->profile_count; i++)
		profile_free(fleet->profiles[i]);
	free(fleet->sim);
	free(fleet->profiles);
	schedule_free(&fleet->schedule);
	faults_free(&fleet->faults);
	arena_free(&fleet->texts);
	arena_free(&fleet->scratch);
}
