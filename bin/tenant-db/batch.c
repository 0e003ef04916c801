/*
 * Rows of many tenants are committed each in its own transaction; a tenant
 * that fails keeps back only its own lines.
 */
#include "batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/chosen.h"

#define OPEN_MAX 64 /* databases open at once */
#define RETRY_MS 10000 /* how long a locked one is left alone */
#define RETRY_BROKEN_MS 300000 /* and one that is no database */
#define PATIENCE_MS 1000 /* for a lock, after the first failure */

static int
by_slug(const void *a, const void *b)
{
	return strcmp(
	    ((const struct feed *)a)->slug, ((const struct feed *)b)->slug);
}

void
batch_open(struct batch *batch, const char *root,
    const struct arg_tenants *tenants, struct io_writer *out)
{
	*batch = (struct batch){ .root = root, .out = out };
	batch->feed = mem_zero(tenants->count + 1, sizeof(*batch->feed));
	for (size_t i = 0; i < tenants->count; i++)
		batch->feed[i].slug = tenants->slug[i];
	batch->feeds = tenants->count;
	qsort(batch->feed, batch->feeds, sizeof(*batch->feed), by_slug);
}

void
batch_close(struct batch *batch)
{
	for (size_t i = 0; i < batch->feeds; i++)
		feed_close(&batch->feed[i]);
	free(batch->feed);
	free(batch->line);
	buf_free(&batch->text);
	arena_free(&batch->names);
}

void
batch_line(
    struct batch *batch, struct feed *feed, const char *line, size_t size)
{
	if (batch->lines == batch->room) {
		batch->room = batch->room == 0 ? 1024 : batch->room * 2;
		batch->line =
		    mem_grow(batch->line, batch->room, sizeof(*batch->line));
	}
	if (batch->lines == 0)
		batch->begun_ms = clock_monotonic_ms();
	buf_put(&batch->text, line, size);
	buf_char(&batch->text, '\n');
	batch->line[batch->lines++] = (struct batch_line){ feed, size + 1 };
}

void
batch_unline(struct batch *batch)
{
	batch->text.size -= batch->line[--batch->lines].size;
}

/* ---- tenants ---------------------------------------------------------- */

static void
note_waiting(struct batch *batch)
{
	if (batch->waiting_ms == 0)
		batch->waiting_ms = clock_monotonic_ms();
}

static void
note_unknown(struct batch *batch, const char *slug)
{
	note_waiting(batch);
	for (size_t i = 0; i < batch->unknown_count; i++)
		if (strcmp(batch->unknown[i], slug) == 0)
			return;
	if (batch->unknown_count == BATCH_UNKNOWN_MAX) {
		batch->overflow = true;
		return;
	}
	warn("tenant %s is not among those we were started for", slug);
	batch->unknown[batch->unknown_count++] =
	    arena_text(&batch->names, slug, strlen(slug));
}

void
batch_fail(struct batch *batch, struct feed *feed, const struct failure *why)
{
	bool broken = why->status == EXIT_WRONG;

	if (broken && batch->feeds == 1)
		die_failure(why);
	chosen_failed(feed->slug, why);
	batch->broken = batch->broken || broken;
	feed_drop(feed);
	feed->failed = true;
	feed->retry_ms =
	    clock_monotonic_ms() + (broken ? RETRY_BROKEN_MS : RETRY_MS);
	if (feed->tenant != NULL)
		sql_patience(tenant_sql(feed->tenant), PATIENCE_MS);
	note_waiting(batch);
}

/* What earlier marks let go on was committed, if not durably: that must not
 * fail, and a lock does not stand in its way. */
static void
sync_feed(struct feed *feed)
{
	struct failure why;

	if (!feed->unsynced)
		return;
	if (sql_sync(tenant_sql(feed->tenant), &why) == -1)
		die_failure(&why);
	feed->unsynced = false;
}

/* So many tenants are open at once; the one unused for longest is closed. */
static void
make_room(struct batch *batch)
{
	struct feed *oldest = NULL;
	size_t open = 0;

	for (size_t i = 0; i < batch->feeds; i++) {
		struct feed *feed = &batch->feed[i];

		if (feed->tenant == NULL)
			continue;
		open++;
		if (feed->count == 0 && feed->dirty == NULL &&
		    (oldest == NULL || feed->used < oldest->used))
			oldest = feed;
	}
	if (open >= OPEN_MAX && oldest != NULL) {
		sync_feed(oldest);
		feed_close(oldest);
	}
}

static struct feed *
find_feed(struct batch *batch, const char *slug)
{
	const struct feed key = { .slug = slug };

	if (batch->last != NULL && strcmp(batch->last->slug, slug) == 0)
		return batch->last;
	batch->last = bsearch(
	    &key, batch->feed, batch->feeds, sizeof(*batch->feed), by_slug);
	return batch->last;
}

struct feed *
batch_feed(struct batch *batch, const char *slug)
{
	struct feed *feed = find_feed(batch, slug);
	struct failure why;

	if (feed == NULL) {
		note_unknown(batch, slug);
		return NULL;
	}
	if (feed->retry_ms != 0 && clock_monotonic_ms() < feed->retry_ms) {
		feed->failed = true;
		note_waiting(batch);
	}
	if (feed->failed)
		return NULL;
	feed->used = batch->number;
	if (feed->tenant != NULL)
		return feed;
	make_room(batch);
	if (feed_open(feed, batch->root, &why) == 0)
		return feed;
	batch_fail(batch, feed, &why);
	return NULL;
}

/* A replay of which lines were dropped would remove good readings. */
void
batch_replay(struct batch *batch, const struct mark_replay *replay)
{
	struct feed *feed = batch_feed(batch, replay->tenant);
	struct failure why;

	if (feed == NULL)
		return;
	if (feed_look(feed, &why) == -1) {
		/* lines were refused: it would only take away */
		if (why.status == EXIT_REFUSED)
			warn("%s: nothing is replayed", why.message);
		else
			batch_fail(batch, feed, &why);
		return;
	}
	if (feed->missed) {
		failure_set(&why, EXIT_AGAIN,
		    "lines were not stored: "
		    "replay again");
		batch_fail(batch, feed, &why);
		return;
	}
	feed->replay = replay;
	batch->rows++;
}

/* ---- commits ---------------------------------------------------------- */

static void
commit_feed(struct batch *batch, struct feed *feed, bool full)
{
	struct failure why;

	if (feed->tenant == NULL)
		return;
	if (!feed->failed &&
	    (feed->count > 0 || feed->dirty != NULL || feed->replay != NULL)) {
		if (feed_commit(feed, full, &why) == -1)
			batch_fail(batch, feed, &why);
		else
			feed->retry_ms = 0;
	}
	if (full)
		sync_feed(feed);
}

static void
pass_lines(struct batch *batch)
{
	const char *text = batch->text.data;

	for (size_t i = 0; i < batch->lines; i++) {
		const struct batch_line *line = &batch->line[i];

		if (line->feed == NULL || !line->feed->failed)
			io_writer_put(batch->out, text, line->size);
		text += line->size;
		io_writer_check(batch->out);
	}
	batch->lines = 0;
	buf_clear(&batch->text);
}

void
batch_commit(struct batch *batch, bool full)
{
	if (batch->rows > 0 || full)
		for (size_t i = 0; i < batch->feeds; i++)
			commit_feed(batch, &batch->feed[i], full);
	pass_lines(batch);
	batch->rows = 0;
	batch->number++;
}

static bool
add_wait(struct mark *mark, const char *slug)
{
	for (size_t i = 0; i < mark->wait_count; i++)
		if (strcmp(mark->wait[i], slug) == 0)
			return true;
	if (mark->wait_count == MARK_WAIT_MAX)
		return false;
	mark->wait[mark->wait_count++] = slug;
	return true;
}

bool
batch_mark(struct batch *batch, struct mark *mark)
{
	bool good = !batch->overflow;

	for (size_t i = 0; i < batch->unknown_count; i++)
		good = add_wait(mark, batch->unknown[i]) && good;
	for (size_t i = 0; i < batch->feeds; i++) {
		if (batch->feed[i].failed) {
			good = add_wait(mark, batch->feed[i].slug) && good;
			batch->feed[i].missed = true;
		}
		batch->feed[i].failed = false;
	}
	batch->unknown_count = 0;
	batch->waiting_ms = 0;
	return good;
}
