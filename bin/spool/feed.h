/*
 * The feeder of spool each: a boxed process that puts segments into the
 * first stage and takes marks from the last. Another process starts the
 * stages and judges how they end; what must outlive one run of the
 * pipeline lies in memory that both share.
 */
#ifndef FEED_H
#define FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/io.h"
#include "spool/spool.h"

#define FEED_AHEAD 8 /* segments without their mark */

struct feed_options {
	const char *dir;
	const char *root; /* of the tenants and their keys */
	const char *master; /* the file of the master key, or NULL */
	const char *keys; /* the folder of the archive's keys */
	bool once; /* feed what is there and end */
	int64_t keep_ms; /* of the archive; 0 for ever */
	int64_t sync_ms; /* from one sync mark to the next */
	int64_t patience_ms; /* for a mark */
};

/* One run's exit status; also EXIT_OK, EXIT_WRONG and EXIT_AGAIN. */
enum { FEED_BROKEN = 3, FEED_LATE = 4 };

struct feed_shared {
	/* written by the feeder */
	char head[SPOOL_NAME_ROOM]; /* first without its mark, or "" */
	char head_tenant[SPOOL_KEY_ROOM]; /* "" unless it is in wait/ */
	bool alone; /* nothing else was in flight */
	uint64_t marks; /* that came back with data */
	bool ready; /* the empty first mark came back */
	bool refused; /* some line went to refused/ */
	unsigned refused_in_row; /* without a segment that passed */
	/* written by who judges */
	bool halve; /* halve the head before feeding */
	int kills; /* of this head, fed alone */
	char killer[SPOOL_NAME_ROOM];
	int careful; /* so many more go one by one */
};

/* A segment, or several waiting ones, behind which a mark was put. */
enum feed_source { FEED_FRESH, FEED_FED, FEED_WAIT, FEED_SYNC, FEED_HELLO };
struct feed_entry {
	enum feed_source source;
	char tenant[SPOOL_KEY_ROOM]; /* FEED_WAIT */
	struct spool_names names;
	int64_t number; /* in the mark */
};

/* A tenant with lines in wait/. */
struct feed_waiter {
	char tenant[SPOOL_KEY_ROOM];
	int64_t due_ms, delay_ms;
	bool in_flight;
	bool settled; /* passed, or tried in vain */
	struct spool_names passed; /* to be removed after a sync mark */
	size_t passed_before_sync; /* of them: before the one in flight */
};

struct feed {
	const struct spool *spool;
	const struct feed_options *options;
	struct feed_shared *shared;
	int to, from; /* first stage, last stage */
	struct buf output, input;
	size_t written; /* of output */
	struct feed_entry queue[FEED_AHEAD + 2];
	size_t first, count; /* of the queue */
	struct spool_names fed, fresh; /* to be fed, in this order */
	size_t fed_at, fresh_at;
	int64_t listed_ms, last_number;
	struct feed_waiter *waiter;
	size_t waiters;
	int64_t synced_ms, pruned_ms, heard_ms;
	int marked_fd; /* its time tells of the last mark */
	bool dirty; /* fed and not yet synced */
	bool syncing;
	int status; /* why the loop ends, or -1 */
};

/* One run. Boxes itself; the exit status of its process. */
int feed_run(const struct spool *spool, const struct feed_options *options,
    struct feed_shared *shared, int to, int from);

/* feed_next.c: choose what is next and put it into `output`. False: there
 * is nothing to feed now. */
bool feed_next(struct feed *feed);
bool feed_done(struct feed *feed); /* nothing is left, or we stop */
struct feed_entry *feed_push(
    struct feed *feed, enum feed_source source, int64_t number);

/* feed_mark.c: a mark came back. */
void feed_mark(struct feed *feed, char *line, size_t size);

/* End the loop with a status and a message. */
void feed_stop(struct feed *feed, int status, const char *message);

#endif
