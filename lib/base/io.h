/* Lines in, blocks out, files replaced as a whole. */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* A longer line is refused; the reader skips to its end and goes on. */
#define IO_LINE_MAX ((size_t)1 << 20)

/* Reads lines from a descriptor through a buffer of its own. */
struct io_reader {
	int fd;
	const char *name; /* for diagnostics; not owned */
	uint64_t line; /* number of the line returned last */
	/* private: */
	char *data;
	size_t start, end, room;
	size_t line_end; /* of the line at `start`, if one was found; or 0 */
	bool ended;
};

enum io_result {
	IO_LINE, /* a line; without its line end, NUL behind it */
	IO_LONG, /* a line longer than IO_LINE_MAX was skipped */
	IO_CUT, /* the last line has no line end; data is handed out */
	IO_END,
	IO_STOP, /* a signal asked to stop (see io_stop_on) */
	IO_ERROR /* read failed; errno is set */
};

/* `name` is kept, not copied; the descriptor stays the caller's. */
void io_reader_open(struct io_reader *reader, int fd, const char *name);
/* The line stays valid until the next call. */
enum io_result io_reader_next(
    struct io_reader *reader, char **line, size_t *size);
/* True when the next call would have to read, and that read would block
 * now: the moment to flush output. */
bool io_reader_would_block(struct io_reader *reader);
void io_reader_close(struct io_reader *reader);
/* The status for a failed read, by errno: a directory is a wrong call,
 * anything else may pass. Keeps errno. */
enum exit_status io_read_status(void);

/* Collects output and writes it in blocks; errors stick. */
struct io_writer {
	int fd;
	const char *name;
	int error; /* errno of the first failed write, or 0 */
	struct buf buf;
};

/* `name` is kept, not copied; the descriptor stays the caller's. */
void io_writer_open(struct io_writer *writer, int fd, const char *name);
void io_writer_put(struct io_writer *writer, const void *data, size_t size);
/* Write out once 64 KiB are waiting; call it after each record. */
void io_writer_check(struct io_writer *writer);
/* Write out all that waits. 0, or -1 with errno of the first failure. */
int io_writer_flush(struct io_writer *writer);
/* Flush and, for a descriptor that is a regular file, report what close
 * would hide. Returns 0 or -1 with errno. */
int io_writer_close(struct io_writer *writer);

/* SIGTERM and SIGINT set a flag instead of ending the program; a read in
 * io_reader_next is interrupted. SIGPIPE is ignored: EPIPE ends it. */
void io_stop_on_signals(void);
bool io_stopping(void);

/* Write all of it, however often write must be called. 0 or -1 (errno). */
int io_write_all(int fd, const void *data, size_t size);
/* A whole regular file, at most `limit` bytes. 0 or -1 with a failure. */
int io_file_read(int dir_fd, const char *path, size_t limit, struct buf *out,
    struct failure *why);
/* Replace a file: temporary file beside it, rename; `durable` adds fsync of
 * the file and its directory. 0 or -1 with a failure. */
int io_file_replace(const char *path, const void *data, size_t size,
    unsigned mode, bool durable, struct failure *why);
/* fsync of a file or folder by its name; 0 or -1 (errno). */
int io_sync(int dir_fd, const char *path);
/* The same of the folder that `path` stands in, which makes a rename there
 * safe. 0 or -1 with a failure. */
int io_sync_folder(const char *path, struct failure *why);
/* mkdir -p. */
int io_mkdirs(const char *path, unsigned mode, struct failure *why);

/* rm -r below an open folder (AT_FDCWD too), links not followed; 0 also
 * where nothing is there. */
int io_remove_tree(int dir_fd, const char *name, struct failure *why);

/* A tenant's slug is a path element: [a-z0-9][a-z0-9-]{0,62} */
bool io_slug_ok(const char *slug);

#endif
