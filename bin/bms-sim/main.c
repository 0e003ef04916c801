/*
 * bms-sim: be devices of given profiles. It reads device lines and
 * profiles, and serves what they describe on loopback sockets, pseudo
 * terminals and logs, or prints the frames that a poller would have made of
 * it. It encodes with the tables that bms-normalize decodes with. It may
 * listen and write; it connects to nothing.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arg.h"
#include "base/box.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "serve.h"

#define EVERY_DEFAULT_MS 60000

static const char synopsis[] =
    "usage: bms-sim [--address ADDRESS | --link PATH] [--at TIME]\n"
    "       [--capacity AH] [--cells N] [--device NAME] [--every DURATION]\n"
    "       [--fault [DEVICE=]KIND[:DURATION][@WHEN]] [--frames] [--from "
    "TIME]\n"
    "       [--noon HOUR] [--scenario [DEVICE=]NAME[@FROM..TO]] [--seed N]\n"
    "       [--share DIR] [--temperatures N] [--tenant SLUG] [--to TIME]\n"
    "       [--unit N] --devices FILE | --profile NAME\n";

struct call {
	struct fleet fleet;
	const char *devices, *profile, *address, *link;
	const char *share;
	struct device device; /* of --profile */
	int64_t at_ms, from_ms, to_ms, every_ms;
	bool frames;
};

/* The one device that --profile and its fellows describe. */
static int
add_single(struct call *call, struct failure *why)
{
	struct device *device = &call->device;
	struct buf line = { 0 };
	struct profile *profile;
	bool can;
	int result;

	profile =
	    profile_open(call->fleet.options.profile_dir, call->profile, why);
	if (profile == NULL)
		return -1;
	can = profile_protocol(profile) == FRAME_CAN;
	profile_free(profile);
	device->profile = call->profile;
	device->address = call->address != NULL ? call->address
	    : can                               ? "slcan:///"
						: "serial:///";
	/* through its own parser, so that all is checked as in a file */
	device_print(device, &line);
	result = device_parse(
	    line.data, line.size - 1, &call->fleet.texts, device, why);
	buf_free(&line);
	if (result != 0) {
		why->status = EXIT_WRONG;
		return -1;
	}
	if (call->address == NULL) {
		device->address = "";
		device->host = call->link != NULL ? call->link : "";
	}
	return fleet_add(&call->fleet, device, why);
}

/* Time by time, and each time device by device, as a poller would. */
static int
print_frames(struct call *call, struct failure *why)
{
	struct io_writer out;
	struct frame frame;
	int result = 0;

	io_writer_open(&out, STDOUT_FILENO, "standard output");
	for (int64_t t = call->from_ms;
	     t < call->to_ms && result == 0 && out.error == 0 && !io_stopping();
	     t += call->every_ms)
		for (size_t i = 0; i < call->fleet.count; i++) {
			result = fleet_frame(
			    &call->fleet, &call->fleet.sim[i], t, &frame, why);
			if (result != 0)
				break;
			frame_print(&frame, &out.buf);
			io_writer_check(&out);
		}
	if (io_writer_close(&out) != 0 && result == 0)
		die_output();
	return result;
}

/* After all is open: no files but the links that are removed at the end. */
static void
give_up_rights(const struct server *server)
{
	struct box_path *paths = mem_zero(server->count + 1, sizeof(*paths));
	struct arena arena = { 0 };
	struct failure why;
	size_t count = 0;

	for (size_t i = 0; i < server->count; i++) {
		const char *link = server->port[i].link, *slash;

		if (link == NULL)
			continue;
		slash = strrchr(link, '/');
		paths[count++] = (struct box_path){ slash == NULL
			    ? "."
			    : arena_text(
				  &arena, link, (size_t)(slash - link) + 1),
			BOX_WRITE };
	}
	if (box_enter(paths, count, BOX_NET_SERVER, false, NULL, 0, &why) != 0)
		die_failure(&why);
	arena_free(&arena);
	free(paths);
}

static int
serve(struct call *call, struct failure *why)
{
	struct server server;
	int result;

	if (server_open(&server, &call->fleet, call->at_ms, why) != 0)
		return -1;
	give_up_rights(&server);
	server_announce(&server);
	result = server_run(&server, why);
	server_close(&server);
	return result;
}

enum {
	ADDRESS = 256,
	AT,
	CAPACITY,
	CELLS,
	DEVICE,
	DEVICES,
	EVERY,
	FAULT,
	FRAMES,
	FROM,
	LINK,
	NOON,
	PROFILE,
	SCENARIO,
	SEED,
	SHARE,
	TEMPERATURES,
	TENANT,
	TO,
	UNIT,
	VERSION
};

/* Options of the simulation itself; false where it is none. */
static bool
set_model(struct call *call, int option, char *value)
{
	struct fleet_options *options = &call->fleet.options;
	struct failure why;

	switch (option) {
	case AT:
		call->at_ms = arg_time_ms("--at", value);
		return true;
	case CAPACITY:
		options->capacity_ah =
		    (double)arg_integer("--capacity", value, 1, 100000);
		return true;
	case CELLS:
		options->cells =
		    (unsigned)arg_integer("--cells", value, 1, MODEL_CELLS_MAX);
		return true;
	case FAULT:
		if (faults_add(&call->fleet.faults, value, &why) != 0)
			die_failure(&why);
		return true;
	case NOON:
		options->noon_ms =
		    arg_integer("--noon", value, 0, 23) * HOUR_MS;
		return true;
	case SCENARIO:
		if (schedule_add(&call->fleet.schedule, value, &why) != 0)
			die_failure(&why);
		return true;
	case SEED:
		options->seed =
		    (uint64_t)arg_integer("--seed", value, 0, INT64_MAX);
		return true;
	case TEMPERATURES:
		options->temperatures = (unsigned)arg_integer(
		    "--temperatures", value, 0, MODEL_TEMPERATURES_MAX);
		return true;
	default:
		return false;
	}
}

static bool
set_device(struct call *call, int option, const char *value)
{
	switch (option) {
	case ADDRESS:
		call->address = value;
		return true;
	case DEVICE:
		call->device.device = value;
		return true;
	case DEVICES:
		call->devices = value;
		return true;
	case LINK:
		call->link = value;
		return true;
	case PROFILE:
		call->profile = value;
		return true;
	case TENANT:
		call->device.tenant = value;
		return true;
	case UNIT:
		call->device.unit =
		    (uint8_t)arg_integer("--unit", value, 0, 255);
		return true;
	default:
		return false;
	}
}

static void
set_frames(struct call *call, int option, const char *value)
{
	switch (option) {
	case EVERY:
		call->every_ms = arg_duration_ms(
		    "--every", value, 1, INT64_C(366) * 24 * HOUR_MS);
		break;
	case FRAMES:
		call->frames = true;
		break;
	case FROM:
		call->from_ms = arg_time_ms("--from", value);
		break;
	case TO:
		call->to_ms = arg_time_ms("--to", value);
		break;
	case SHARE:
		call->share = value;
		break;
	case 'h':
		arg_usage(synopsis, true);
	case VERSION:
		arg_version();
	default:
		arg_usage(synopsis, false);
	}
}

static void
read_options(struct call *call, int argc, char **argv)
{
	static const struct option names[] = {
		{ "address", required_argument, NULL, ADDRESS },
		{ "at", required_argument, NULL, AT },
		{ "capacity", required_argument, NULL, CAPACITY },
		{ "cells", required_argument, NULL, CELLS },
		{ "device", required_argument, NULL, DEVICE },
		{ "devices", required_argument, NULL, DEVICES },
		{ "every", required_argument, NULL, EVERY },
		{ "fault", required_argument, NULL, FAULT },
		{ "frames", no_argument, NULL, FRAMES },
		{ "from", required_argument, NULL, FROM },
		{ "help", no_argument, NULL, 'h' },
		{ "link", required_argument, NULL, LINK },
		{ "noon", required_argument, NULL, NOON },
		{ "profile", required_argument, NULL, PROFILE },
		{ "scenario", required_argument, NULL, SCENARIO },
		{ "seed", required_argument, NULL, SEED },
		{ "share", required_argument, NULL, SHARE },
		{ "temperatures", required_argument, NULL, TEMPERATURES },
		{ "tenant", required_argument, NULL, TENANT },
		{ "to", required_argument, NULL, TO },
		{ "unit", required_argument, NULL, UNIT },
		{ "version", no_argument, NULL, VERSION }, { NULL, 0, NULL, 0 }
	};
	int option;

	while ((option = getopt_long(argc, argv, "h", names, NULL)) != -1)
		if (!set_model(call, option, optarg) &&
		    !set_device(call, option, optarg))
			set_frames(call, option, optarg);
	if (optind < argc || (call->devices == NULL) == (call->profile == NULL))
		arg_usage(synopsis, false);
}

static void
check_options(struct call *call)
{
	if (call->address != NULL && call->link != NULL)
		die(EXIT_WRONG, "give either --address or --link");
	if (!call->frames && (call->from_ms >= 0 || call->to_ms >= 0))
		die(EXIT_WRONG, "--from and --to go with --frames");
	if (call->frames && call->fleet.faults.count > 0)
		die(EXIT_WRONG, "--fault is for what is served");
	if (call->frames && call->from_ms < 0)
		die(EXIT_WRONG, "--frames needs --from");
	if (call->to_ms < 0)
		call->to_ms = clock_now_ms();
}

static int
load(struct call *call, struct failure *why)
{
	struct buf dir = { 0 };
	int result;

	buf_print(&dir, "%s/profiles", arg_share(call->share));
	call->fleet.options.profile_dir = dir.data;
	result = call->devices != NULL
	    ? fleet_load(&call->fleet, call->devices, why)
	    : add_single(call, why);
	buf_free(&dir);
	return result;
}

int
main(int argc, char **argv)
{
	struct call call = { .fleet.options = { .cells = 16,
				 .temperatures = 4,
				 .capacity_ah = 100,
				 .noon_ms = 12 * HOUR_MS },
		.device = { .tenant = "sim",
		    .device = "sim-1",
		    .battery = "",
		    .unit = 1,
		    .timeout_ms = 1000 },
		.at_ms = -1,
		.from_ms = -1,
		.to_ms = -1,
		.every_ms = EVERY_DEFAULT_MS };
	struct failure why;
	int result;

	err_name_set("bms-sim");
	read_options(&call, argc, argv);
	check_options(&call);
	io_stop_on_signals();
	if (load(&call, &why) != 0)
		die_failure(&why);
	result = call.frames ? print_frames(&call, &why) : serve(&call, &why);
	fleet_free(&call.fleet);
	if (result != 0)
		die_failure(&why);
	return EXIT_OK;
}
