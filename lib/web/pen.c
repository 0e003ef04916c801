/*
 * The gnuplot behind the charts: started once, without a shell, by a fixed
 * argument list, with an empty environment, in a box that lets it read the
 * system's files and write nothing but its output. It is fed and read in
 * turns, so neither side waits for the other.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/box.h"
#include "base/clock.h"
#include "base/mem.h"
#include "web/chart.h"

#define DRAW_MAX_MS 120000 /* a batch of pictures */
#define SENTINEL "tbms: drawn"

struct chart_pen {
	pid_t pid;
	int in, out; /* its standard input and output */
};

struct chart_pen *
chart_open(struct failure *why)
{
	static const struct box_path paths[] = { { "/usr", BOX_READ },
		{ "/lib", BOX_READ }, { "/lib64", BOX_READ },
		{ "/bin", BOX_READ }, { "/etc", BOX_READ },
		{ "/var/cache/fontconfig", BOX_READ } };
	char path[] = "/usr/bin/gnuplot", plain[] = "-d", input[] = "-";
	char *const arguments[] = { path, plain, input, NULL };
	struct chart_pen *pen;
	int in[2], out[2];
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) == -1 || pipe2(out, O_CLOEXEC) == -1) {
		failure_set(why, EXIT_AGAIN, "gnuplot:");
		return NULL;
	}
	pid = box_start(arguments, paths, sizeof(paths) / sizeof(*paths),
	    BOX_NET_NONE, in[0], out[1], why);
	close(in[0]);
	close(out[1]);
	if (pid == -1) {
		close(in[1]);
		close(out[0]);
		failure_prefix(why, "package gnuplot-nox");
		return NULL;
	}
	fcntl(in[1], F_SETFL, O_NONBLOCK);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	pen = mem_zero(1, sizeof(*pen));
	*pen = (struct chart_pen){ .pid = pid, .in = in[1], .out = out[0] };
	return pen;
}

/* Has the sentinel come? It is cut off then. */
static int
finished(struct buf *svg, size_t from)
{
	char *mark;

	if (svg->size <= from)
		return 0;
	mark = memmem(svg->data + from, svg->size - from, SENTINEL "\n",
	    strlen(SENTINEL) + 1);
	if (mark == NULL)
		return 0;
	svg->size = (size_t)(mark - svg->data);
	*mark = '\0';
	return 1;
}

/* Take what is there: 1 went on, 0 nothing now, -1 it has ended. */
static int
take_output(struct chart_pen *pen, struct buf *svg)
{
	char *to = buf_reserve(svg, 65536);
	ssize_t got = read(pen->out, to, 65535);

	if (got > 0) {
		svg->size += (size_t)got;
		svg->data[svg->size] = '\0';
		return 1;
	}
	return got == -1 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

int
chart_draw(struct chart_pen *pen, const struct buf *commands, struct buf *svg,
    struct failure *why)
{
	int64_t until = clock_monotonic_ms() + DRAW_MAX_MS;
	struct buf text = { 0 };
	size_t sent = 0, from = svg->size;
	int ended = 0;

	buf_text(&text, "set print \"-\"\n");
	buf_put(&text, commands->data, commands->size);
	buf_text(&text, "set output\nprint \"" SENTINEL "\"\n");
	while (!ended && clock_monotonic_ms() < until) {
		struct pollfd fds[2] = { { pen->out, POLLIN, 0 },
			{ sent < text.size ? pen->in : -1, POLLOUT, 0 } };
		ssize_t put;

		if (poll(fds, 2, 1000) == -1 && errno != EINTR)
			break;
		if (fds[1].revents != 0 &&
		    (put = write(pen->in, text.data + sent, text.size - sent)) >
			0)
			sent += (size_t)put;
		if (fds[0].revents != 0 && take_output(pen, svg) == -1)
			break;
		ended = finished(svg, from);
	}
	buf_free(&text);
	if (ended)
		return 0;
	return failure_set(why, EXIT_AGAIN, "gnuplot did not draw");
}

void
chart_close(struct chart_pen *pen)
{
	if (pen == NULL)
		return;
	close(pen->in);
	close(pen->out);
	while (waitpid(pen->pid, NULL, 0) == -1 && errno == EINTR)
		;
	free(pen);
}
