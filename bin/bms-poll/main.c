/*
 * bms-poll: asks or hears the devices of a list and prints what each one
 * said as a frame line, once or at regular times. It reads the list, the
 * profiles and the device nodes, connects to the listed hosts, and never
 * writes to a device.
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
#include "base/box.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "devices.h"
#include "wire/poller.h"

#define EVERY_MIN_MS 100
#define EVERY_MAX_MS (INT64_C(24) * 3600 * 1000)
#define BOX_PATHS_MAX 64

static const char synopsis[] =
    "usage: bms-poll [-e DURATION] [--log-start TIME] [--require-box]\n"
    "       [--share DIR] -d FILE\n";

struct job {
	const char *devices_path;
	const char *profile_dir;
	const char *boot;
	int64_t every_ms, log_start_ms;
	bool require_box;
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

/* The directory that holds a file. */
static const char *
directory_of(struct arena *arena, const char *path)
{
	char *real = realpath(path, NULL);
	const char *text = real != NULL ? real : path;
	char *copy = arena_text(arena, text, strlen(text));

	free(real);
	return dirname(copy);
}

/* Has one of the paths this right already? */
static bool
is_open(const struct box_path *paths, size_t count, const char *path,
    enum box_right right)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(paths[i].path, path) == 0 &&
		    (paths[i].right == BOX_WRITE || right == BOX_READ))
			return true;
	return false;
}

/*
 * The directories of device nodes, logs and the list stay open to us, not
 * only the files: adapters are unplugged, lists are replaced by rename.
 */
static size_t
device_paths(const struct devices *devices, struct arena *arena,
    struct box_path *paths, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; i < devices->count && count < room; i++) {
		const struct device *device = &devices->item[i];
		enum box_right right =
		    device->link == LINK_CANDUMP ? BOX_READ : BOX_WRITE;
		const char *path;

		if (device->host[0] != '/')
			continue;
		path = directory_of(arena, device->host);
		if (!is_open(paths, count, path, right))
			paths[count++] = (struct box_path){ path, right };
	}
	return count;
}

/* From here on: only the devices, the list, the profiles, and what looks
 * up names. */
static void
enter_box(const struct job *job, const struct devices *devices)
{
	/* What names are looked up with, and may be replaced as we run. */
	static const char *const lookup[] = { "/usr/lib", "/lib",
		"/etc/ld.so.cache", "/run/systemd/resolve", "/run/resolvconf",
		"/run/NetworkManager" };
	struct box_path paths[BOX_PATHS_MAX];
	struct arena arena = { 0 };
	struct failure why;
	size_t count = 0;

	paths[count++] = (struct box_path){ job->profile_dir, BOX_READ };
	if (strcmp(job->devices_path, "-") != 0)
		paths[count++] =
		    (struct box_path){ directory_of(&arena, job->devices_path),
			    BOX_READ };
	for (size_t i = 0; i < sizeof(lookup) / sizeof(*lookup); i++)
		paths[count++] = (struct box_path){ lookup[i], BOX_READ };
	count +=
	    device_paths(devices, &arena, paths + count, BOX_PATHS_MAX - count);
	if (box_enter(paths, count, BOX_NET_CLIENT | BOX_THREADS,
		job->require_box, NULL, 0, &why) < 0)
		die_failure(&why);
	arena_free(&arena);
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

	poller_close(job->poller);
	if (io_writer_close(&job->out) < 0) {
		if (errno == EPIPE)
			return EXIT_OK;
		die_output();
	}
	return failed && !staying ? EXIT_REFUSED : EXIT_OK;
}

enum { OPT_SHARE = 256, OPT_BOX, OPT_START, OPT_VERSION };

static void
options(struct job *job, int argc, char **argv)
{
	static const struct option table[] = { { "devices", required_argument,
						   NULL, 'd' },
		{ "every", required_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' },
		{ "log-start", required_argument, NULL, OPT_START },
		{ "require-box", no_argument, NULL, OPT_BOX },
		{ "share", required_argument, NULL, OPT_SHARE },
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
		else if (c == OPT_VERSION)
			arg_version();
		else
			arg_usage(synopsis, c == 'h');
	}
	if (optind != argc || job->devices_path == NULL)
		arg_usage(synopsis, false);
	snprintf(profiles, sizeof(profiles), "%s/profiles", arg_share(share));
	job->profile_dir = profiles;
}

int
main(int argc, char **argv)
{
	struct job job = { .log_start_ms = clock_now_ms() };
	struct sigaction action = { .sa_handler = ask_reread };
	struct poller_options polling = {
		.frame = take_frame, .say = say, .context = &job
	};
	struct devices devices;
	struct failure why;

	err_name_set("bms-poll");
	options(&job, argc, argv);
	io_stop_on_signals();
	sigaction(SIGHUP, &action, NULL);
	raise_limit();
	io_writer_open(&job.out, STDOUT_FILENO, "standard output");
	polling.profile_dir = job.profile_dir;
	polling.boot = boot_id();
	polling.every_ms = job.every_ms;
	polling.log_start_ms = job.log_start_ms;
	job.poller = poller_open(&polling, &why);
	if (job.poller == NULL || load_devices(&job, &devices, &why) < 0)
		die_failure(&why);
	enter_box(&job, &devices);
	devices_free(&devices);
	run(&job);
	return finish(&job);
}
