/* Giving up rights: no_new_privs, Landlock for paths, seccomp for calls. */
#ifndef BASE_BOX_H
#define BASE_BOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum box_right { BOX_READ, BOX_WRITE };	/* BOX_WRITE reads as well */

/* What stays allowed after box_enter. */
enum box_allow {
	BOX_NET_NONE = 0,
	BOX_NET_CLIENT = 1,	/* connect */
	BOX_NET_SERVER = 2,	/* accept on sockets open already */
	BOX_EXEC = 4,		/* start the programs named as paths */
	BOX_THREADS = 8,
	BOX_FORK = 16
};

struct box_path {
	const char *path;	/* a directory or file; absent ones are left out */
	enum box_right right;
};

/*
 * From here on only these paths can be opened. Call after everything is
 * open and before the first hostile byte and the first thread.
 * `report` (may be NULL) gets one line: "landlock 7, seccomp,
 * no_new_privs". With `require` a missing means is a failure.
 */
int box_enter(const struct box_path *paths, size_t count, unsigned allow,
    bool require, char *report, size_t room, struct failure *why);

#endif
