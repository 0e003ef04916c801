/* What is fed next: what an earlier run fed, what is new, what waited. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "feed.h"
#include "record/line.h"

#define LIST_EVERY_MS 200
#define WAIT_BATCH_SIZE ((size_t)1 << 20)
#define WAIT_BATCH_COUNT 1024

struct feed_entry *
feed_push(struct feed *feed, enum feed_source source, int64_t number)
{
	size_t at = (feed->first + feed->count++) % (FEED_AHEAD + 2);
	struct feed_entry *entry = &feed->queue[at];

	*entry = (struct feed_entry){ .source = source, .number = number };
	return entry;
}

static void
add_name(struct spool_names *names, const char *name)
{
	names->name =
	    mem_grow(names->name, names->count + 1, sizeof(*names->name));
	names->name[names->count++] = mem_copy_text(name);
}

static void
add_mark(struct feed *feed, const struct feed_entry *entry)
{
	struct mark mark = { .segment = entry->number,
		.sync = entry->source == FEED_SYNC };

	mark_print(&mark, &feed->output);
}

/* Its lines into `output`; an unfinished last line is told and left. */
static bool
load(struct feed *feed, int dir_fd, const char *name)
{
	struct failure why;
	bool cut;

	if (spool_read(dir_fd, name, &feed->output, &cut, &why) != 0) {
		feed_stop(feed, EXIT_AGAIN, why.message);
		return false;
	}
	if (cut) {
		warn("%s: segment %s ends in an unfinished line, which is "
		     "left out",
		    feed->options->dir, name);
		feed->shared->refused = true;
	}
	return true;
}

/* While a killer is looked for, and behind the first mark, one by one. */
static bool
may_go(const struct feed *feed)
{
	return feed->count == 0 ||
	    (feed->shared->careful == 0 && feed->shared->ready);
}

static bool
feed_segment(
    struct feed *feed, enum feed_source source, int dir_fd, const char *name)
{
	struct feed_entry *entry;

	if (!load(feed, dir_fd, name))
		return false;
	entry = feed_push(feed, source, spool_number(name));
	feed->last_number = entry->number;
	add_name(&entry->names, name);
	add_mark(feed, entry);
	return true;
}

/* ---- tenants that wait ------------------------------------------------ */

static bool
next_batch(struct feed *feed, struct feed_waiter *waiter, int dir_fd,
    const struct spool_names *names)
{
	struct feed_entry *entry;
	size_t i = 0;

	/* What passed already only waits for a sync mark. */
	while (i < names->count && waiter->passed.count > 0 &&
	    strcmp(names->name[i],
		waiter->passed.name[waiter->passed.count - 1]) <= 0)
		i++;
	if (i == names->count)
		return false;
	entry = feed_push(feed, FEED_WAIT, spool_number(names->name[i]));
	memcpy(entry->tenant, waiter->tenant, sizeof(entry->tenant));
	for (; i < names->count && entry->names.count < WAIT_BATCH_COUNT &&
	     feed->output.size < WAIT_BATCH_SIZE;
	     i++) {
		if (!load(feed, dir_fd, names->name[i]))
			return false;
		add_name(&entry->names, names->name[i]);
		if (feed->shared->careful > 0)
			break;
	}
	add_mark(feed, entry);
	waiter->in_flight = true;
	return true;
}

static bool
feed_waiting(struct feed *feed, struct feed_waiter *waiter)
{
	int dir_fd = spool_wait_dir(feed->spool, waiter->tenant);
	struct spool_names names;
	struct failure why;
	bool found = false;

	if (dir_fd < 0 || spool_list(dir_fd, &names, &why) != 0) {
		if (dir_fd >= 0)
			close(dir_fd);
		feed_stop(feed, EXIT_AGAIN, "wait/ cannot be read");
		return false;
	}
	found = next_batch(feed, waiter, dir_fd, &names);
	if (!found) { /* look again when there may be more */
		waiter->due_ms = clock_monotonic_ms() + 1000;
		waiter->settled = true;
	}
	if (names.count == 0) { /* it waits no longer */
		unlinkat(feed->spool->wait, waiter->tenant, AT_REMOVEDIR);
		waiter->due_ms = INT64_MAX;
	}
	spool_names_free(&names);
	close(dir_fd);
	return found;
}

static bool
next_waiter(struct feed *feed)
{
	int64_t now = clock_monotonic_ms();
	size_t i;

	for (i = 0; i < feed->waiters; i++) {
		struct feed_waiter *waiter = &feed->waiter[i];

		if (waiter->in_flight || waiter->due_ms > now ||
		    (feed->options->once && waiter->settled))
			continue;
		if (feed_waiting(feed, waiter))
			return true;
	}
	return false;
}

/* ---- the order -------------------------------------------------------- */

/* Names in `fresh` may be in flight still: they leave new/ with their mark. */
static void
list_again(struct feed *feed, bool now_please)
{
	int64_t now = clock_monotonic_ms();
	char last[SPOOL_NAME_ROOM] = "";
	struct failure why;

	if (!now_please && now - feed->listed_ms < LIST_EVERY_MS)
		return;
	feed->listed_ms = now;
	if (feed->fresh.count > 0)
		snprintf(last, sizeof(last), "%s",
		    feed->fresh.name[feed->fresh.count - 1]);
	spool_names_free(&feed->fresh);
	feed->fresh_at = 0;
	if (spool_list(feed->spool->fresh, &feed->fresh, &why) != 0)
		feed_stop(feed, EXIT_AGAIN, why.message);
	while (feed->count > 0 && feed->fresh_at < feed->fresh.count &&
	    strcmp(feed->fresh.name[feed->fresh_at], last) <= 0)
		feed->fresh_at++;
}

static bool
next_segment(struct feed *feed)
{
	const char *name;

	if (feed->fed_at < feed->fed.count) {
		name = feed->fed.name[feed->fed_at];
		feed->fed_at++;
		return feed_segment(feed, FEED_FED, feed->spool->fed, name);
	}
	if (feed->fresh_at == feed->fresh.count)
		list_again(feed, false);
	if (feed->fresh_at == feed->fresh.count)
		return false;
	name = feed->fresh.name[feed->fresh_at];
	feed->fresh_at++;
	return feed_segment(feed, FEED_FRESH, feed->spool->fresh, name);
}

static bool
all_chosen(struct feed *feed)
{
	size_t i;

	if (feed->fed_at < feed->fed.count)
		return false;
	if (feed->fresh_at == feed->fresh.count)
		list_again(feed, true);
	if (feed->fresh_at < feed->fresh.count)
		return false;
	for (i = 0; i < feed->waiters; i++)
		if (!feed->waiter[i].settled)
			return false;
	return true;
}

bool
feed_done(struct feed *feed)
{
	return feed->count == 0 &&
	    (io_stopping() || (feed->options->once && all_chosen(feed)));
}

/* Not before all that an earlier run fed has passed again: that is in fed/
 * and would go to the archive. */
static bool
sync_due(struct feed *feed)
{
	return feed->dirty && !feed->syncing &&
	    feed->fed_at == feed->fed.count &&
	    (feed_done(feed) ||
		clock_monotonic_ms() - feed->synced_ms >=
		    feed->options->sync_ms);
}

bool
feed_next(struct feed *feed)
{
	size_t i;

	if (sync_due(feed)) {
		feed->syncing = true;
		feed->dirty = false;
		for (i = 0; i < feed->waiters; i++)
			feed->waiter[i].passed_before_sync =
			    feed->waiter[i].passed.count;
		add_mark(feed, feed_push(feed, FEED_SYNC, feed->last_number));
		return true;
	}
	if (io_stopping() || feed->count >= FEED_AHEAD || !may_go(feed))
		return false;
	return next_segment(feed) || next_waiter(feed);
}
