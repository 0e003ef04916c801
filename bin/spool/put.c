/*
 * spool put: lines from standard input become segments of a spool, one a
 * second. A mark goes out for each that is safe. It touches that spool and
 * nothing else. At the size limit, or when the disk is full, it reads no
 * further until there is room: nothing is dropped.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arg.h"
#include "base/box.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "record/line.h"
#include "spool/spool.h"
#include "spool_main.h"

#define CLOSE_AFTER_MS 1000
#define CLOSE_SIZE ((size_t)4 << 20)
#define LOOK_AGAIN_MS 200

static const char synopsis[] = "usage: spool put [-hV] [-l size] dir\n";

struct put {
	const char *dir;
	struct spool_writer *writer;
	struct io_reader in;
	struct io_writer out;
	int64_t due_ms; /* when the open segment is to be closed */
	bool refused;
};

/* "10G", "500M", "64k" or bytes. */
static int64_t
parse_size(const char *text)
{
	static const char units[] = "kMGT";
	size_t size = strlen(text);
	const char *unit = size > 1 ? strchr(units, text[size - 1]) : NULL;
	int shift = unit == NULL ? 0 : 10 * (int)(unit - units + 1);
	int64_t value;

	if (!num_integer(text, unit == NULL ? size : size - 1, 0,
		INT64_MAX >> shift, &value))
		die(EXIT_WRONG,
		    "--limit: \"%s\" is no size such as 500M or "
		    "20G",
		    text);
	return value << shift;
}

/* Until the disk takes it; a signal ends the waiting with EXIT_AGAIN. */
static void
commit(struct put *put)
{
	struct mark mark = { 0 };
	struct failure why;
	bool told = false;

	while (spool_writer_commit(put->writer, &mark.segment, &why) != 0) {
		if (!told)
			warn("%s; waiting", why.message);
		told = true;
		if (io_stopping())
			die(EXIT_AGAIN,
			    "%s: stopped with %zu bytes that are "
			    "not safe",
			    put->dir, spool_writer_open_size(put->writer));
		clock_sleep_until(clock_monotonic_ms() + CLOSE_AFTER_MS);
	}
	if (told)
		warn("%s: going on", put->dir);
	if (mark.segment == 0)
		return;
	mark_print(&mark, &put->out.buf);
	if (io_writer_flush(&put->out) != 0 && errno != EPIPE)
		warn("standard output:");
}

static void
wait_for_room(struct put *put)
{
	if (!spool_writer_full(put->writer))
		return;
	commit(put);
	warn("%s: the limit is reached; waiting", put->dir);
	while (!io_stopping() && spool_writer_full(put->writer))
		clock_sleep_until(clock_monotonic_ms() + LOOK_AGAIN_MS);
	if (!io_stopping())
		warn("%s: going on", put->dir);
}

/* Wait for input or for the time to close the segment. */
static void
wait_for_input(struct put *put)
{
	struct pollfd input = { .fd = put->in.fd, .events = POLLIN };
	int64_t left = CLOSE_AFTER_MS; /* a signal may come just before */

	if (spool_writer_open_size(put->writer) > 0) {
		left = put->due_ms - clock_monotonic_ms();
		if (left < 0)
			left = 0;
	}
	if (!io_stopping())
		poll(&input, 1, (int)left);
}

static void
record(struct put *put, const char *line, size_t size)
{
	struct failure why;

	if (spool_writer_open_size(put->writer) == 0)
		put->due_ms = clock_monotonic_ms() + CLOSE_AFTER_MS;
	if (spool_writer_put(put->writer, line, size, &why) == 0)
		return;
	warn("%s:%llu: %s", put->in.name, (unsigned long long)put->in.line,
	    why.message);
	put->refused = true;
}

/* One line; false at the end. */
static bool
next(struct put *put)
{
	char *line;
	int wrong;
	size_t size;

	switch (io_reader_next(&put->in, &line, &size)) {
	case IO_LINE:
		record(put, line, size);
		return true;
	case IO_LONG:
	case IO_CUT:
		warn("%s:%llu: %s", put->in.name,
		    (unsigned long long)put->in.line,
		    put->in.ended ? "the last line is not finished"
				  : "line too long");
		put->refused = true;
		return true;
	case IO_ERROR:
		wrong = errno;
		commit(put);
		errno = wrong;
		die(io_read_status(), "%s:", put->in.name);
	case IO_END:
	case IO_STOP:
		break;
	}
	return false;
}

static void
loop(struct put *put)
{
	bool more = true;

	/* a signal leaves no line behind that has been read */
	while (more && !(io_stopping() && io_reader_would_block(&put->in))) {
		if (io_reader_would_block(&put->in))
			wait_for_input(put);
		if (spool_writer_open_size(put->writer) >= CLOSE_SIZE ||
		    (spool_writer_open_size(put->writer) > 0 &&
			clock_monotonic_ms() >= put->due_ms)) {
			commit(put);
			wait_for_room(put);
		}
		if (!io_reader_would_block(&put->in))
			more = next(put);
	}
	commit(put);
}

static const char *
options(int argc, char **argv, int64_t *limit)
{
	static const struct option names[] = { { "help", no_argument, NULL,
						   'h' },
		{ "limit", required_argument, NULL, 'l' },
		{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "hl:V", names, NULL)) != -1)
		switch (option) {
		case 'l':
			*limit = parse_size(optarg);
			break;
		case 'V':
			arg_version();
		default:
			arg_usage(synopsis, option == 'h');
		}
	if (argc - optind != 1)
		arg_usage(synopsis, false);
	return argv[optind];
}

int
put_main(int argc, char **argv)
{
	struct put put = { 0 };
	struct box_path path;
	struct failure why;
	int64_t limit = INT64_C(10) << 30;

	err_name_set("spool put");
	put.dir = options(argc, argv, &limit);
	put.writer = spool_writer_open(put.dir, limit, &why);
	if (put.writer == NULL)
		die_failure(&why);
	io_reader_open(&put.in, STDIN_FILENO, "standard input");
	io_writer_open(&put.out, STDOUT_FILENO, "standard output");
	io_stop_on_signals();
	path = (struct box_path){ put.dir, BOX_WRITE };
	if (box_enter(&path, 1, BOX_NET_NONE, false, NULL, 0, &why) != 0)
		die_failure(&why);
	wait_for_room(&put);
	loop(&put);
	spool_writer_close(put.writer);
	io_reader_close(&put.in);
	if (io_writer_close(&put.out) != 0 && errno != EPIPE)
		die_output();
	return put.refused ? EXIT_REFUSED : EXIT_OK;
}
