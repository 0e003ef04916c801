/*
 * Appending to a spool. A segment is written to a hidden file in new/ as
 * its lines come, so that they outlive this process, and kept in memory
 * until it is safe: after a failed fsync the kernel may have thrown away
 * what was written, and only writing it again is honest.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "record/line.h"
#include "spool/spool.h"

#define WRITE_SIZE ((size_t)64 << 10)

struct spool_writer {
	struct spool spool;
	char *path;
	int fd; /* of the part, -1 for none; locked */
	char part[24]; /* its name */
	struct buf data; /* the lines of the part */
	size_t written; /* of data */
	int64_t limit;
	int64_t looked_ms; /* when the size was looked at */
	bool full;
	bool failed; /* writing: wait for the next commit */
};

struct spool_writer *
spool_writer_open(const char *dir, int64_t limit, struct failure *why)
{
	struct spool_writer *writer = mem_zero(1, sizeof(*writer));

	writer->fd = -1;
	writer->limit = limit;
	writer->looked_ms = INT64_MIN / 2;
	writer->path = mem_copy_text(dir);
	if (spool_open(&writer->spool, writer->path, true, why) == 0 &&
	    spool_adopt(&writer->spool, why) == 0)
		return writer;
	spool_writer_close(writer);
	return NULL;
}

void
spool_writer_close(struct spool_writer *writer)
{
	if (writer == NULL)
		return;
	if (writer->fd >= 0)
		close(writer->fd);
	spool_close(&writer->spool);
	buf_free(&writer->data);
	mem_free(writer->path);
	mem_free(writer);
}

/* A hidden file of a name that nobody has, locked for as long as we live. */
static int
open_part(struct spool_writer *writer)
{
	uint64_t random;
	int tries;

	for (tries = 0; writer->fd < 0 && tries < 16; tries++) {
		if (getrandom(&random, sizeof(random), 0) !=
		    (ssize_t)sizeof(random))
			return -1;
		snprintf(writer->part, sizeof(writer->part), ".part-%016llx",
		    (unsigned long long)random);
		writer->fd = openat(writer->spool.fresh, writer->part,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (writer->fd < 0 && errno != EEXIST)
			return -1;
		if (writer->fd >= 0 &&
		    flock(writer->fd, LOCK_EX | LOCK_NB) != 0) {
			close(writer->fd); /* just taken for a left one */
			writer->fd = -1;
		}
	}
	writer->written = 0;
	return writer->fd < 0 ? -1 : 0;
}

/* What was written of it cannot be trusted; errno stays. */
static void
drop_part(struct spool_writer *writer)
{
	int error = errno;

	unlinkat(writer->spool.fresh, writer->part, 0);
	close(writer->fd);
	writer->fd = -1;
	writer->written = 0;
	errno = error;
}

static int
write_part(struct spool_writer *writer)
{
	if (writer->fd < 0 && open_part(writer) != 0)
		return -1;
	if (io_write_all(writer->fd, writer->data.data + writer->written,
		writer->data.size - writer->written) != 0) {
		drop_part(writer);
		return -1;
	}
	writer->written = writer->data.size;
	return 0;
}

int
spool_writer_put(struct spool_writer *writer, const char *line, size_t size,
    struct failure *why)
{
	if (size == 0)
		return failure_set(why, EXIT_REFUSED, "empty line");
	if (size > IO_LINE_MAX)
		return failure_set(
		    why, EXIT_REFUSED, "longer than %zu bytes", IO_LINE_MAX);
	if (memchr(line, '\n', size) != NULL ||
	    memchr(line, '\0', size) != NULL)
		return failure_set(
		    why, EXIT_REFUSED, "line end or NUL inside a line");
	if (line_kind(line, size) == LINE_MARK)
		return failure_set(
		    why, EXIT_REFUSED, "marks are the spool's own");
	buf_put(&writer->data, line, size);
	buf_char(&writer->data, '\n');
	/* Early, so that it outlives us; commit tells of a failure. */
	if (writer->data.size - writer->written >= WRITE_SIZE &&
	    !writer->failed)
		writer->failed = write_part(writer) != 0;
	return 0;
}

int
spool_writer_commit(
    struct spool_writer *writer, int64_t *segment, struct failure *why)
{
	*segment = 0;
	if (writer->data.size == 0)
		return 0;
	writer->failed = true;
	if (write_part(writer) != 0)
		return failure_set(why, EXIT_AGAIN, "%s/new:", writer->path);
	if (fsync(writer->fd) != 0) {
		failure_set(why, EXIT_AGAIN, "%s/new: fsync:", writer->path);
		drop_part(writer);
		return -1;
	}
	if (spool_publish(&writer->spool, writer->part, segment, why) != 0) {
		drop_part(writer);
		return -1;
	}
	writer->failed = false;
	close(writer->fd);
	writer->fd = -1;
	writer->written = 0;
	buf_clear(&writer->data);
	return 0;
}

size_t
spool_writer_open_size(const struct spool_writer *writer)
{
	return writer->data.size;
}

int
spool_writer_full(struct spool_writer *writer)
{
	int64_t now = clock_monotonic_ms(), size;
	struct failure why;

	if (writer->limit <= 0)
		return 0;
	if (!writer->full && now - writer->looked_ms < 1000)
		return 0;
	writer->looked_ms = now;
	size = spool_size(&writer->spool, &why);
	writer->full = size >= writer->limit;
	return writer->full;
}
