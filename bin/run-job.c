/*
 * run-job: runs one command under a lock, with a time limit and retries, and
 * records when it ran and how it ended. The command's standard error goes
 * through us, for its last lines; its standard output does not. A boxed child
 * writes the record; without core.db the command runs all the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arg.h"
#include "base/box.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "store/jobs.h"
#include "store/tenant.h"

#define TAIL_SIZE ((size_t)4096)
#define KILL_AFTER_MS 10000	/* from TERM to KILL */
#define KEEP_MS (90 * INT64_C(86400000))
#define PAUSE_MAX_MS 60000

static const char synopsis[] =
    "usage: run-job [-hsV] [-a count] [-l name] [-r count] [-R dir]"
    " [-t duration]\n"
    "               name -- command [arg ...]\n";

struct job {
	const char *root;
	const char *lock;		/* name; the job's by default */
	int64_t timeout_ms;		/* 0: none */
	int64_t retries, alarm;
	bool skip;			/* running already: 0, not 111 */
	char **command;
	struct job_run run;
	struct buf tail;
	char host[256];
};

static volatile sig_atomic_t stop_signal;

static void
note_signal(int signal_number)
{
	if (signal_number != SIGCHLD)
		stop_signal = signal_number;
}

/* ---- the record ------------------------------------------------------- */

/* In the child. Tells when the job failed too often. */
static int
record_in_box(const struct job *job)
{
	struct buf path = { 0 }, wal = { 0 }, shm = { 0 };
	struct box_path paths[3];
	struct job_state state;
	struct failure why;
	struct sql *core = core_open(job->root, SQL_WRITE, &why);

	buf_print(&path, "%s/core.db", job->root);
	buf_print(&wal, "%s-wal", path.data);
	buf_print(&shm, "%s-shm", path.data);
	paths[0] = (struct box_path){ path.data, BOX_WRITE };
	paths[1] = (struct box_path){ wal.data, BOX_WRITE };
	paths[2] = (struct box_path){ shm.data, BOX_WRITE };
	if (core == NULL || box_enter(paths, 3, BOX_NET_NONE, false, NULL, 0,
	    &why) != 0 || (job->run.outcome == JOB_RUNNING ?
	    job_start(core, &job->run, job->run.started_ms - KEEP_MS, &why) :
	    job_end(core, &job->run, &why)) != 0 ||
	    job_state(core, job->run.job, &state, &why) != 0) {
		warn("not recorded: %s", why.message);
		return EXIT_AGAIN;
	}
	sql_close(core);
	if (job_outcome_failed(job->run.outcome) &&
	    state.failures >= job->alarm)
		warn("job %s has failed %d times in a row", job->run.job,
		    state.failures);
	return EXIT_OK;
}

static void
record(const struct job *job)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(record_in_box(job));
	if (pid < 0) {
		warn("not recorded:");
		return;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
}

/* ---- the command ------------------------------------------------------ */

static _Noreturn void
start_command(const struct job *job, int err_fd)
{
	sigset_t none;

	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(err_fd, STDERR_FILENO);
	execvp(job->command[0], job->command);
	warn("%s:", job->command[0]);
	_exit(errno == ENOENT || errno == EACCES || errno == ENOEXEC ?
	    EXIT_WRONG : EXIT_AGAIN);
}

/* The last of what it said, cut at the start of a line. */
static void
keep_tail(struct job *job, const char *data, size_t size)
{
	struct buf *tail = &job->tail;
	char *line;

	buf_put(tail, data, size);
	if (tail->size <= TAIL_SIZE)
		return;
	memmove(tail->data, tail->data + tail->size - TAIL_SIZE, TAIL_SIZE);
	tail->size = TAIL_SIZE;
	tail->data[TAIL_SIZE] = '\0';
	line = memchr(tail->data, '\n', tail->size);
	if (line == NULL || line + 1 == tail->data + tail->size)
		return;
	tail->size -= (size_t)(line + 1 - tail->data);
	memmove(tail->data, line + 1, tail->size);
	tail->data[tail->size] = '\0';
}

/* False at the end of what it says. */
static bool
pass_on(struct job *job, int fd)
{
	char block[4096];
	ssize_t got = read(fd, block, sizeof(block));

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	if (got == 0)
		return false;
	io_write_all(STDERR_FILENO, block, (size_t)got);
	keep_tail(job, block, (size_t)got);
	return true;
}

/* TERM at the limit or when we are told to stop, then KILL; to the group. */
static int64_t
enforce(struct job *job, int64_t due_ms, bool *late)
{
	int64_t now = clock_monotonic_ms();

	if (stop_signal == 0 && now < due_ms)
		return due_ms;
	if (stop_signal == 0 && !*late)
		warn("job %s: stopped after %g s", job->run.job,
		    (double)job->timeout_ms / 1000);
	*late = *late || stop_signal == 0;
	if (job->run.signal == 0)
		kill(-(pid_t)job->run.pid, SIGTERM);
	else if (now >= due_ms)
		kill(-(pid_t)job->run.pid, SIGKILL);
	else
		return due_ms;
	job->run.signal = SIGTERM;	/* asked; overwritten by its end */
	return now + KILL_AFTER_MS;
}

static int
attend(struct job *job, int fd, bool *late)
{
	int64_t due_ms = job->timeout_ms == 0 ? INT64_MAX :
	    clock_monotonic_ms() + job->timeout_ms;
	struct pollfd said = { .fd = fd, .events = POLLIN };
	struct timespec pause = { .tv_sec = 0, .tv_nsec = 200000000 };
	sigset_t none;
	int status;

	sigemptyset(&none);
	while (waitpid((pid_t)job->run.pid, &status, WNOHANG) == 0) {
		if (ppoll(&said, 1, &pause, &none) > 0 &&
		    !pass_on(job, fd))
			said.fd = -1;
		due_ms = enforce(job, due_ms, late);
	}
	while (said.fd >= 0 && poll(&said, 1, 0) > 0 && pass_on(job, fd))
		continue;
	if (*late || stop_signal != 0)	/* what it left behind */
		kill(-(pid_t)job->run.pid, SIGKILL);
	return status;
}

static void
judge(struct job_run *run, int status, bool late)
{
	static const enum job_outcome outcomes[] = { JOB_DONE, JOB_REFUSED };

	run->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	run->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	if (late)
		run->outcome = JOB_LATE;
	else if (run->signal != 0)
		run->outcome = JOB_KILLED;
	else if (run->exit_status <= EXIT_REFUSED)
		run->outcome = outcomes[run->exit_status];
	else
		run->outcome = run->exit_status == EXIT_AGAIN ? JOB_AGAIN :
		    JOB_WRONG;
}

/* One attempt; false when the command could not even be started. */
static bool
run_once(struct job *job)
{
	int64_t started = clock_monotonic_ms();
	bool late = false;
	int ends[2], status;

	job->run.started_ms = clock_now_ms();
	job->run.outcome = JOB_RUNNING;
	job->run.signal = 0;
	buf_clear(&job->tail);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	job->run.pid = fork();
	if (job->run.pid == 0)
		start_command(job, ends[1]);
	close(ends[1]);
	if (job->run.pid > 0) {
		setpgid((pid_t)job->run.pid, (pid_t)job->run.pid);
		record(job);
		status = attend(job, ends[0], &late);
		judge(&job->run, status, late);
		job->run.ended_ms = clock_now_ms();
		job->run.duration_ms = clock_monotonic_ms() - started;
		job->run.output = job->tail.size > 0 ? job->tail.data : "";
		record(job);
	}
	close(ends[0]);
	return job->run.pid > 0;
}

static bool
worth_retrying(const struct job *job)
{
	enum job_outcome outcome = job->run.outcome;

	return stop_signal == 0 && job->run.attempt <= job->retries &&
	    (outcome == JOB_AGAIN || outcome == JOB_LATE ||
	    outcome == JOB_KILLED);
}

static int
run_all(struct job *job)
{
	int64_t pause_ms = 1000;

	for (job->run.attempt = 1;; job->run.attempt++) {
		if (!run_once(job))
			die(EXIT_AGAIN, "job %s:", job->run.job);
		if (!worth_retrying(job))
			break;
		warn("job %s: %s; trying again in %" PRId64 " s",
		    job->run.job, job_outcome_word(job->run.outcome),
		    pause_ms / 1000);
		clock_sleep_until(clock_monotonic_ms() + pause_ms);
		pause_ms = pause_ms * 2 < PAUSE_MAX_MS ? pause_ms * 2 :
		    PAUSE_MAX_MS;
	}
	if (job->run.outcome == JOB_LATE || job->run.exit_status < 0)
		return EXIT_AGAIN;
	return job->run.exit_status;
}

/* ---- the lock --------------------------------------------------------- */

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
	record(job);
	exit(job->skip ? EXIT_OK : EXIT_AGAIN);
}

static void
check_name(const char *what, const char *name)
{
	if (name[0] == '\0' || name[0] == '.' || strlen(name) > 100 ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789._-") != strlen(name))
		die(EXIT_WRONG, "%s: \"%s\" is no name: letters, digits, "
		    "._-", what, name);
}

static void
take_option(struct job *job, int option)
{
	const int64_t day_ms = INT64_C(86400000);

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
		job->timeout_ms = arg_duration_ms("--timeout", optarg, 1,
		    30 * day_ms);
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
	static const struct option names[] = {
		{ "alarm", required_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ "lock", required_argument, NULL, 'l' },
		{ "retries", required_argument, NULL, 'r' },
		{ "root", required_argument, NULL, 'R' },
		{ "skip", no_argument, NULL, 's' },
		{ "timeout", required_argument, NULL, 't' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 }
	};
	int option;

	while ((option = getopt_long(argc, argv, "+a:hl:r:R:st:V", names,
	    NULL)) != -1)
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

static void
catch_signals(void)
{
	struct sigaction action = { .sa_handler = note_signal };
	sigset_t set;

	sigaction(SIGCHLD, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
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
	catch_signals();
	status = run_all(&job);
	close(lock);
	buf_free(&job.tail);
	return status;
}
