/* Segments read, and lines of them set aside: for a tenant that cannot be
 * written now, or because they kill a stage. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "spool/spool.h"

#define SEGMENT_SIZE_MAX ((size_t)256 << 20)

int
spool_read(int dir_fd, const char *name, struct buf *text, bool *cut,
    struct failure *why)
{
	size_t before = text->size, end;

	if (io_file_read(dir_fd, name, before + SEGMENT_SIZE_MAX, text, why) !=
	    0)
		return failure_prefix(why, "spool");
	end = text->size;
	while (end > before && text->data[end - 1] != '\n')
		end--;
	*cut = end < text->size;
	text->size = end;
	return 0;
}

int
spool_wait_dir(const struct spool *spool, const char *tenant)
{
	if (mkdirat(spool->wait, tenant, 0700) == 0) {
		if (fsync(spool->wait) != 0)
			return -1;
	} else if (errno != EEXIST)
		return -1;
	return openat(spool->wait, tenant,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

static void
pick(const struct buf *text, const char *tenant, struct buf *out)
{
	size_t at = 0, size;
	struct spool_key key;
	const char *line;

	while (spool_line(text, &at, &line, &size)) {
		spool_key(line, size, &key);
		if (strcmp(key.tenant, tenant) == 0)
			buf_put(out, line, size + 1);
	}
}

int
spool_set_aside(const struct spool *spool, int dir_fd, const char *name,
    const char *tenant, struct failure *why)
{
	struct buf text = { 0 }, picked = { 0 };
	bool cut;
	int fd, status = spool_read(dir_fd, name, &text, &cut, why);

	if (status == 0)
		pick(&text, tenant, &picked);
	if (status == 0 && picked.size > 0) {
		fd = spool_wait_dir(spool, tenant);
		if (fd < 0)
			status = failure_set(why, EXIT_AGAIN,
			    "%s/wait/%s:", spool->path, tenant);
		else
			status = spool_put_file(
			    fd, name, picked.data, picked.size, why);
		if (fd >= 0)
			close(fd);
	}
	buf_free(&text);
	buf_free(&picked);
	return status;
}

static size_t
count_lines(const struct buf *text)
{
	size_t at = 0, size, count = 0;
	const char *line;

	while (spool_line(text, &at, &line, &size))
		count++;
	return count;
}

static int
put_half(int dir_fd, const char *name, int half, const char *data, size_t size,
    struct failure *why)
{
	char part[SPOOL_NAME_ROOM];

	if (snprintf(part, sizeof(part), "%s.%d", name, half) >=
	    (int)sizeof(part))
		return failure_set(
		    why, EXIT_WRONG, "%s: halved too often", name);
	return spool_put_file(dir_fd, part, data, size, why);
}

/* Both halves are safe before the whole goes: at worst both are there, and
 * lines are fed twice, which changes nothing. */
static int
halve(int dir_fd, const char *name, const struct buf *text, size_t lines,
    struct failure *why)
{
	size_t at = 0, size, i;
	const char *line;

	for (i = 0; i < lines / 2; i++)
		spool_line(text, &at, &line, &size);
	if (put_half(dir_fd, name, 0, text->data, at, why) != 0)
		return -1;
	return put_half(dir_fd, name, 1, text->data + at, text->size - at, why);
}

/* Two tenants that wait may have a line each of one segment: neither takes
 * the place of the other. */
static int
refuse(const struct spool *spool, const char *name, const struct buf *text,
    struct failure *why)
{
	char free_name[SPOOL_NAME_ROOM];
	int n = 1;

	snprintf(free_name, sizeof(free_name), "%s", name);
	while (faccessat(spool->refused, free_name, F_OK, 0) == 0)
		if (snprintf(free_name, sizeof(free_name), "%s.%d", name,
			++n) >= (int)sizeof(free_name))
			return failure_set(why, EXIT_AGAIN,
			    "%s/refused/%s: is there", spool->path, name);
	return spool_put_file(
	    spool->refused, free_name, text->data, text->size, why);
}

int
spool_halve(const struct spool *spool, int dir_fd, const char *name,
    struct failure *why)
{
	struct buf text = { 0 };
	size_t lines = 0;
	bool cut;
	int status = spool_read(dir_fd, name, &text, &cut, why);

	if (status == 0) {
		lines = count_lines(&text);
		status = lines > 1 ? halve(dir_fd, name, &text, lines, why)
				   : refuse(spool, name, &text, why);
	}
	if (status == 0 && unlinkat(dir_fd, name, 0) != 0)
		status = failure_set(why, EXIT_AGAIN, "spool: %s:", name);
	if (status == 0)
		status = spool_sync(dir_fd, why);
	buf_free(&text);
	return status != 0 ? -1 : lines <= 1;
}
