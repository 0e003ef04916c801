/* Giving up rights: no_new_privs, Landlock for paths, seccomp for calls. */
#ifndef BASE_BOX_H
#define BASE_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

enum box_right { BOX_READ, BOX_WRITE }; /* BOX_WRITE reads as well */

/* What stays allowed after box_enter. */
enum box_allow {
	BOX_NET_NONE = 0,
	BOX_NET_CLIENT = 1, /* connect: TCP, UDP, CAN; name resolution */
	BOX_NET_SERVER = 2, /* accept on sockets open already */
	BOX_EXEC = 4, /* start what is named BOX_READ; libraries */
	BOX_THREADS = 8,
	BOX_FORK = 16, /* children, and signals to them */
	BOX_NET_UNIX = 32 /* connect to unix sockets (by path) */
};

struct box_path {
	const char *path; /* a directory or file; absent ones are left out */
	enum box_right right;
};

/*
 * From here on only these paths can be opened. Call after everything is
 * open and before the first hostile byte and the first thread; it binds
 * the calling thread and what that starts. /dev/null and /dev/urandom
 * stay open to all. Calls that no program of ours needs answer EPERM;
 * execve (without BOX_EXEC), ptrace and their like end the process with
 * SIGSYS. Forking without BOX_FORK answers EPERM, clone3 always ENOSYS.
 * `report` (may be NULL) gets one line: "landlock 7, seccomp,
 * no_new_privs". With `require` a missing means is a failure
 * (EXIT_WRONG); otherwise what the kernel lacks is left out. 0 or -1.
 */
int box_enter(const struct box_path *paths, size_t count, unsigned allow,
    bool require, char *report, size_t room, struct failure *why);

/*
 * Start a program in a box of its own: arguments[0] is its absolute path,
 * the descriptors become its standard input and output, its diagnostics go
 * to /dev/null, its environment is LC_ALL=C alone; `paths` must hold it and
 * its libraries. All other descriptors must be close-on-exec. Its pid (the
 * caller waits for it) or -1; EXIT_WRONG where there is no such program.
 */
pid_t box_start(char *const *arguments, const struct box_path *paths,
    size_t count, unsigned allow, int in, int out, struct failure *why);

#endif
