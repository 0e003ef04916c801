#include "spool/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/io.h"

#define JOURNAL ".journal"
#define DONE ".done"
#define TEXT_MAX ((size_t)256 << 20)

int
journal_lock(const struct spool *spool, int how, int *lock, struct failure *why)
{
	*lock =
	    openat(spool->archive, ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*lock >= 0 && flock(*lock, how) == 0)
		return 0;
	return failure_set(why, EXIT_AGAIN, "%s/archive/.lock:", spool->path);
}

void
journal_unlock(int lock)
{
	if (lock >= 0)
		close(lock);
}

int
journal_begin(
    const struct spool *spool, const struct buf *text, struct failure *why)
{
	return spool_put_file(
	    spool->archive, JOURNAL, text->data, text->size, why);
}

/* 1 read, 0 there is none, -1 with a failure. */
static int
load(const struct spool *spool, const char *name, struct buf *text,
    struct failure *why)
{
	if (faccessat(spool->archive, name, F_OK, 0) != 0 && errno == ENOENT)
		return 0;
	return io_file_read(spool->archive, name, TEXT_MAX, text, why) == 0
	    ? 1
	    : -1;
}

static int
cut(const struct spool *spool, const char *path, int64_t size)
{
	int fd, status;

	if (size == 0)
		return unlinkat(spool->archive, path, 0) == 0 || errno == ENOENT
		    ? 0
		    : -1;
	fd = openat(spool->archive, path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	status = ftruncate(fd, size) == 0 && fsync(fd) == 0 ? 0 : -1;
	close(fd);
	return status;
}

/* One entry of the journal, if it is of the kind that is asked for. */
static int
apply(const struct spool *spool, char kind, const char *line)
{
	char *path;
	int64_t size;

	if (line[0] != kind || line[1] != ' ')
		return 0;
	if (kind == 'S')
		return unlinkat(spool->fed, line + 2, 0) == 0 || errno == ENOENT
		    ? 0
		    : -1;
	size = (int64_t)strtoll(line + 2, &path, 10);
	return *path != ' ' || size < 0 ? 0 : cut(spool, path + 1, size);
}

static int
apply_all(const struct spool *spool, char kind, const struct buf *text,
    struct failure *why)
{
	char line[512];
	const char *at;
	size_t next = 0, size;

	while (spool_line(text, &next, &at, &size)) {
		if (size >= sizeof(line))
			continue;
		memcpy(line, at, size);
		line[size] = '\0';
		if (apply(spool, kind, line) != 0)
			return failure_set(
			    why, EXIT_AGAIN, "spool archive: %s:", line);
	}
	return 0;
}

static int
settle(
    const struct spool *spool, const char *name, char kind, struct failure *why)
{
	struct buf text = { 0 };
	int status = load(spool, name, &text, why);

	if (status > 0) {
		status = apply_all(spool, kind, &text, why);
		if (status == 0 && kind == 'S')
			status = spool_sync(spool->fed, why);
		if (status == 0 && unlinkat(spool->archive, name, 0) != 0)
			status = failure_set(
			    why, EXIT_AGAIN, "spool archive: %s:", name);
		if (status == 0)
			status = spool_sync(spool->archive, why);
	}
	buf_free(&text);
	return status;
}

int
journal_undo(const struct spool *spool, struct failure *why)
{
	return settle(spool, JOURNAL, 'F', why);
}

int
journal_finish(const struct spool *spool, struct failure *why)
{
	if (renameat(spool->archive, JOURNAL, spool->archive, DONE) != 0)
		return failure_set(why, EXIT_AGAIN, "spool archive:");
	if (spool_sync(spool->archive, why) != 0)
		return -1;
	return settle(spool, DONE, 'S', why);
}

int
journal_recover(const struct spool *spool, struct failure *why)
{
	if (settle(spool, DONE, 'S', why) != 0)
		return -1;
	return journal_undo(spool, why);
}
