#include "stages.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

bool
stages_parse(struct stages *stages, char **argv, int argc)
{
	struct stage *stage = NULL;
	int i;

	for (i = 0; i < argc; i++) {
		if (strcmp(argv[i], "|") == 0) {
			if (stage == NULL)
				return false;
			argv[i] = NULL;
			stage = NULL;
			continue;
		}
		if (stage != NULL)
			continue;
		stages->stage = mem_grow(
		    stages->stage, stages->count + 1, sizeof(*stages->stage));
		stage = &stages->stage[stages->count++];
		*stage = (struct stage){ .argv = argv + i };
	}
	return stage != NULL;
}

static void
watched(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

void
stages_block_signals(void)
{
	sigset_t set;

	watched(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

void
stages_unblock_signals(void)
{
	sigset_t set;

	watched(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int
stages_signal(long long timeout_ms)
{
	struct timespec timeout = { .tv_sec = (time_t)(timeout_ms / 1000),
		.tv_nsec = (long)(timeout_ms % 1000) * 1000000 };
	sigset_t set;
	int signal_number;

	watched(&set);
	signal_number = sigtimedwait(&set, NULL, &timeout);
	return signal_number > 0 ? signal_number : 0;
}

/* In the child; a group of its own, so that ^C reaches only us. */
static _Noreturn void
run(const struct stage *stage, int in, int out)
{
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(EXIT_AGAIN);
	setpgid(0, 0);
	stages_unblock_signals();
	execvp(stage->argv[0], stage->argv);
	warn("%s:", stage->argv[0]);
	_exit(errno == ENOENT || errno == EACCES || errno == ENOEXEC
		? EXIT_WRONG
		: EXIT_AGAIN);
}

static void
close_fd(int fd)
{
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
}

int
stages_start(struct stages *stages)
{
	int ends[2], in;
	size_t i;

	for (i = 0; i < stages->count; i++) {
		stages->stage[i].pid = 0;
		stages->stage[i].killed = false;
	}
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	in = ends[0];
	stages->to = ends[1];
	stages->from = -1;
	for (i = 0; i < stages->count; i++) {
		struct stage *stage = &stages->stage[i];

		if (pipe2(ends, O_CLOEXEC) != 0)
			break;
		stage->pid = fork();
		if (stage->pid == 0)
			run(stage, in, ends[1]);
		close_fd(in);
		close_fd(ends[1]);
		in = ends[0];
		if (stage->pid < 0)
			break;
	}
	if (i == stages->count) {
		stages->from = in;
		return 0;
	}
	stages->stage[i].pid = 0;
	close_fd(in);
	close_fd(stages->to);
	stages_kill(stages, SIGKILL);
	return -1;
}

bool
stages_ended(struct stages *stages, pid_t pid, int status)
{
	size_t i;

	for (i = 0; i < stages->count; i++) {
		if (stages->stage[i].pid != pid)
			continue;
		stages->stage[i].pid = 0;
		stages->stage[i].status = status;
		return true;
	}
	return false;
}

size_t
stages_running(const struct stages *stages)
{
	size_t i, count = 0;

	for (i = 0; i < stages->count; i++)
		count += stages->stage[i].pid > 0;
	return count;
}

void
stages_kill(struct stages *stages, int signal_number)
{
	size_t i;

	for (i = 0; i < stages->count; i++) {
		if (stages->stage[i].pid <= 0)
			continue;
		stages->stage[i].killed = true;
		kill(stages->stage[i].pid, signal_number);
	}
}
