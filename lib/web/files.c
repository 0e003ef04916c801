/* Files of the site (rule H4, steps 7 and 8). */
#include "web/files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
open_beneath(int dir_fd, const char *name)
{
	struct open_how how = {
		.flags =
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		    RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};

	return (int)syscall(SYS_openat2, dir_fd, name, &how, sizeof how);
}

static void
tag_make(struct files_file *file, const struct stat *st,
    const uint8_t key[SECRET_SIZE])
{
	int64_t facts[4] = { (int64_t)st->st_size, (int64_t)st->st_mtim.tv_sec,
		(int64_t)st->st_mtim.tv_nsec, (int64_t)st->st_ino };
	uint8_t mac[SECRET_SIZE];
	char *out = file->tag;

	secret_mac(key, facts, sizeof facts, mac);
	*out++ = '"';
	for (size_t i = 0; i < 16; i++, out += 2)
		snprintf(out, 3, "%02x", mac[i]);
	*out++ = '"';
	*out = '\0';
}

static enum files_result
judge(struct files_file *file, const uint8_t key[SECRET_SIZE], bool slash)
{
	struct stat st;

	if (fstat(file->fd, &st) != 0)
		return FILES_FAILED;
	if (S_ISDIR(st.st_mode))
		return slash ? FILES_NONE : FILES_FOLDER;
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1 ||
	    (st.st_mode & S_IWOTH) != 0)
		return FILES_NONE;
	file->size = (size_t)st.st_size;
	tag_make(file, &st, key);
	return FILES_OPEN;
}

enum files_result
files_open(int dir_fd, const struct path *path, size_t skip,
    const uint8_t key[SECRET_SIZE], struct files_file *file)
{
	char name[WEB_PATH_MAX + sizeof "index.html"];
	enum files_result result;

	file->fd = -1;
	if (path->size <= skip + 1)
		return FILES_NONE;
	snprintf(name, sizeof name, "%s%s", path->text + skip + 1,
	    path->slash ? "index.html" : "");
	file->fd = open_beneath(dir_fd, name);
	if (file->fd < 0)
		return errno == EIO || errno == ENFILE || errno == EMFILE ||
			errno == ENOMEM || errno == ENOSYS || errno == EAGAIN
		    ? FILES_FAILED
		    : FILES_NONE;
	result = judge(file, key, path->slash);
	if (result != FILES_OPEN) {
		close(file->fd);
		file->fd = -1;
	}
	return result;
}

bool
files_tag_known(const char *if_none_match, const char *tag)
{
	size_t size = strlen(tag);

	for (const char *at = if_none_match; at != NULL && *at != '\0';) {
		at += strspn(at, ", \t");
		if (strncmp(at, "W/", 2) == 0)
			at += 2;
		if (*at == '*' ||
		    (strncmp(at, tag, size) == 0 &&
			strchr(", \t", at[size]) != NULL))
			return true;
		at += strcspn(at, ",");
	}
	return false;
}
