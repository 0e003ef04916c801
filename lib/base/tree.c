/* Folders removed with all that is in them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

static int
fail(const char *name, struct failure *why)
{
	return errno == ENOENT ? 0 : failure_set(why, EXIT_AGAIN, "%s:", name);
}

/* All in the folder that is open as `fd`, which is closed. */
static int
empty(int fd, const char *name, struct failure *why)
{
	DIR *folder = fdopendir(fd);
	const struct dirent *entry;
	int result = 0;

	if (folder == NULL) {
		close(fd);
		return failure_set(why, EXIT_AGAIN, "%s:", name);
	}
	while (result == 0 && (entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			result =
			    io_remove_tree(dirfd(folder), entry->d_name, why);
	closedir(folder);
	return result;
}

int
io_remove_tree(int dir_fd, const char *name, struct failure *why)
{
	int fd;

	if (unlinkat(dir_fd, name, 0) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return fail(name, why);
	fd = openat(
	    dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return fail(name, why);
	if (empty(fd, name, why) == -1)
		return -1;
	return unlinkat(dir_fd, name, AT_REMOVEDIR) == 0 ? 0 : fail(name, why);
}
