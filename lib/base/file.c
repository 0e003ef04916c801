/* Whole files: read, replaced as a whole, and the directories for them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"

static int
read_open_file(int fd, const char *path, size_t limit, struct buf *out,
    struct failure *why)
{
	struct stat info;
	ssize_t got;

	if (fstat(fd, &info) < 0)
		return failure_set(why, EXIT_AGAIN, "%s:", path);
	if (!S_ISREG(info.st_mode))
		return failure_set(
		    why, EXIT_WRONG, "%s: is no regular file", path);
	for (;;) {
		char *end = buf_reserve(out, 16384);

		got = read(fd, end, 16384);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		out->size += (size_t)got;
		if (out->size > limit)
			return failure_set(why, EXIT_WRONG,
			    "%s: is larger than %zu bytes", path, limit);
	}
	if (got < 0)
		return failure_set(why, EXIT_AGAIN, "%s:", path);
	out->data[out->size] = '\0';
	return 0;
}

int
io_file_read(int dir_fd, const char *path, size_t limit, struct buf *out,
    struct failure *why)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int status;

	if (fd < 0)
		return failure_set(why,
		    errno == ENOENT || errno == EACCES || errno == ENOTDIR ||
			    errno == ELOOP
			? EXIT_WRONG
			: EXIT_AGAIN,
		    "%s:", path);
	status = read_open_file(fd, path, limit, out, why);
	close(fd);
	return status;
}

int
io_sync(int dir_fd, const char *path)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
	int status = fd < 0 ? -1 : fsync(fd);

	if (fd >= 0)
		close(fd);
	return status;
}

int
io_sync_folder(const char *path, struct failure *why)
{
	const char *slash = strrchr(path, '/');
	char *name = slash == NULL
	    ? mem_copy_text(".")
	    : mem_copy_bytes(path, slash == path ? 1 : (size_t)(slash - path));
	int status = io_sync(AT_FDCWD, name);

	if (status == -1)
		failure_set(why, EXIT_AGAIN, "%s: sync:", name);
	mem_free(name);
	return status;
}

static int
write_file(int fd, const void *data, size_t size, unsigned mode, bool durable)
{
	if (fchmod(fd, (mode_t)mode) < 0 || io_write_all(fd, data, size) < 0)
		return -1;
	return durable ? fsync(fd) : 0;
}

int
io_file_replace(const char *path, const void *data, size_t size, unsigned mode,
    bool durable, struct failure *why)
{
	struct buf name = { 0 };
	int fd, status = -1;

	buf_print(&name, "%s.XXXXXX", path);
	fd = mkostemp(name.data, O_CLOEXEC);
	if (fd < 0) {
		failure_set(why, EXIT_AGAIN, "%s:", path);
		buf_free(&name);
		return -1;
	}
	if (write_file(fd, data, size, mode, durable) == 0)
		status = 0;
	if (close(fd) < 0)
		status = -1;
	if (status == 0 && rename(name.data, path) < 0)
		status = -1;
	if (status == 0 && durable)
		status = io_sync_folder(path, why);
	if (status < 0) {
		failure_set(why, EXIT_AGAIN, "%s:", path);
		unlink(name.data);
	}
	buf_free(&name);
	return status;
}

int
io_mkdirs(const char *path, unsigned mode, struct failure *why)
{
	char *part = mem_copy_text(path);
	char *at = part;
	int status = 0;

	while (status == 0 && *at != '\0') {
		char kept;

		at += strspn(at, "/");
		at += strcspn(at, "/");
		kept = *at;
		*at = '\0';
		if (mkdir(part, (mode_t)mode) < 0 && errno != EEXIST)
			status = failure_set(why, EXIT_AGAIN, "%s:", part);
		*at = kept;
	}
	mem_free(part);
	return status;
}
