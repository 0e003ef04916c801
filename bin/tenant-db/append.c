/*
 * tenant-db append: readings into their tenants' databases. Lines go on only
 * when what they say is committed, a mark only when all before it is; the
 * rest passes unchanged. Batches are complete in memory before a
 * transaction begins.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "batch.h"
#include "tenant-db.h"

#define BATCH_ROWS 1000 /* of each of a few tenants */
#define BATCH_BYTES ((size_t)4 << 20)
#define MARK_PATIENCE_MS 10000 /* without a mark, lines cannot wait longer */
#define LOOK_EVERY 64 /* lines between two looks at the clock */

static const char synopsis[] =
    "usage: tenant-db append [--commit DURATION] [--reject FILE] [--root DIR]\n"
    "           --all | --tenant SLUG ...\n";

static const struct option options[] = { { "all", no_argument, NULL, 'a' },
	{ "commit", required_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ "reject", required_argument, NULL, 'j' },
	{ "root", required_argument, NULL, 'r' },
	{ "tenant", required_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

struct job {
	struct common common;
	const char *reject_path;
	int64_t commit_ms;
	struct batch batch;
	struct io_reader in;
	struct io_writer out;
	struct refusals refusals;
	struct arena line; /* as long as a line */
	bool marks;
	bool unclosed; /* a replay was not stored whole */
};

static void
flush(struct job *job)
{
	if (io_writer_flush(&job->out) == 0)
		return;
	errno = job->out.error;
	die_output();
}

static void
refuse(struct job *job, const char *line, size_t size, const char *message)
{
	refusals_line(
	    &job->refusals, job->in.name, job->in.line, line, size, message);
}

/* The line was added to the batch before it was parsed, which changes it. */
static void
refuse_last(struct job *job, const char *message)
{
	struct batch *batch = &job->batch;
	size_t size = batch->line[batch->lines - 1].size;

	refuse(
	    job, batch->text.data + batch->text.size - size, size - 1, message);
	batch_unline(batch);
}

static void
take_reading(struct job *job, char *line, size_t size)
{
	struct batch *batch = &job->batch;
	struct reading reading;
	struct failure why;
	struct feed *feed;

	batch_line(batch, NULL, line, size);
	arena_reset(&job->line);
	reading_clear(&reading);
	if (reading_parse(line, size, &job->line, &reading, &why) == -1) {
		refuse_last(job, why.message);
		return;
	}
	feed = batch_feed(batch, reading.tenant);
	if (feed == NULL) {
		batch_unline(batch);
		return;
	}
	batch->line[batch->lines - 1].feed = feed;
	if (feed_take(feed, &reading, &why) == 0) {
		batch->rows++;
	} else if (why.status == EXIT_REFUSED) {
		refuse_last(job, why.message);
	} else {
		batch_unline(batch);
		batch_fail(batch, feed, &why);
	}
}

static void
take_mark(struct job *job, char *line, size_t size)
{
	struct failure why;
	struct mark mark;

	arena_reset(&job->line);
	if (mark_parse(line, size, &job->line, &mark, &why) == -1)
		die(EXIT_WRONG, "%s:%llu: %s", job->in.name,
		    (unsigned long long)job->in.line, why.message);
	job->marks = true;
	if (refusals_flush(&job->refusals) == -1)
		die(EXIT_AGAIN, "%s:", job->reject_path);
	if (mark.replay.gen > 0)
		batch_replay(&job->batch, &mark.replay);
	batch_commit(&job->batch, mark.sync);
	if (!batch_mark(&job->batch, &mark))
		die(EXIT_AGAIN, "more than %d tenants cannot be written",
		    MARK_WAIT_MAX);
	for (size_t i = 0; mark.replay.gen > 0 && i < mark.wait_count; i++)
		if (strcmp(mark.wait[i], mark.replay.tenant) == 0)
			job->unclosed = true;
	mark_print(&mark, &job->out.buf);
	arena_reset(&job->batch.names);
	flush(job);
}

static void
record(struct job *job, char *line, size_t size)
{
	switch (line_kind(line, size)) {
	case LINE_READING:
		take_reading(job, line, size);
		break;
	case LINE_MARK:
		take_mark(job, line, size);
		break;
	case LINE_BAD:
		refuse(job, line, size,
		    "is no line of ours: no JSON object "
		    "with a kind");
		break;
	default:
		batch_line(&job->batch, NULL, line, size);
		break;
	}
}

static bool
is_due(const struct job *job)
{
	const struct batch *batch = &job->batch;
	size_t few = batch->feeds < 8 ? batch->feeds : 8;

	return batch->rows >= BATCH_ROWS * few ||
	    batch->text.size >= BATCH_BYTES;
}

static bool
is_late(const struct job *job)
{
	return job->batch.lines > 0 &&
	    clock_monotonic_ms() - job->batch.begun_ms >= job->commit_ms;
}

/* Before a read that would block: let go what is not waiting for a commit,
 * and commit when its time comes before the next line does. */
static void
await_input(struct job *job)
{
	struct pollfd wait = { job->in.fd, POLLIN, 0 };
	int64_t left;

	if (!io_reader_would_block(&job->in))
		return;
	if (job->batch.rows == 0)
		batch_commit(&job->batch, false);
	flush(job);
	while (job->batch.lines > 0 && !io_stopping()) {
		left =
		    job->batch.begun_ms + job->commit_ms - clock_monotonic_ms();
		if (left > 0 && poll(&wait, 1, (int)left) > 0)
			return;
		if (!is_late(job))
			continue;
		batch_commit(&job->batch, false);
		flush(job);
	}
}

/* Lines of a tenant that cannot be written wait for a mark that says so.
 * Where none comes they would be lost without a word. */
static void
check_waiting(const struct job *job)
{
	if (job->batch.waiting_ms != 0 && !job->marks &&
	    clock_monotonic_ms() - job->batch.waiting_ms > MARK_PATIENCE_MS)
		die(EXIT_AGAIN,
		    "a tenant cannot be written, and no mark "
		    "comes to say so");
}

static int
run(struct job *job)
{
	enum io_result result;
	char *line;
	size_t size;

	for (;;) {
		await_input(job);
		result = io_reader_next(&job->in, &line, &size);
		if (result == IO_END || result == IO_STOP)
			break;
		if (result == IO_ERROR)
			die(io_read_status(), "%s:", job->in.name);
		if (result == IO_LONG)
			refuse(job, NULL, 0, "is too long");
		else
			record(job, line, size);
		if (is_due(job) ||
		    (job->in.line % LOOK_EVERY == 0 && is_late(job)))
			batch_commit(&job->batch, false);
		check_waiting(job);
	}
	batch_commit(&job->batch, true);
	flush(job);
	if (job->batch.broken)
		return EXIT_WRONG;
	if ((job->batch.waiting_ms != 0 && result == IO_END) || job->unclosed)
		return EXIT_AGAIN;
	return job->refusals.count > 0 ? EXIT_REFUSED : EXIT_OK;
}

static void
read_options(struct job *job, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "aht:", options, NULL)) != -1)
		switch (c) {
		case 'c':
			job->commit_ms =
			    arg_duration_ms("--commit", optarg, 1, 60000);
			break;
		case 'j':
			job->reject_path = optarg;
			break;
		default:
			common_option(&job->common, c, synopsis);
		}
	common_end(&job->common, argc, synopsis);
}

/* A tenant that was named must be there: say so before any work. */
static void
open_named(struct job *job)
{
	struct failure why;

	if (job->common.tenants.all)
		return;
	for (size_t i = 0; i < job->batch.feeds; i++)
		if (feed_open(&job->batch.feed[i], job->common.root, &why) ==
			-1 &&
		    (why.status != EXIT_AGAIN || job->batch.feeds == 1))
			die_failure(&why);
}

int
append_main(int argc, char **argv)
{
	struct job job = { .commit_ms = 1000 };
	struct arena names = { 0 };
	int status;

	read_options(&job, argc, argv);
	tenants_resolve(&job.common.tenants, job.common.root, &names);
	io_stop_on_signals();
	io_reader_open(&job.in, STDIN_FILENO, "stdin");
	io_writer_open(&job.out, STDOUT_FILENO, "stdout");
	if (job.reject_path != NULL)
		reject_open(&job.refusals, job.reject_path);
	batch_open(&job.batch, job.common.root, &job.common.tenants, &job.out);
	open_named(&job);
	box_tenants(job.common.root, job.common.tenants.slug,
	    job.common.tenants.count, false);
	status = run(&job);
	batch_close(&job.batch);
	io_reader_close(&job.in);
	if (io_writer_close(&job.out) == -1)
		die_output();
	if (refusals_close(&job.refusals) == -1)
		die(EXIT_AGAIN, "%s:", job.reject_path);
	arena_free(&job.line);
	free(job.common.tenants.slug);
	arena_free(&names);
	return status;
}
