/*
 * run-job: runs one command under a lock, with a time limit and retries, and
 * records when it ran and how it ended. The command's standard error goes
 * through us, for its last lines; its standard output does not. A boxed child
 * writes the record; without core.db the command runs all the same.
 */
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/arg.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "job.h"

#define PAUSE_MAX_MS 60000

static const char synopsis[] =
    "usage: run-job [-hsV] [-a count] [-l name] [-r count] [-R dir]"
    " [-t duration]\n"
    "               name -- command [arg ...]\n";

static int
take_lock(struct job *job)
{
	struct buf path = { 0 };
	struct failure why;
	int fd;

	buf_print(&path, "%s/run", job->root);
	if (io_mkdirs(path.data, 0700, &why) != 0)
		die_failure(&why);
	buf_print(&path, "/%s.lock", job->lock);
	fd = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		die(EXIT_AGAIN, "%s:", path.data);
	buf_free(&path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	warn("job %s: running already", job->run.job);
	job->run.started_ms = job->run.ended_ms = clock_now_ms();
	job->run.outcome = JOB_SKIPPED;
	job->run.attempt = 1;
	job->run.exit_status = -1;
	job_record(job);
	exit(job->skip ? EXIT_OK : EXIT_AGAIN);
}

static void
check_name(const char *what, const char *name)
{
	if (name[0] == '\0' || name[0] == '.' || strlen(name) > 100 ||
	    strspn(name,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789._-") != strlen(name))
		die(EXIT_WRONG,
		    "%s: \"%s\" is no name: letters, digits, "
		    "._-",
		    what, name);
}

static void
take_option(struct job *job, int option)
{

	switch (option) {
	case 'a':
		job->alarm = arg_integer("--alarm", optarg, 1, 100);
		break;
	case 'l':
		job->lock = optarg;
		check_name("--lock", optarg);
		break;
	case 'r':
		job->retries = arg_integer("--retries", optarg, 0, 100);
		break;
	case 'R':
		job->root = optarg;
		break;
	case 's':
		job->skip = true;
		break;
	case 't':
		job->timeout_ms =
		    arg_duration_ms("--timeout", optarg, 1, 30 * DAY_MS);
		break;
	case 'V':
		arg_version();
	default:
		arg_usage(synopsis, option == 'h');
	}
}

static void
options(struct job *job, int argc, char **argv)
{
	static const struct option names[] = { { "alarm", required_argument,
						   NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ "lock", required_argument, NULL, 'l' },
		{ "retries", required_argument, NULL, 'r' },
		{ "root", required_argument, NULL, 'R' },
		{ "skip", no_argument, NULL, 's' },
		{ "timeout", required_argument, NULL, 't' },
		{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };
	int option;

	while ((option = getopt_long(
		    argc, argv, "+a:hl:r:R:st:V", names, NULL)) != -1)
		take_option(job, option);
	if (argc - optind < 3 || strcmp(argv[optind + 1], "--") != 0)
		arg_usage(synopsis, false);
	job->run.job = argv[optind];
	check_name("name", job->run.job);
	if (job->lock == NULL)
		job->lock = job->run.job;
	job->root = arg_root(job->root);
	job->command = argv + optind + 2;
}

static bool
worth_retrying(const struct job *job)
{
	enum job_outcome outcome = job->run.outcome;

	return !job_told_to_stop() && job->run.attempt <= job->retries &&
	    (outcome == JOB_AGAIN || outcome == JOB_LATE ||
		outcome == JOB_KILLED);
}

static int
run_all(struct job *job)
{
	int64_t pause_ms = 1000;

	for (job->run.attempt = 1;; job->run.attempt++) {
		if (!job_run_once(job))
			die(EXIT_AGAIN, "job %s:", job->run.job);
		if (!worth_retrying(job))
			break;
		warn("job %s: %s; trying again in %" PRId64 " s", job->run.job,
		    job_outcome_word(job->run.outcome), pause_ms / 1000);
		clock_sleep_until(clock_monotonic_ms() + pause_ms);
		pause_ms =
		    pause_ms * 2 < PAUSE_MAX_MS ? pause_ms * 2 : PAUSE_MAX_MS;
	}
	if (job->run.outcome == JOB_LATE || job->run.exit_status < 0)
		return EXIT_AGAIN;
	return job->run.exit_status;
}

int
main(int argc, char **argv)
{
	struct job job = { .alarm = 3 };
	int lock, status;

	err_name_set("run-job");
	options(&job, argc, argv);
	if (gethostname(job.host, sizeof(job.host) - 1) == 0)
		job.run.host = job.host;
	lock = take_lock(&job);
	job_catch_signals();
	status = run_all(&job);
	close(lock);
	buf_free(&job.tail);
	return status;
}
