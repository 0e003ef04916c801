/* The directories of a spool: names, sizes, files moved and made safe. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "spool/spool.h"

#define NUMBER_DIGITS 16

static int
open_part(int top, const char *path, const char *name, bool create,
    struct failure *why)
{
	enum exit_status status;
	int fd;

	if (create && mkdirat(top, name, 0700) != 0 && errno != EEXIST)
		return failure_set(why, EXIT_AGAIN, "%s/%s:", path, name);
	fd = openat(top, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		status = errno == ENOENT ? EXIT_WRONG : EXIT_AGAIN;
		return failure_set(why, status, "%s/%s:", path, name);
	}
	return fd;
}

int
spool_open(
    struct spool *spool, const char *path, bool create, struct failure *why)
{
	static const char *const names[] = { "new", "fed", "wait", "refused",
		"archive" };
	int *const parts[] = { &spool->fresh, &spool->fed, &spool->wait,
		&spool->refused, &spool->archive };
	bool absent;
	size_t i;

	*spool = (struct spool){ path, -1, -1, -1, -1, -1, -1, NULL };
	if (create && io_mkdirs(path, 0700, why) != 0)
		return -1;
	spool->top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (spool->top < 0) {
		absent = errno == ENOENT || errno == ENOTDIR;
		return failure_set(
		    why, absent ? EXIT_WRONG : EXIT_AGAIN, "%s:", path);
	}
	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		*parts[i] = open_part(spool->top, path, names[i], create, why);
		if (*parts[i] < 0) {
			spool_close(spool);
			return -1;
		}
	}
	return !create ? 0 : spool_sync(spool->top, why);
}

int
spool_open_there(struct spool *spool, const char *path, struct failure *why)
{
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return 0;
	return spool_open(spool, path, false, why) == -1 ? -1 : 1;
}

static void
close_part(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void
spool_close(struct spool *spool)
{
	close_part(&spool->top);
	close_part(&spool->fresh);
	close_part(&spool->fed);
	close_part(&spool->wait);
	close_part(&spool->refused);
	close_part(&spool->archive);
}

int64_t
spool_number(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	if (digits != NUMBER_DIGITS || strlen(name) >= SPOOL_NAME_ROOM ||
	    strspn(name, "0123456789.") != strlen(name))
		return 0;
	return (int64_t)strtoll(name, NULL, 10);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
segment_named(const char *name)
{
	return spool_number(name) != 0;
}

static bool
tenant_named(const char *name)
{
	return io_slug_ok(name) || strcmp(name, "-") == 0;
}

static int
list(int dir_fd, bool (*wanted)(const char *), struct spool_names *names,
    struct failure *why)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	*names = (struct spool_names){ NULL, 0 };
	if (dir == NULL) {
		failure_set(why, EXIT_AGAIN, "spool:");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (!wanted(entry->d_name))
			continue;
		names->name = mem_grow(
		    names->name, names->count + 1, sizeof(*names->name));
		names->name[names->count++] = mem_copy_text(entry->d_name);
	}
	closedir(dir);
	if (names->count > 0)
		qsort(names->name, names->count, sizeof(*names->name),
		    compare_names);
	return 0;
}

int
spool_list(int dir_fd, struct spool_names *names, struct failure *why)
{
	return list(dir_fd, segment_named, names, why);
}

int
spool_list_tenants(int dir_fd, struct spool_names *names, struct failure *why)
{
	return list(dir_fd, tenant_named, names, why);
}

void
spool_names_free(struct spool_names *names)
{
	size_t i;

	for (i = 0; i < names->count; i++)
		mem_free(names->name[i]);
	mem_free(names->name);
	*names = (struct spool_names){ NULL, 0 };
}

int
spool_sync(int dir_fd, struct failure *why)
{
	return fsync(dir_fd) == 0
	    ? 0
	    : failure_set(why, EXIT_AGAIN, "spool: fsync:");
}

int
spool_move(int from_fd, int to_fd, const char *name, struct failure *why)
{
	if (renameat(from_fd, name, to_fd, name) == 0)
		return 0;
	return failure_set(why, EXIT_AGAIN, "spool: moving %s:", name);
}

int
spool_put_file(int dir_fd, const char *name, const void *data, size_t size,
    struct failure *why)
{
	char temporary[SPOOL_NAME_ROOM + 8];
	int fd, status;

	snprintf(temporary, sizeof(temporary), ".tmp-%s", name);
	fd = openat(
	    dir_fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return failure_set(why, EXIT_AGAIN, "spool: %s:", name);
	status = io_write_all(fd, data, size);
	if (status == 0)
		status = fsync(fd);
	if (close(fd) != 0)
		status = -1;
	if (status == 0)
		status = renameat(dir_fd, temporary, dir_fd, name);
	if (status != 0) {
		failure_set(why, EXIT_AGAIN, "spool: %s:", name);
		unlinkat(dir_fd, temporary, 0);
		return -1;
	}
	return spool_sync(dir_fd, why);
}

static int
add_sizes(int dir_fd, int64_t *size, struct failure *why)
{
	struct spool_names names;
	struct stat st;
	size_t i;

	if (spool_list(dir_fd, &names, why) != 0)
		return -1;
	for (i = 0; i < names.count; i++)
		if (fstatat(dir_fd, names.name[i], &st, 0) == 0)
			*size += st.st_size;
	spool_names_free(&names);
	return 0;
}

int64_t
spool_size(const struct spool *spool, struct failure *why)
{
	int64_t size = 0;

	if (add_sizes(spool->fresh, &size, why) != 0 ||
	    add_sizes(spool->fed, &size, why) != 0)
		return -1;
	return size;
}

int64_t
spool_oldest(const struct spool *spool)
{
	struct spool_names names;
	struct failure why;
	struct stat st;
	int64_t oldest = 0;

	if (spool_list(spool->fresh, &names, &why) != 0)
		return 0;
	if (names.count > 0 &&
	    fstatat(spool->fresh, names.name[0], &st, 0) == 0)
		oldest = (int64_t)st.st_mtim.tv_sec * 1000 +
		    st.st_mtim.tv_nsec / 1000000;
	spool_names_free(&names);
	return oldest;
}
