/* What append holds back: lines and rows that are not yet committed. */
#ifndef BATCH_H
#define BATCH_H

#include "base/arg.h"
#include "base/io.h"
#include "feed.h"
#include "record/line.h"

#define BATCH_UNKNOWN_MAX MARK_WAIT_MAX

struct batch_line {
	struct feed *feed; /* NULL: goes on whatever happens */
	size_t size;
};

struct batch {
	const char *root;
	struct feed *feed; /* one per tenant, in order of slug */
	size_t feeds;
	struct feed *last; /* of the reading before */
	struct buf text; /* the lines that wait, one behind the other */
	struct batch_line *line;
	size_t lines, room;
	size_t rows; /* readings among them, and a replay to close */
	int64_t begun_ms; /* monotonic, when the first of them came */
	uint64_t number;
	struct io_writer *out;
	/* slugs that we may not write, since the last mark */
	struct arena names;
	const char *unknown[BATCH_UNKNOWN_MAX];
	size_t unknown_count;
	bool overflow; /* more than a mark can name */
	int64_t waiting_ms; /* monotonic: since when any; 0 for none */
	bool broken; /* a tenant's file is no database of ours */
};

void batch_open(struct batch *batch, const char *root,
    const struct arg_tenants *tenants, struct io_writer *out);
void batch_close(struct batch *batch);
/* Hold a line back as it is; it belongs to `feed` or to nobody. */
void batch_line(
    struct batch *batch, struct feed *feed, const char *line, size_t size);
/* Take the last line back: it does not go on. */
void batch_unline(struct batch *batch);
/* The tenant of a reading, open; NULL where its lines must wait. */
struct feed *batch_feed(struct batch *batch, const char *slug);
/* A tenant could not be written: its lines wait until the next mark. */
void batch_fail(
    struct batch *batch, struct feed *feed, const struct failure *why);
/* The next commit closes this replay, which must live until then. */
void batch_replay(struct batch *batch, const struct mark_replay *replay);
/* Commit each tenant's rows, then let the lines of those that were
 * committed go on. `full`: all that was ever committed is durable. */
void batch_commit(struct batch *batch, bool full);
/* Add the tenants that wait to a mark, and begin anew. False where there
 * are more than a mark can name. */
bool batch_mark(struct batch *batch, struct mark *mark);

#endif
