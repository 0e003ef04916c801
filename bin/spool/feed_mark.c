/* A mark came back: its segment moves on, waiting tenants are noted, and
 * behind a sync mark what was fed goes to the archive. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/aging.h"
#include "base/clock.h"
#include "base/mem.h"
#include "feed.h"
#include "record/line.h"
#include "spool/archive.h"

#define WAIT_FIRST_MS 1000
#define WAIT_LAST_MS 300000
#define PRUNE_EVERY_MS HOUR_MS

static struct feed_waiter *
waiter_find(struct feed *feed, const char *tenant)
{
	struct feed_waiter *waiter;
	size_t i;

	for (i = 0; i < feed->waiters; i++)
		if (strcmp(feed->waiter[i].tenant, tenant) == 0)
			return &feed->waiter[i];
	feed->waiter =
	    mem_grow(feed->waiter, feed->waiters + 1, sizeof(*feed->waiter));
	waiter = &feed->waiter[feed->waiters++];
	memset(waiter, 0, sizeof(*waiter));
	snprintf(waiter->tenant, sizeof(waiter->tenant), "%s", tenant);
	return waiter;
}

/* Wait longer each time; told once. */
static void
put_off(struct feed *feed, const char *tenant)
{
	struct feed_waiter *waiter = waiter_find(feed, tenant);

	if (waiter->delay_ms == 0)
		warn("%s: tenant %s has to wait", feed->options->dir, tenant);
	waiter->delay_ms = waiter->delay_ms == 0  ? WAIT_FIRST_MS
	    : waiter->delay_ms * 2 < WAIT_LAST_MS ? waiter->delay_ms * 2
						  : WAIT_LAST_MS;
	waiter->due_ms = clock_monotonic_ms() + waiter->delay_ms;
	waiter->settled = true;
}

static bool
named(const struct mark *mark, const char *tenant)
{
	size_t i;

	for (i = 0; i < mark->wait_count; i++)
		if (strcmp(mark->wait[i], tenant) == 0)
			return true;
	return false;
}

/* 0, or -1 after feed_stop. */
static int
set_aside(struct feed *feed, int dir_fd, const struct spool_names *names,
    const struct mark *mark)
{
	struct failure why;
	size_t i, n;

	for (i = 0; i < mark->wait_count; i++) {
		for (n = 0; n < names->count; n++) {
			if (spool_set_aside(feed->spool, dir_fd, names->name[n],
				mark->wait[i], &why) == 0)
				continue;
			feed_stop(feed, EXIT_AGAIN, why.message);
			return -1;
		}
		if (waiter_find(feed, mark->wait[i])->delay_ms == 0)
			put_off(feed, mark->wait[i]);
	}
	return 0;
}

static void
segment_back(
    struct feed *feed, const struct feed_entry *entry, const struct mark *mark)
{
	bool fresh = entry->source == FEED_FRESH;
	struct failure why;

	if (set_aside(feed, fresh ? feed->spool->fresh : feed->spool->fed,
		&entry->names, mark) != 0)
		return;
	if (fresh &&
	    spool_move(feed->spool->fresh, feed->spool->fed,
		entry->names.name[0], &why) != 0)
		feed_stop(feed, EXIT_AGAIN, why.message);
}

static void
waiting_back(
    struct feed *feed, struct feed_entry *entry, const struct mark *mark)
{
	struct feed_waiter *waiter = waiter_find(feed, entry->tenant);
	struct spool_names *passed = &waiter->passed;
	size_t i;

	waiter->in_flight = false;
	if (named(mark, entry->tenant)) {
		put_off(feed, entry->tenant);
		return;
	}
	if (waiter->delay_ms > 0)
		warn(
		    "%s: tenant %s goes on", feed->options->dir, entry->tenant);
	waiter->delay_ms = waiter->due_ms = 0;
	waiter->settled = false;
	passed->name = mem_grow(passed->name,
	    passed->count + entry->names.count, sizeof(*passed->name));
	for (i = 0; i < entry->names.count; i++)
		passed->name[passed->count++] = entry->names.name[i];
	entry->names.count = 0;
}

/* What passed before the sync mark is safe now. */
static int
remove_passed(
    struct feed *feed, struct feed_waiter *waiter, struct failure *why)
{
	struct spool_names *passed = &waiter->passed;
	size_t i, count = waiter->passed_before_sync;
	int dir_fd = spool_wait_dir(feed->spool, waiter->tenant);

	if (dir_fd < 0)
		return failure_set(why, EXIT_AGAIN, "wait/%s:", waiter->tenant);
	for (i = 0; i < count; i++) {
		unlinkat(dir_fd, passed->name[i], 0);
		mem_free(passed->name[i]);
	}
	close(dir_fd);
	if (count > 0)
		memmove(passed->name, passed->name + count,
		    (passed->count - count) * sizeof(*passed->name));
	passed->count -= count;
	waiter->passed_before_sync = 0;
	return 0;
}

static void
prune(struct feed *feed)
{
	int64_t now = clock_monotonic_ms(), aged_ms;
	struct buf path = { NULL, 0, 0 };
	struct failure why;

	if (feed->options->keep_ms == 0 ||
	    now - feed->pruned_ms < PRUNE_EVERY_MS)
		return;
	feed->pruned_ms = now;
	buf_print(&path, "%s/clock", feed->spool->path);
	if (aging_look(path.data, clock_now_ms(), &aged_ms, &why) == -1)
		warn("%s", why.message);
	if (spool_archive_prune(
		feed->spool, aged_ms - feed->options->keep_ms, &why) == -1)
		warn("%s", why.message);
	buf_free(&path);
}

static void
archive(struct feed *feed, const struct spool_names *fed)
{
	struct failure why;

	if (spool_archive(feed->spool, fed, &why) == 0) {
		prune(feed);
		return;
	}
	warn("%s", why.message); /* it stays in fed/ for the next time */
	feed->dirty = true;
	if (feed->options->once || io_stopping())
		feed_stop(feed, EXIT_AGAIN, "fed/ is not archived");
}

static void
sync_back(struct feed *feed, const struct mark *mark)
{
	struct spool_names fed;
	struct failure why;
	size_t i;

	feed->syncing = false;
	feed->synced_ms = clock_monotonic_ms();
	if (spool_list(feed->spool->fed, &fed, &why) != 0) {
		feed_stop(feed, EXIT_AGAIN, why.message);
		return;
	}
	/* A tenant that could not be made safe: all of it once more. */
	if (set_aside(feed, feed->spool->fed, &fed, mark) == 0) {
		for (i = 0; i < feed->waiters; i++) {
			struct feed_waiter *waiter = &feed->waiter[i];

			if (named(mark, waiter->tenant))
				spool_names_free(&waiter->passed);
			else if (remove_passed(feed, waiter, &why) != 0)
				warn("%s", why.message);
		}
		archive(feed, &fed);
	}
	spool_names_free(&fed);
}

static void
entry_back(struct feed *feed, struct feed_entry *entry, const struct mark *mark)
{
	switch (entry->source) {
	case FEED_HELLO:
		feed->shared->ready = true;
		return;
	case FEED_SYNC:
		sync_back(feed, mark);
		return;
	case FEED_WAIT:
		waiting_back(feed, entry, mark);
		break;
	case FEED_FRESH:
	case FEED_FED:
		segment_back(feed, entry, mark);
		break;
	}
	feed->dirty = true;
	feed->shared->marks++;
	feed->shared->refused_in_row = 0;
	if (feed->shared->careful > 0 && entry->source != FEED_FED)
		feed->shared->careful--;
}

void
feed_mark(struct feed *feed, char *line, size_t size)
{
	struct feed_entry *entry = &feed->queue[feed->first];
	struct arena arena = { 0 };
	struct failure why;
	struct mark mark;

	if (mark_parse(line, size, &arena, &mark, &why) != 0)
		feed_stop(feed, FEED_BROKEN, why.message);
	else if (feed->count == 0 || mark.segment != entry->number ||
	    mark.sync != (entry->source == FEED_SYNC))
		feed_stop(feed, FEED_BROKEN,
		    "the stages gave back a mark out of turn");
	else {
		feed->heard_ms = clock_monotonic_ms();
		entry_back(feed, entry, &mark);
		spool_names_free(&entry->names);
		feed->first = (feed->first + 1) % (FEED_AHEAD + 2);
		feed->count--;
		futimens(feed->marked_fd, NULL);
	}
	arena_free(&arena);
}
