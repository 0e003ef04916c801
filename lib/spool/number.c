/*
 * Segments get their number when they are finished: under a lock on the
 * file `counter`, which holds the last one. After a power cut that file may
 * be old, so each writer looks at the segments that are there when it
 * opens. What a killed writer left is finished by the next one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/num.h"
#include "spool/spool.h"

#define PART ".part-"
#define NUMBER_MAX INT64_C(9999999999999999)

static int64_t
read_counter(int fd)
{
	char text[32];
	ssize_t got = pread(fd, text, sizeof(text), 0);
	int64_t number;

	if (got > 1 &&
	    num_integer(text, (size_t)got - 1, 0, NUMBER_MAX, &number))
		return number;
	return 0;
}

static int64_t
last_number(int dir_fd)
{
	struct spool_names names;
	struct failure why;
	int64_t number = 0;

	if (spool_list(dir_fd, &names, &why) != 0)
		return 0;
	if (names.count > 0)
		number = spool_number(names.name[names.count - 1]);
	spool_names_free(&names);
	return number;
}

/* The counter, locked; -1 with errno. */
static int
open_counter(const struct spool *spool)
{
	int fd =
	    openat(spool->top, "counter", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0 && flock(fd, LOCK_EX) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
write_counter(int fd, int64_t number)
{
	char text[32];
	int size = snprintf(text, sizeof(text), "%" PRId64 "\n", number);

	/* Where this fails, numbers that are taken are passed over. */
	if (pwrite(fd, text, (size_t)size, 0) != size)
		return;
}

/* Not over one that is there. Some file systems do not know how to refuse
 * that; there the lock on the counter has to do. */
static int
rename_new(int dir_fd, const char *from, const char *to)
{
	if (renameat2(dir_fd, from, dir_fd, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (faccessat(dir_fd, to, F_OK, 0) == 0) {
		errno = EEXIST;
		return -1;
	}
	return renameat(dir_fd, from, dir_fd, to);
}

int
spool_publish(const struct spool *spool, const char *part, int64_t *segment,
    struct failure *why)
{
	char name[SPOOL_NAME_ROOM];
	int fd = open_counter(spool);
	int64_t number;
	int status;

	if (fd < 0)
		return failure_set(why, EXIT_AGAIN, "%s/counter:", spool->path);
	number = read_counter(fd);
	do {
		snprintf(name, sizeof(name), "%016" PRId64, ++number);
		status = rename_new(spool->fresh, part, name);
	} while (status != 0 && errno == EEXIST);
	if (status != 0)
		failure_set(why, EXIT_AGAIN, "%s/new/%s:", spool->path, name);
	else
		write_counter(fd, number);
	close(fd);
	if (status != 0)
		return -1;
	*segment = number;
	return spool_sync(spool->fresh, why);
}

/* Cut what is no whole line; false when nothing is left. */
static bool
cut_to_lines(int fd)
{
	char block[4096];
	struct stat st;
	off_t end, start;

	if (fstat(fd, &st) != 0)
		return false;
	for (end = st.st_size; end > 0; end = start) {
		ssize_t size;

		start =
		    end > (off_t)sizeof(block) ? end - (off_t)sizeof(block) : 0;
		size = pread(fd, block, (size_t)(end - start), start);
		while (size > 0 && block[size - 1] != '\n')
			size--;
		if (size > 0)
			return ftruncate(fd, start + size) == 0;
	}
	return false;
}

/* Finish one unfinished file unless its writer still holds the lock. */
static int
adopt(const struct spool *spool, const char *name, struct failure *why)
{
	int fd = openat(spool->fresh, name, O_RDWR | O_CLOEXEC);
	struct stat open_one, named;
	int64_t segment;
	int status = 0;

	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &open_one) != 0 ||
	    fstatat(spool->fresh, name, &named, 0) != 0 ||
	    open_one.st_ino != named.st_ino) {
		close(fd);
		return 0;
	}
	if (!cut_to_lines(fd))
		unlinkat(spool->fresh, name, 0);
	else if (fsync(fd) != 0)
		status = failure_set(
		    why, EXIT_AGAIN, "%s/new/%s:", spool->path, name);
	else
		status = spool_publish(spool, name, &segment, why);
	close(fd);
	return status;
}

static int
raise_counter(const struct spool *spool, struct failure *why)
{
	int64_t fresh = last_number(spool->fresh);
	int64_t fed = last_number(spool->fed);
	int64_t number = fresh > fed ? fresh : fed;
	int fd = open_counter(spool);

	if (fd < 0)
		return failure_set(why, EXIT_AGAIN, "%s/counter:", spool->path);
	if (read_counter(fd) < number)
		write_counter(fd, number);
	close(fd);
	return 0;
}

int
spool_adopt(const struct spool *spool, struct failure *why)
{
	int fd, status = raise_counter(spool, why);
	struct dirent *entry;
	DIR *dir;

	if (status != 0)
		return -1;
	fd = openat(spool->fresh, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return failure_set(why, EXIT_AGAIN, "%s/new:", spool->path);
	}
	while (status == 0 && (entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, PART, sizeof(PART) - 1) == 0)
			status = adopt(spool, entry->d_name, why);
	closedir(dir);
	return status;
}
