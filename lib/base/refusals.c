/* See refusals.h. */
#include "base/refusals.h"

#include <fcntl.h>

#include "base/err.h"

int
refusals_open(struct refusals *refusals, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	io_writer_open(&refusals->kept, fd, path);
	refusals->path = path;
	return 0;
}

void
refusals_line(struct refusals *refusals, const char *name, uint64_t number,
    const char *line, size_t size, const char *reason)
{
	refusals->count++;
	warn("%s:%llu: %s", name, (unsigned long long)number, reason);
	if (refusals->path == NULL || line == NULL)
		return;
	io_writer_put(&refusals->kept, line, size);
	io_writer_put(&refusals->kept, "\n", 1);
	io_writer_check(&refusals->kept);
}

int
refusals_flush(struct refusals *refusals)
{
	return refusals->path == NULL ? 0 : io_writer_flush(&refusals->kept);
}

int
refusals_close(struct refusals *refusals)
{
	return refusals->path == NULL ? 0 : io_writer_close(&refusals->kept);
}
