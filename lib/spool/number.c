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

static int
write_counter(int fd, int64_t number)
{
	char text[32];
	int size = snprintf(text, sizeof(text), "%" PRId64 "\n", number);

	errno = ENOSPC; /* where less is written than asked */
	return pwrite(fd, text, (size_t)size, 0) == size ? 0 : -1;
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

static void
raise_to(int64_t *number, int64_t other)
{
	if (other > *number)
		*number = other;
}

/* Lines that wait have left new/ and fed/ and still have their number. */
static int
last_waiting(const struct spool *spool, int64_t *number, struct failure *why)
{
	struct spool_names tenants;
	size_t i;
	int fd;

	if (spool_list_tenants(spool->wait, &tenants, why) != 0)
		return -1;
	for (i = 0; i < tenants.count; i++) {
		fd = openat(spool->wait, tenants.name[i],
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0)
			continue; /* waits no longer */
		raise_to(number, last_number(fd));
		close(fd);
	}
	spool_names_free(&tenants);
	return 0;
}

/* The last number that a segment here has; -1 with a failure. */
static int64_t
highest(const struct spool *spool, struct failure *why)
{
	int64_t number = last_number(spool->refused);

	if (last_waiting(spool, &number, why) != 0)
		return -1;
	raise_to(&number, last_number(spool->fresh));
	raise_to(&number, last_number(spool->fed));
	return number;
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
	if (number == 0) /* somebody removed it */
		number = highest(spool, why);
	if (number < 0) {
		close(fd);
		return -1;
	}
	/* Counted first: a number that was given twice would let a segment
	 * take the place of another, in fed/ or in wait/. */
	do {
		snprintf(name, sizeof(name), "%016" PRId64, ++number);
		status = write_counter(fd, number);
		if (status == 0)
			status = rename_new(spool->fresh, part, name);
	} while (status != 0 && errno == EEXIST);
	if (status != 0)
		failure_set(why, EXIT_AGAIN, "%s/new/%s:", spool->path, name);
	close(fd);
	if (status != 0)
		return -1;
	*segment = number;
	return spool_sync(spool->fresh, why);
}

/* Cut what is no whole line: 1 done, 0 nothing is left, -1 with errno. */
static int
cut_to_lines(int fd)
{
	char block[4096];
	struct stat st;
	off_t end, start;

	if (fstat(fd, &st) != 0)
		return -1;
	for (end = st.st_size; end > 0; end = start) {
		ssize_t size;

		start =
		    end > (off_t)sizeof(block) ? end - (off_t)sizeof(block) : 0;
		size = pread(fd, block, (size_t)(end - start), start);
		if (size < 0)
			return -1;
		while (size > 0 && block[size - 1] != '\n')
			size--;
		if (size > 0)
			return ftruncate(fd, start + size) == 0 ? 1 : -1;
	}
	return 0;
}

/* Finish one unfinished file unless its writer still holds the lock. */
static int
adopt(const struct spool *spool, const char *name, struct failure *why)
{
	int fd = openat(spool->fresh, name, O_RDWR | O_CLOEXEC);
	struct stat open_one, named;
	int64_t segment;
	int status = 0, lines;

	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &open_one) != 0 ||
	    fstatat(spool->fresh, name, &named, 0) != 0 ||
	    open_one.st_ino != named.st_ino) {
		close(fd);
		return 0;
	}
	lines = cut_to_lines(fd);
	if (lines == 0)
		unlinkat(spool->fresh, name, 0);
	else if (lines < 0 || fsync(fd) != 0)
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
	int64_t number = highest(spool, why);
	int fd, status;

	if (number < 0)
		return -1;
	fd = open_counter(spool);
	if (fd < 0)
		return failure_set(why, EXIT_AGAIN, "%s/counter:", spool->path);
	status = read_counter(fd) < number ? write_counter(fd, number) : 0;
	if (status != 0)
		failure_set(why, EXIT_AGAIN, "%s/counter:", spool->path);
	close(fd);
	return status;
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
