/* A helper program in a box of its own, without a shell or a search path. */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/box.h"

_Noreturn static void
become(char *const *arguments, const struct box_path *paths, size_t count,
    unsigned allow, int in, int out)
{
	char locale[] = "LC_ALL=C", home[] = "HOME=/";
	char *const environment[] = { locale, home, NULL };
	int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct failure why;

	if (quiet == -1 || dup2(in, 0) == -1 || dup2(out, 1) == -1 ||
	    dup2(quiet, 2) == -1)
		_exit(EXIT_AGAIN);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	if (box_enter(paths, count, allow | BOX_EXEC, false, NULL, 0, &why) ==
	    -1)
		_exit(EXIT_AGAIN);
	execve(arguments[0], arguments, environment);
	_exit(EXIT_WRONG);
}

pid_t
box_start(char *const *arguments, const struct box_path *paths, size_t count,
    unsigned allow, int in, int out, struct failure *why)
{
	pid_t pid;

	if (access(arguments[0], X_OK) == -1)
		return failure_set(why, EXIT_WRONG, "%s:", arguments[0]);
	pid = fork();
	if (pid == -1)
		return failure_set(why, EXIT_AGAIN, "%s:", arguments[0]);
	if (pid == 0)
		become(arguments, paths, count, allow, in, out);
	return pid;
}
