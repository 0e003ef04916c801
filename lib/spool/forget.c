#include "spool/forget.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/io.h"
#include "spool/journal.h"
#include "spool/spool.h"

/* A segment without the lines of the tenant; one that has no others goes. */
static int
filter(int dir_fd, const char *name, const char *tenant, struct failure *why)
{
	struct buf text = { 0 }, left = { 0 };
	size_t at = 0, size;
	struct spool_key key;
	const char *line;
	bool cut;
	int result = spool_read(dir_fd, name, &text, &cut, why);

	while (result == 0 && spool_line(&text, &at, &line, &size)) {
		spool_key(line, size, &key);
		if (strcmp(key.tenant, tenant) != 0)
			buf_put(&left, line, size + 1);
	}
	if (result == 0 && left.size == 0)
		result = unlinkat(dir_fd, name, 0) == 0
		    ? spool_sync(dir_fd, why)
		    : failure_set(why, EXIT_AGAIN, "spool: %s:", name);
	else if (result == 0 && left.size < text.size)
		result =
		    spool_put_file(dir_fd, name, left.data, left.size, why);
	buf_free(&text);
	buf_free(&left);
	return result;
}

static int
filter_all(int dir_fd, const char *tenant, struct failure *why)
{
	struct spool_names names;
	int result = spool_list(dir_fd, &names, why);

	for (size_t i = 0; result == 0 && i < names.count; i++)
		result = filter(dir_fd, names.name[i], tenant, why);
	spool_names_free(&names);
	return result;
}

/* The lock of the one feeder: without it segments may be changed. */
static int
filter_segments(
    const struct spool *spool, const char *tenant, struct failure *why)
{
	int lock =
	    openat(spool->top, "each.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int result = -1;

	if (lock < 0)
		return failure_set(
		    why, EXIT_AGAIN, "%s/each.lock:", spool->path);
	if (flock(lock, LOCK_EX | LOCK_NB) != 0)
		failure_set(why, EXIT_AGAIN,
		    "%s: spool each is at work: stop it and run this again",
		    spool->path);
	else if (filter_all(spool->fresh, tenant, why) == 0 &&
	    filter_all(spool->fed, tenant, why) == 0 &&
	    filter_all(spool->refused, tenant, why) == 0)
		result = 0;
	close(lock);
	return result;
}

static int
forget(const struct spool *spool, const char *tenant, struct failure *why)
{
	int lock, result = journal_lock(spool, LOCK_EX, &lock, why);
	char unpacked[SPOOL_KEY_ROOM + 16];

	snprintf(unpacked, sizeof(unpacked), ".unpack-%s", tenant);
	if (result == 0)
		result = journal_recover(spool, why);
	if (result == 0)
		result = io_remove_tree(spool->archive, tenant, why);
	if (result == 0) /* an unpacking that was cut off has left it */
		result = io_remove_tree(spool->archive, unpacked, why);
	journal_unlock(lock);
	if (result == 0)
		result = io_remove_tree(spool->wait, tenant, why);
	return result == 0 ? filter_segments(spool, tenant, why) : -1;
}

int
spool_forget(const char *path, const char *tenant, struct failure *why)
{
	struct spool spool;
	int result = spool_open_there(&spool, path, why);

	if (result != 1)
		return result;
	result = forget(&spool, tenant, why);
	spool_close(&spool);
	return result;
}
