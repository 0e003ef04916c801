#include "backups.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

void
backups_name(char name[BACKUPS_NAME], int64_t time_ms)
{
	struct buf text = { NULL, 0, 0 };
	size_t used = 0;

	buf_time(&text, time_ms);
	buf_text(&text, ".tbms");
	for (size_t i = 0; i < text.size && used < BACKUPS_NAME - 1; i++)
		if (text.data[i] != '-' && text.data[i] != ':')
			name[used++] = text.data[i];
	name[used] = '\0';
	buf_free(&text);
}

/* One of ours: what else lies there is not touched. */
static bool
named(const char *name)
{
	static const char shape[] = "00000000T000000.000Z.tbms";

	if (strlen(name) != sizeof(shape) - 1)
		return false;
	for (size_t i = 0; name[i] != '\0'; i++)
		if (shape[i] == '0' ? name[i] < '0' || name[i] > '9'
				    : name[i] != shape[i])
			return false;
	return true;
}

static bool
left_behind(const char *name)
{
	size_t size = strlen(name);

	return size == BACKUPS_NAME + 4 && name[0] == '.' &&
	    strcmp(name + size - 9, ".tbms.new") == 0;
}

static DIR *
list(int folder, struct failure *why)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *found = fd < 0 ? NULL : fdopendir(fd);

	if (found == NULL)
		failure_set(why, EXIT_AGAIN, "folder of the backups:");
	if (found == NULL && fd >= 0)
		close(fd);
	return found;
}

int
backups_clean(int folder, struct failure *why)
{
	DIR *found = list(folder, why);
	const struct dirent *entry;

	if (found == NULL)
		return -1;
	while ((entry = readdir(found)) != NULL)
		if (left_behind(entry->d_name))
			unlinkat(folder, entry->d_name, 0);
	closedir(found);
	return 0;
}

int
backups_expire(int folder, int64_t before_ms, struct failure *why)
{
	char newest[BACKUPS_NAME] = "", before[BACKUPS_NAME];
	DIR *found = list(folder, why);
	const struct dirent *entry;
	int result = 0;

	if (found == NULL)
		return -1;
	backups_name(before, before_ms < 0 ? 0 : before_ms);
	while ((entry = readdir(found)) != NULL)
		if (named(entry->d_name) && strcmp(entry->d_name, newest) > 0)
			memcpy(newest, entry->d_name, sizeof(newest));
	rewinddir(found);
	while ((entry = readdir(found)) != NULL)
		if (named(entry->d_name) &&
		    strcmp(entry->d_name, newest) != 0 &&
		    strcmp(entry->d_name, before) < 0 &&
		    unlinkat(folder, entry->d_name, 0) != 0)
			result =
			    failure_set(why, EXIT_AGAIN, "%s:", entry->d_name);
	closedir(found);
	return result;
}
