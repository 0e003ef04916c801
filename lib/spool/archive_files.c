#include "spool/archive_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/journal.h"
#include "spool/spool.h"

#define NAME_ROOM 600

struct look {
	void (*each)(void *context, const char *name, int64_t size);
	void *context;
};

/* `fd` is closed; `before` is its path and a slash, or "". */
static int
look(const struct look *what, int fd, const char *before, struct failure *why)
{
	DIR *folder = fdopendir(fd);
	const struct dirent *entry;
	char name[NAME_ROOM];
	struct stat st;
	int sub, result = 0;

	if (folder == NULL) {
		close(fd);
		return failure_set(why, EXIT_AGAIN, "archive:");
	}
	while (result == 0 && (entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.' ||
		    fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		snprintf(name, sizeof(name), "%s%s%s", before, entry->d_name,
		    S_ISDIR(st.st_mode) ? "/" : "");
		if (S_ISREG(st.st_mode))
			what->each(what->context, name, st.st_size);
		if (!S_ISDIR(st.st_mode) || before[0] != '\0')
			continue;
		sub = openat(fd, entry->d_name,
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (sub >= 0)
			result = look(what, sub, name, why);
	}
	closedir(folder);
	return result;
}

static int
look_locked(const struct spool *spool, const char *tenant,
    const struct look *what, struct failure *why)
{
	int lock, fd, result = journal_lock(spool, LOCK_EX, &lock, why);

	if (result == 0)
		result = journal_recover(spool, why);
	if (result == 0) {
		fd = openat(spool->archive, tenant,
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (fd >= 0)
			result = look(what, fd, "", why);
		else if (errno != ENOENT)
			result = failure_set(why, EXIT_AGAIN,
			    "%s/archive/%s:", spool->path, tenant);
	}
	journal_unlock(lock);
	return result;
}

int
spool_archive_files(const char *path, const char *tenant,
    void (*each)(void *context, const char *name, int64_t size), void *context,
    struct failure *why)
{
	struct look what = { each, context };
	struct spool spool;
	int result = spool_open_there(&spool, path, why);

	if (result != 1)
		return result;
	result = look_locked(&spool, tenant, &what, why);
	spool_close(&spool);
	return result;
}
