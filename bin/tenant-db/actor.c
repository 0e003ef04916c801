/* Who calls, for the audit log. */
#include <pwd.h>
#include <unistd.h>

#include "tenant-db.h"

const char *
actor_name(struct arena *arena)
{
	const struct passwd *user = getpwuid(getuid());

	if (user == NULL)
		return arena_print(arena, "unix:%u", (unsigned)getuid());
	return arena_print(arena, "unix:%s", user->pw_name);
}
