#include "feed.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/box.h"
#include "base/clock.h"
#include "base/mem.h"
#include "record/line.h"
#include "spool/archive.h"
#include "spool/keys.h"

#define IDLE_MS 200
#define READ_SIZE ((size_t)64 << 10)
#define STOP_PATIENCE_MS 20000

void
feed_stop(struct feed *feed, int status, const char *message)
{
	if (feed->status >= 0)
		return;
	feed->status = status;
	if (message != NULL)
		warn("%s: %s", feed->options->dir, message);
}

/* For who judges, should the pipeline break now. */
static void
note_head(struct feed *feed)
{
	const struct feed_entry *entry = &feed->queue[feed->first];
	struct feed_shared *shared = feed->shared;

	shared->alone = feed->count == 1;
	if (feed->count == 0 || entry->names.count == 0) {
		shared->head[0] = shared->head_tenant[0] = '\0';
		return;
	}
	snprintf(
	    shared->head, sizeof(shared->head), "%s", entry->names.name[0]);
	memcpy(shared->head_tenant, entry->tenant, sizeof(shared->head_tenant));
}

static void
send(struct feed *feed)
{
	ssize_t put = write(feed->to, feed->output.data + feed->written,
	    feed->output.size - feed->written);

	if (put < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (put < 0) {
		feed_stop(feed, FEED_BROKEN, NULL);
		return;
	}
	feed->written += (size_t)put;
	feed->heard_ms = clock_monotonic_ms();
	if (feed->written == feed->output.size) {
		buf_clear(&feed->output);
		feed->written = 0;
	}
}

/* What the last stage says besides marks is nobody's business here. */
static void
take_lines(struct feed *feed)
{
	struct buf *in = &feed->input;
	char *start = in->data, *end = in->data + in->size, *line_end;

	while (feed->status < 0 &&
	    (line_end = memchr(start, '\n', (size_t)(end - start))) != NULL) {
		*line_end = '\0';
		if (line_kind(start, (size_t)(line_end - start)) == LINE_MARK)
			feed_mark(feed, start, (size_t)(line_end - start));
		start = line_end + 1;
	}
	in->size = (size_t)(end - start);
	memmove(in->data, start, in->size);
	if (in->size > 2 * IO_LINE_MAX)
		feed_stop(feed, FEED_BROKEN, "the last stage gives no lines");
}

static void
receive(struct feed *feed)
{
	ssize_t got =
	    read(feed->from, buf_reserve(&feed->input, READ_SIZE), READ_SIZE);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		feed_stop(feed, FEED_BROKEN, NULL);
		return;
	}
	feed->input.size += (size_t)got;
	take_lines(feed);
}

static void
check_patience(struct feed *feed)
{
	int64_t patience = feed->options->patience_ms;
	char message[128];

	if (io_stopping() && patience > STOP_PATIENCE_MS)
		patience = STOP_PATIENCE_MS;
	if (feed->count == 0 ||
	    clock_monotonic_ms() - feed->heard_ms <= patience)
		return;
	snprintf(message, sizeof(message), "no mark for %lld s",
	    (long long)(patience / 1000));
	feed_stop(feed, io_stopping() ? EXIT_AGAIN : FEED_LATE, message);
}

static void
turn(struct feed *feed)
{
	struct pollfd wait[2] = { { .fd = feed->from, .events = POLLIN },
		{ .fd = feed->to, .events = POLLOUT } };

	if (feed->output.size == 0)
		wait[1].events = 0;
	if (poll(wait, 2, IDLE_MS) < 0)
		return;
	if (wait[0].revents != 0)
		receive(feed);
	if (feed->status < 0 && feed->output.size > 0 && wait[1].revents != 0)
		send(feed);
	else if (feed->status < 0 && (wait[1].revents & POLLERR) != 0)
		feed_stop(feed, FEED_BROKEN, NULL);
	check_patience(feed);
}

static int
end_status(const struct feed *feed)
{
	size_t i;

	if (feed->status >= 0)
		return feed->status;
	for (i = 0; feed->options->once && i < feed->waiters; i++)
		if (feed->waiter[i].delay_ms > 0)
			return EXIT_AGAIN;
	return feed->shared->refused ? EXIT_REFUSED : EXIT_OK;
}

static void
loop(struct feed *feed)
{
	feed->heard_ms = clock_monotonic_ms();
	while (feed->status < 0) {
		if (feed->output.size == 0 && feed_next(feed) &&
		    feed->count == 1)
			feed->heard_ms = clock_monotonic_ms();
		note_head(feed);
		if (feed->status < 0 && feed_done(feed))
			return;
		if (feed->status < 0)
			turn(feed);
	}
}

/* The head of the last run killed a stage often enough. */
static int
halve_head(struct feed *feed, struct failure *why)
{
	struct feed_shared *shared = feed->shared;
	const struct spool *spool = feed->spool;
	int dirs[] = { spool->fresh, spool->fed, -1 }, status = -1;
	size_t i;

	shared->halve = false;
	dirs[2] = shared->head_tenant[0] == '\0'
	    ? -1
	    : spool_wait_dir(spool, shared->head_tenant);
	for (i = dirs[2] < 0 ? 0 : 2; i < 3; i++)
		if (dirs[i] >= 0 &&
		    faccessat(dirs[i], shared->head, F_OK, 0) == 0)
			break;
	status = i == 3 ? 0 : spool_halve(spool, dirs[i], shared->head, why);
	if (dirs[2] >= 0)
		close(dirs[2]);
	if (status == 1) {
		warn("%s: refused/%s: this line kills a stage",
		    feed->options->dir, shared->head);
		shared->refused = true;
		shared->refused_in_row++;
	}
	return status < 0 ? -1 : 0;
}

static int
prepare(struct feed *feed, struct failure *why)
{
	struct spool_names tenants;
	size_t i;

	if (spool_archive_recover(feed->spool, why) != 0 ||
	    (feed->shared->halve && halve_head(feed, why) != 0) ||
	    spool_list(feed->spool->fed, &feed->fed, why) != 0 ||
	    spool_list_tenants(feed->spool->wait, &tenants, why) != 0)
		return -1;
	feed->waiters = tenants.count;
	feed->waiter = mem_zero(tenants.count + 1, sizeof(*feed->waiter));
	for (i = 0; i < tenants.count; i++)
		snprintf(feed->waiter[i].tenant, sizeof(feed->waiter[i].tenant),
		    "%s", tenants.name[i]);
	spool_names_free(&tenants);
	feed->shared->ready = false;
	buf_text(&feed->output, "{\"kind\":\"mark\",\"segment\":0}\n");
	feed_push(feed, FEED_HELLO, 0);
	return 0;
}

static void
give_back(struct feed *feed)
{
	size_t i;

	for (i = 0; i < feed->waiters; i++)
		spool_names_free(&feed->waiter[i].passed);
	for (i = 0; i < feed->count; i++)
		spool_names_free(
		    &feed->queue[(feed->first + i) % (FEED_AHEAD + 2)].names);
	mem_free(feed->waiter);
	spool_names_free(&feed->fed);
	spool_names_free(&feed->fresh);
	buf_free(&feed->input);
	buf_free(&feed->output);
	close(feed->marked_fd);
}

/* The keys of the archive, where there is a master key. Their folder is made:
 * what is not there when rights are given up can never be opened. */
static int
keys_open(const struct feed_options *options, struct spool *spool,
    struct failure *why)
{
	struct vault_secret *master;

	if (options->master == NULL) {
		if (access(options->keys, F_OK) == 0)
			warn("there is no master key: the archive is not "
			     "sealed");
		return 0;
	}
	master = vault_master_read(options->master, options->root, why);
	if (master == NULL)
		return -1;
	if (io_mkdirs(options->keys, 0700, why) == 0)
		spool->keys = spool_keys_open(master, options->keys, why);
	vault_secret_free(master);
	return spool->keys == NULL ? -1 : 0;
}

int
feed_run(const struct spool *spool, const struct feed_options *options,
    struct feed_shared *shared, int to, int from)
{
	struct spool sealing = *spool;
	struct feed feed = { .spool = &sealing,
		.options = options,
		.shared = shared,
		.to = to,
		.from = from,
		.status = -1 };
	struct box_path paths[] = { { options->dir, BOX_WRITE },
		{ options->keys, BOX_READ } };
	struct failure why;
	int status;

	feed.synced_ms = clock_monotonic_ms();
	feed.pruned_ms = INT64_MIN / 2;
	feed.listed_ms = INT64_MIN / 2;
	feed.marked_fd =
	    openat(spool->top, "marked", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	fcntl(to, F_SETFL, O_NONBLOCK);
	fcntl(from, F_SETFL, O_NONBLOCK);
	io_stop_on_signals();
	if (keys_open(options, &sealing, &why) != 0 ||
	    box_enter(paths, sealing.keys == NULL ? 1 : 2, BOX_NET_NONE, false,
		NULL, 0, &why) != 0 ||
	    prepare(&feed, &why) != 0) {
		warn("%s", why.message);
		return (int)why.status;
	}
	loop(&feed);
	status = end_status(&feed);
	give_back(&feed);
	spool_keys_close(sealing.keys);
	return status;
}
