#include "base/io.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define READ_SIZE ((size_t)64 << 10)
#define WRITE_SIZE ((size_t)64 << 10)

static volatile sig_atomic_t stop_asked;

static void
ask_stop(int signal_number)
{
	(void)signal_number;
	stop_asked = 1;
}

void
io_stop_on_signals(void)
{
	struct sigaction action = { .sa_handler = ask_stop };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

bool
io_stopping(void)
{
	return stop_asked != 0;
}

void
io_reader_open(struct io_reader *reader, int fd, const char *name)
{
	*reader = (struct io_reader){ .fd = fd, .name = name };
	reader->room = READ_SIZE;
	reader->data = mem_alloc(reader->room + 1);
}

void
io_reader_close(struct io_reader *reader)
{
	free(reader->data);
	reader->data = NULL;
}

/* Make room behind what is unread, at most for one line of full length. */
static void
make_room(struct io_reader *reader)
{
	size_t left = reader->end - reader->start;

	if (reader->start > 0) {
		memmove(reader->data, reader->data + reader->start, left);
		reader->start = 0;
		reader->end = left;
	}
	if (reader->room - reader->end < READ_SIZE / 2) {
		reader->room *= 2;
		reader->data = mem_grow(reader->data, reader->room + 1, 1);
	}
}

/* 1 more bytes, 0 the end, -1 stopped or failed (errno). */
static int
fill(struct io_reader *reader)
{
	ssize_t got;

	make_room(reader);
	do {
		if (io_stopping()) {
			errno = EINTR;
			return -1;
		}
		got = read(reader->fd, reader->data + reader->end,
		    reader->room - reader->end);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -1;
	if (got == 0) {
		reader->ended = true;
		return 0;
	}
	reader->end += (size_t)got;
	return 1;
}

static enum io_result
hand_out(struct io_reader *reader, char **line, size_t *size, char *line_end)
{
	char *start = reader->data + reader->start;
	enum io_result result = line_end != NULL ? IO_LINE : IO_CUT;

	if (line_end == NULL)
		line_end = reader->data + reader->end;
	*line_end = '\0';
	*line = start;
	*size = (size_t)(line_end - start);
	reader->start =
	    (size_t)(line_end - reader->data) + (result == IO_LINE ? 1 : 0);
	reader->line_end = 0;
	reader->line++;
	return *size > IO_LINE_MAX ? IO_LONG : result;
}

/* The rest of a line that is too long is read and thrown away. */
static enum io_result
skip_long(struct io_reader *reader)
{
	for (;;) {
		char *start = reader->data + reader->start;
		char *found = memchr(start, '\n', reader->end - reader->start);
		int more;

		if (found != NULL) {
			reader->start = (size_t)(found - reader->data) + 1;
			reader->line++;
			return IO_LONG;
		}
		reader->start = reader->end = 0;
		more = fill(reader);
		if (more < 0)
			return io_stopping() ? IO_STOP : IO_ERROR;
		if (more == 0) {
			reader->line++;
			return IO_LONG;
		}
	}
}

/* The end of the next line, `searched` bytes of which have none. It is
 * found once, whoever asks first. */
static char *
find_end(struct io_reader *reader, size_t searched)
{
	char *start = reader->data + reader->start, *found;
	size_t have = reader->end - reader->start;

	if (reader->line_end > 0)
		return reader->data + reader->line_end;
	if (have <= searched)
		return NULL;
	found = memchr(start + searched, '\n', have - searched);
	if (found != NULL)
		reader->line_end = (size_t)(found - reader->data);
	return found;
}

enum io_result
io_reader_next(struct io_reader *reader, char **line, size_t *size)
{
	size_t searched = 0;

	for (;;) {
		size_t have = reader->end - reader->start;
		char *found = find_end(reader, searched);
		int more;

		if (found != NULL)
			return hand_out(reader, line, size, found);
		if (reader->ended)
			return have > 0 ? hand_out(reader, line, size, NULL)
					: IO_END;
		if (have > IO_LINE_MAX)
			return skip_long(reader);
		searched = have;
		more = fill(reader);
		if (more < 0)
			return io_stopping() ? IO_STOP : IO_ERROR;
	}
}

enum exit_status
io_read_status(void)
{
	return errno == EISDIR ? EXIT_WRONG : EXIT_AGAIN;
}

bool
io_reader_would_block(struct io_reader *reader)
{
	struct pollfd wait = { .fd = reader->fd, .events = POLLIN };

	if (reader->ended || find_end(reader, 0) != NULL)
		return false;
	return poll(&wait, 1, 0) == 0;
}

void
io_writer_open(struct io_writer *writer, int fd, const char *name)
{
	*writer = (struct io_writer){ .fd = fd, .name = name };
}

void
io_writer_put(struct io_writer *writer, const void *data, size_t size)
{
	buf_put(&writer->buf, data, size);
}

void
io_writer_check(struct io_writer *writer)
{
	if (writer->buf.size >= WRITE_SIZE)
		io_writer_flush(writer);
}

int
io_writer_flush(struct io_writer *writer)
{
	if (writer->error == 0 && writer->buf.size > 0 &&
	    io_write_all(writer->fd, writer->buf.data, writer->buf.size) < 0)
		writer->error = errno;
	buf_clear(&writer->buf);
	errno = writer->error;
	return writer->error == 0 ? 0 : -1;
}

int
io_writer_close(struct io_writer *writer)
{
	int status = io_writer_flush(writer);
	struct stat info;

	/* A network file system may tell of a full disk only here. */
	if (status == 0 && fstat(writer->fd, &info) == 0 &&
	    S_ISREG(info.st_mode) && fsync(writer->fd) < 0 && errno != EINVAL &&
	    errno != EROFS) {
		writer->error = errno;
		status = -1;
	}
	buf_free(&writer->buf);
	errno = writer->error;
	return status;
}

int
io_write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		ssize_t put = write(fd, at, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		at += put;
		size -= (size_t)put;
	}
	return 0;
}

bool
io_slug_ok(const char *slug)
{
	size_t size = strlen(slug);

	return size >= 1 && size <= 63 && slug[0] != '-' &&
	    strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}
