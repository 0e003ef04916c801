/* The folders of the archive: a tenant's, its generation, and its hours
 * that have been kept long enough. */
#include "spool/archive_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/num.h"
#include "spool/archive.h"
#include "spool/journal.h"

#define GEN_MAX INT64_C(1000000000)
#define CLOCK_UNSET_S 1451606400 /* 2016: no clock that was set says so */

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int
archive_list_dated(int dir_fd, struct spool_names *names, struct failure *why)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	*names = (struct spool_names){ NULL, 0 };
	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return failure_set(why, EXIT_AGAIN, "archive:");
	}
	while ((entry = readdir(dir)) != NULL) {
		if (strspn(entry->d_name, "0123456789") < 2)
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
archive_open_tenant(
    const struct spool *spool, const char *tenant, struct failure *why)
{
	int fd = openat(spool->archive, tenant,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0)
		return fd;
	return failure_set(why, errno == ENOENT ? EXIT_WRONG : EXIT_AGAIN,
	    "%s/archive/%s:", spool->path, tenant);
}

int64_t
spool_archive_gen(
    const struct spool *spool, const char *tenant, struct failure *why)
{
	int tenant_fd = archive_open_tenant(spool, tenant, why), lock;
	struct buf text = { 0 };
	int64_t gen = 0;
	int status;

	if (tenant_fd < 0)
		return -1;
	status = journal_lock(spool, LOCK_EX, &lock, why);
	if (status == 0 && faccessat(tenant_fd, "gen", F_OK, 0) == 0)
		status = io_file_read(tenant_fd, "gen", 64, &text, why);
	if (status == 0 && text.size > 0 &&
	    !num_integer(text.data, text.size - 1, 0, GEN_MAX - 1, &gen))
		status = failure_set(
		    why, EXIT_WRONG, "archive/%s/gen: is no number", tenant);
	buf_clear(&text);
	buf_print(&text, "%lld\n", (long long)(gen + 1));
	if (status == 0)
		status =
		    spool_put_file(tenant_fd, "gen", text.data, text.size, why);
	journal_unlock(lock);
	buf_free(&text);
	close(tenant_fd);
	return status == 0 ? gen + 1 : -1;
}

/* ---- the end of its keeping time -------------------------------------- */

/* Where it fails the next pass does it: the file stays as it is. */
static void
touch(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return;
	futimens(fd, NULL);
	close(fd);
}

/* Of one day: which hours are over. The newest goes to `newest`; they are
 * removed only when `remove`. */
static void
prune_day(int tenant_fd, const char *day, int64_t before_ms, bool remove,
    char newest[16])
{
	int day_fd = openat(
	    tenant_fd, day, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct spool_names hours = { NULL, 0 };
	struct failure why;
	struct stat st;
	size_t i;

	if (day_fd < 0)
		return;
	if (archive_list_dated(day_fd, &hours, &why) != 0)
		hours.count = 0;
	for (i = 0; i < hours.count; i++) {
		char stamp[16];

		if (fstatat(day_fd, hours.name[i], &st, AT_SYMLINK_NOFOLLOW) !=
			0 ||
		    (int64_t)st.st_mtim.tv_sec * 1000 >= before_ms)
			continue;
		/* written before the clock was set: its time begins now */
		if (st.st_mtim.tv_sec < CLOCK_UNSET_S) {
			touch(day_fd, hours.name[i]);
			continue;
		}
		snprintf(
		    stamp, sizeof(stamp), "%.10sT%.2s", day, hours.name[i]);
		if (strcmp(stamp, newest) > 0)
			memcpy(newest, stamp, sizeof(stamp));
		if (remove)
			unlinkat(day_fd, hours.name[i], 0);
	}
	spool_names_free(&hours);
	close(day_fd);
	if (remove) /* only where it is empty */
		unlinkat(tenant_fd, day, AT_REMOVEDIR);
}

/* What is about to be removed is noted first. */
static int
note_pruned(int tenant_fd, const char *newest, struct failure *why)
{
	struct buf text = { 0 };
	int status = 0;

	if (faccessat(tenant_fd, "pruned", F_OK, 0) == 0)
		status = io_file_read(tenant_fd, "pruned", 64, &text, why);
	if (status == 0 &&
	    (text.size < 13 || memcmp(text.data, newest, 13) < 0))
		status = spool_put_file(
		    tenant_fd, "pruned", newest, strlen(newest), why);
	buf_free(&text);
	return status;
}

static int
prune_tenant(const struct spool *spool, const char *tenant, int64_t before_ms,
    struct failure *why)
{
	struct spool_names days = { NULL, 0 };
	int tenant_fd = archive_open_tenant(spool, tenant, why), status;
	char newest[16] = "";
	size_t i;

	if (tenant_fd < 0)
		return why->status == EXIT_WRONG ? 0 : -1;
	status = archive_list_dated(tenant_fd, &days, why);
	for (i = 0; i < days.count; i++)
		prune_day(tenant_fd, days.name[i], before_ms, false, newest);
	if (status == 0 && newest[0] != '\0')
		status = note_pruned(tenant_fd, newest, why);
	for (i = 0; status == 0 && newest[0] != '\0' && i < days.count; i++)
		prune_day(tenant_fd, days.name[i], before_ms, true, newest);
	spool_names_free(&days);
	close(tenant_fd);
	return status;
}

int
spool_archive_prune(
    const struct spool *spool, int64_t before_ms, struct failure *why)
{
	struct spool_names tenants;
	int lock, status = spool_list_tenants(spool->archive, &tenants, why);
	size_t i;

	if (status != 0)
		return -1;
	status = journal_lock(spool, LOCK_EX, &lock, why);
	for (i = 0; status == 0 && i < tenants.count; i++)
		status = prune_tenant(spool, tenants.name[i], before_ms, why);
	journal_unlock(lock);
	spool_names_free(&tenants);
	return status;
}

int
spool_archive_prune_tenant(const struct spool *spool, const char *tenant,
    int64_t before_ms, struct failure *why)
{
	int lock, status = journal_lock(spool, LOCK_EX, &lock, why);

	if (status != 0)
		return -1;
	status = prune_tenant(spool, tenant, before_ms, why);
	journal_unlock(lock);
	return status;
}
