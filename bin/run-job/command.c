/* The command: started in a group of its own, heard, stopped in time. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "job.h"

#define TAIL_SIZE ((size_t)4096)
#define KILL_AFTER_MS 10000 /* from TERM to KILL */

static volatile sig_atomic_t stop_signal;

static void
note_signal(int signal_number)
{
	if (signal_number != SIGCHLD)
		stop_signal = signal_number;
}

void
job_catch_signals(void)
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

bool
job_told_to_stop(void)
{
	return stop_signal != 0;
}

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
	_exit(errno == ENOENT || errno == EACCES || errno == ENOEXEC
		? EXIT_WRONG
		: EXIT_AGAIN);
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
	job->run.signal = SIGTERM; /* asked; overwritten by its end */
	return now + KILL_AFTER_MS;
}

static int
attend(struct job *job, int fd, bool *late)
{
	int64_t due_ms = job->timeout_ms == 0
	    ? INT64_MAX
	    : clock_monotonic_ms() + job->timeout_ms;
	struct pollfd said = { .fd = fd, .events = POLLIN };
	struct timespec pause = { .tv_sec = 0, .tv_nsec = 200000000 };
	sigset_t none;
	int status;

	sigemptyset(&none);
	while (waitpid((pid_t)job->run.pid, &status, WNOHANG) == 0) {
		if (ppoll(&said, 1, &pause, &none) > 0 && !pass_on(job, fd))
			said.fd = -1;
		due_ms = enforce(job, due_ms, late);
	}
	while (said.fd >= 0 && poll(&said, 1, 0) > 0 && pass_on(job, fd))
		continue;
	if (*late || stop_signal != 0) /* what it left behind */
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
		run->outcome =
		    run->exit_status == EXIT_AGAIN ? JOB_AGAIN : JOB_WRONG;
}

bool
job_run_once(struct job *job)
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
		job_record(job);
		status = attend(job, ends[0], &late);
		judge(&job->run, status, late);
		job->run.ended_ms = clock_now_ms();
		job->run.duration_ms = clock_monotonic_ms() - started;
		job->run.output = job->tail.size > 0 ? job->tail.data : "";
		job_record(job);
	}
	close(ends[0]);
	return job->run.pid > 0;
}
