/*
 * bms-poll: asks or hears the devices of a list and prints what each one
 * said as a frame line, once or at regular times. It reads the list, the
 * profiles and the device nodes, connects to the listed hosts, and never
 * writes to a device. What it writes is one file: how the devices stand.
 */
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arg.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "devices.h"
#include "probe.h"
#include "rights.h"
#include "state.h"
#include "status.h"
#include "things.h"
#include "wire/poller.h"

#define EVERY_MIN_MS 100
#define EVERY_MAX_MS DAY_MS

static const char synopsis[] =
    "usage: bms-poll [-e DURATION] [--log-start TIME] [--require-box]\n"
    "       [--share DIR] [--state FILE] -d FILE\n"
    "       bms-poll --status [--json] [--root DIR] [--state FILE]\n"
    "       bms-poll probe [OPTION] ... ADDRESS\n";

struct job {
	const char *devices_path;
	const char *root;
	const char *profile_dir;
	const char *boot;
	int64_t every_ms, log_start_ms;
	bool require_box, status, json;
	struct state state;
	struct io_writer out;
	struct poller *poller;
};

static volatile sig_atomic_t reread_asked;

static void
ask_reread(int signal_number)
{
	(void)signal_number;
	reread_asked = 1;
}

static void
take_frame(void *context, const struct frame *frame)
{
	struct job *job = context;

	frame_print(frame, &job->out.buf);
	io_writer_check(&job->out);
}

static void
recall(void *context, const struct device *device, struct standing *standing)
{
	struct job *job = context;

	state_recall(&job->state, device, standing);
}

static void
say(void *context, const char *text)
{
	(void)context;
	warn("%s", text);
}

/* The boot that monotonic times belong to, "" where the system tells none. */
static const char *
boot_id(void)
{
	static char text[40];
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (file == NULL)
		return "";
	if (fgets(text, sizeof(text), file) == NULL)
		text[0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	fclose(file);
	return text;
}

/*
 * Put the list in service; on a failure all stays as it was. The caller
 * frees the list if it is good.
 */
static int
load_devices(struct job *job, struct devices *devices, struct failure *why)
{
	size_t at = 0;

	if (devices_read(job->devices_path, devices, why) < 0)
		return -1;
	if (poller_devices(
		job->poller, devices->item, devices->count, &at, why) == 0)
		return 0;
	failure_prefix(why, "%s:%zu", job->devices_path, devices->line[at]);
	devices_free(devices);
	return -1;
}

/* As many connections as the system lets us have. */
static void
raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void
reread(struct job *job)
{
	struct devices devices;
	struct failure why;

	reread_asked = 0;
	if (strcmp(job->devices_path, "-") == 0)
		warn("the devices came from standard input: cannot read "
		     "them again");
	else if (load_devices(job, &devices, &why) < 0)
		warn("%s; the devices stay as they were", why.message);
	else
		devices_free(&devices);
}

/* Poll until all is done or a signal says stop. A signal that comes between
 * the look at its flag and the waiting must end the waiting: they are held
 * back in between. */
static void
run(struct job *job)
{
	struct failure why;
	sigset_t held, usual;
	int status = 1;

	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGHUP);
	while (status > 0 && io_writer_flush(&job->out) == 0) {
		state_keep(&job->state, job->poller);
		sigprocmask(SIG_BLOCK, &held, &usual);
		if (reread_asked)
			reread(job);
		status =
		    io_stopping() ? 0 : poller_step(job->poller, &usual, &why);
		sigprocmask(SIG_SETMASK, &usual, NULL);
	}
	if (status < 0)
		die_failure(&why);
}

/* The status: a reader that has gone is no fault of ours. */
static int
finish(struct job *job)
{
	bool staying = job->every_ms > 0;
	bool failed = poller_failures(job->poller) > 0;
	struct failure why;
	int kept = 0;

	if (job->state.path != NULL) {
		kept = state_save(&job->state, job->poller, &why);
		state_close(&job->state);
	}
	poller_close(job->poller);
	if (io_writer_close(&job->out) < 0) {
		if (errno == EPIPE)
			return EXIT_OK;
		die_output();
	}
	if (kept < 0)
		die_failure(&why);
	return failed && !staying ? EXIT_REFUSED : EXIT_OK;
}

enum {
	OPT_SHARE = 256,
	OPT_BOX,
	OPT_START,
	OPT_STATE,
	OPT_STATUS,
	OPT_JSON,
	OPT_ROOT,
	OPT_VERSION
};

static void
options(struct job *job, int argc, char **argv)
{
	static const struct option table[] = { { "devices", required_argument,
						   NULL, 'd' },
		{ "every", required_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, OPT_JSON },
		{ "log-start", required_argument, NULL, OPT_START },
		{ "require-box", no_argument, NULL, OPT_BOX },
		{ "root", required_argument, NULL, OPT_ROOT },
		{ "share", required_argument, NULL, OPT_SHARE },
		{ "state", required_argument, NULL, OPT_STATE },
		{ "status", no_argument, NULL, OPT_STATUS },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ NULL, 0, NULL, 0 } };
	const char *share = NULL;
	static char profiles[4096];
	int c;

	while ((c = getopt_long(argc, argv, "d:e:h", table, NULL)) != -1) {
		if (c == 'd')
			job->devices_path = optarg;
		else if (c == 'e')
			job->every_ms = arg_duration_ms(
			    "--every", optarg, EVERY_MIN_MS, EVERY_MAX_MS);
		else if (c == OPT_START)
			job->log_start_ms = arg_time_ms("--log-start", optarg);
		else if (c == OPT_BOX)
			job->require_box = true;
		else if (c == OPT_SHARE)
			share = optarg;
		else if (c == OPT_STATE)
			job->state.path = optarg;
		else if (c == OPT_ROOT)
			job->root = optarg;
		else if (c == OPT_STATUS)
			job->status = true;
		else if (c == OPT_JSON)
			job->json = true;
		else if (c == OPT_VERSION)
			arg_version();
		else
			arg_usage(synopsis, c == 'h');
	}
	if (optind != argc || job->status == (job->devices_path != NULL) ||
	    (!job->status && (job->json || job->root != NULL)))
		arg_usage(synopsis, false);
	snprintf(profiles, sizeof(profiles), "%s/profiles", arg_share(share));
	job->profile_dir = profiles;
}

static int
show_status(const struct job *job)
{
	char path[4096];

	if (job->state.path != NULL)
		return status_print(job->state.path, job->json);
	snprintf(
	    path, sizeof(path), "%s/poll/state.ndjson", arg_root(job->root));
	return status_print(path, job->json);
}

/* The state of earlier runs; a damaged one is no reason not to poll. */
static void
open_state(struct job *job)
{
	const char *path = job->state.path;
	struct arena arena = { 0 };
	struct failure why;

	if (path == NULL)
		return;
	if (io_mkdirs(dirname(arena_text(&arena, path, strlen(path))), 0755,
		&why) < 0)
		die_failure(&why);
	if (state_open(&job->state, path, &why) < 0)
		warn("%s; all devices are asked", why.message);
	arena_free(&arena);
}

int
main(int argc, char **argv)
{
	struct job job = { .log_start_ms = clock_now_ms() };
	struct sigaction action = { .sa_handler = ask_reread };
	struct poller_options polling = { .frame = take_frame,
		.say = say,
		.recall = recall,
		.context = &job };
	struct devices devices;
	struct failure why;

	if (things_asked(argc, argv))
		return things_main(argc - 1, argv + 1);
	err_name_set("bms-poll");
	if (argc > 1 && strcmp(argv[1], "probe") == 0)
		return probe_main(argc - 1, argv + 1);
	options(&job, argc, argv);
	if (job.status)
		return show_status(&job);
	io_stop_on_signals();
	sigaction(SIGHUP, &action, NULL);
	raise_limit();
	io_writer_open(&job.out, STDOUT_FILENO, "standard output");
	polling.profile_dir = job.profile_dir;
	polling.boot = boot_id();
	polling.every_ms = job.every_ms;
	polling.log_start_ms = job.log_start_ms;
	open_state(&job);
	job.poller = poller_open(&polling, &why);
	if (job.poller == NULL || load_devices(&job, &devices, &why) < 0)
		die_failure(&why);
	rights_give_up(&(struct rights){ job.profile_dir, job.devices_path,
			   job.state.path, job.require_box },
	    &devices);
	devices_free(&devices);
	run(&job);
	return finish(&job);
}
