/* Giving up rights: first the promise never to gain any, then the means. */
#include "base/box.h"

#include <stdio.h>
#include <sys/prctl.h>

#include "base/box_parts.h"

int
box_enter(const struct box_path *paths, size_t count, unsigned allow,
    bool require, char *report, size_t room, struct failure *why)
{
	int landlock, seccomp;
	char version[24];

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return failure_set(why, EXIT_WRONG, "no_new_privs:");
	landlock = box_landlock(paths, count, allow, why);
	if (landlock < 0)
		return -1;
	if (landlock == 0 && require)
		return failure_set(
		    why, EXIT_WRONG, "this kernel has no Landlock");
	seccomp = box_seccomp(allow, why);
	if (seccomp < 0)
		return -1;
	if (seccomp == 0 && require)
		return failure_set(
		    why, EXIT_WRONG, "this kernel has no seccomp filters");
	if (report == NULL)
		return 0;
	snprintf(version, sizeof(version), "landlock %d, ", landlock);
	snprintf(report, room, "%s%sno_new_privs", landlock > 0 ? version : "",
	    seccomp > 0 ? "seccomp, " : "");
	return 0;
}
