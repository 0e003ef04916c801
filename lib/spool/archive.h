/* The raw archive of a spool: what was fed, by tenant and hour. */
#ifndef SPOOL_ARCHIVE_H
#define SPOOL_ARCHIVE_H

#include <stdint.h>

#include "spool/spool.h"

/*
 * Append the lines of these segments of fed/ to archive/<tenant>/<day>/
 * <hour>.ndjson.zst, one compressed frame per file, and remove the
 * segments. Where the tenant has a key the file is <hour>.ndjson.zst.sealed
 * and the frame sealed (vault/frame.h). Each line ends up there exactly once, whenever the power goes:
 * a journal undoes what was not finished. Lines of no tenant go to the
 * tenant "-"; lines without a time to the hour when they were put.
 */
int spool_archive(const struct spool *spool, const struct spool_names *names,
    struct failure *why);
/* Undo or finish what an earlier run left; before anything is fed. */
int spool_archive_recover(const struct spool *spool, struct failure *why);
/* Remove hours that were last written before this time; the newest of them
 * is noted in archive/<tenant>/pruned. */
int spool_archive_prune(
    const struct spool *spool, int64_t before_ms, struct failure *why);
/* The same of one tenant. */
int spool_archive_prune_tenant(const struct spool *spool, const char *tenant,
    int64_t before_ms, struct failure *why);

/* ---- reading it back -------------------------------------------------- */

struct spool_range {
	const char *tenant; /* its slug */
	int64_t from_ms, to_ms; /* from <= time < to */
};

struct spool_walk {
	/* One line of the range; true stops the walk. */
	bool (*line)(void *context, const char *line, size_t size,
	    const struct spool_key *key);
	/* An hour, cut to the range, of which all that was ever put is known:
	 * nothing damaged, nothing removed by age. May be NULL. */
	void (*whole)(void *context, int64_t from_ms, int64_t to_ms);
	/* A file is damaged: it is left out from there on. */
	void (*damaged)(void *context, const char *message);
	void *context;
};

/*
 * Each line of the range: first what is not archived yet (new/, fed/), then
 * the archive by hour. While spool each is at work, a line may come twice;
 * none is left out. 0, or -1 with a failure; EXIT_WRONG: no such tenant.
 */
int spool_archive_walk(const struct spool *spool,
    const struct spool_range *range, const struct spool_walk *walk,
    struct failure *why);
/* One more than the last generation of this tenant's replays; kept in
 * archive/<tenant>/gen. -1 with a failure. */
int64_t spool_archive_gen(
    const struct spool *spool, const char *tenant, struct failure *why);

#endif
