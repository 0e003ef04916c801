/* The durable queue between field and store: spool(5). */
#ifndef SPOOL_SPOOL_H
#define SPOOL_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* ---- putting lines in ------------------------------------------------- */

/*
 * A spool is a directory: new/ (segments ready to feed), fed/ (fed, not
 * yet archived), wait/<tenant>/ (lines of tenants that could not be
 * written), refused/ (lines that kill a stage), archive/<tenant>/<day>/
 * <hour>.ndjson.zst. Segments are named by a counter of 16 digits.
 */
struct spool_writer;

/*
 * Create what is missing and open for appending. `limit` is the bytes in
 * new/ and fed/ at which spool_writer_full answers true; 0 for none. What
 * a killed writer left unfinished becomes a segment. Any number of writers
 * may be open at once, in one process or several.
 */
struct spool_writer *spool_writer_open(
    const char *dir, int64_t limit, struct failure *why);
/* Add one line, without its line end. Refused (EXIT_REFUSED) are an empty
 * line, a line end inside, more than IO_LINE_MAX and marks, which are the
 * spool's own. All else is taken, whatever the disk says: see commit. */
int spool_writer_put(struct spool_writer *writer, const char *line, size_t size,
    struct failure *why);
/*
 * Make all that was put safe: fsync, rename into new/, fsync of the
 * directory. *segment is its number (0 if nothing was put). After a failure
 * (EXIT_AGAIN) nothing is lost: call it again.
 */
int spool_writer_commit(
    struct spool_writer *writer, int64_t *segment, struct failure *why);
/* Bytes put and not yet committed. */
size_t spool_writer_open_size(const struct spool_writer *writer);
/* Is the limit reached? Looks at the disk at most once a second, and
 * always when it was reached at the last look. */
int spool_writer_full(struct spool_writer *writer);
/* What was not committed is left for the next writer. NULL is allowed. */
void spool_writer_close(struct spool_writer *writer);

/* ---- the directory ---------------------------------------------------- */

/* Descriptors of the directories of an open spool. */
struct spool {
	const char *path; /* as given; not owned */
	int top, fresh, fed, wait, refused, archive;
	/* of the archive; NULL (as spool_open leaves it): what is added to
	 * it is not sealed. The caller's. */
	struct spool_keys *keys;
};

/* `create` makes what is missing; otherwise that is EXIT_WRONG. */
int spool_open(
    struct spool *spool, const char *path, bool create, struct failure *why);
/* The same, where none at all is 0, and 1 one that is open now. */
int spool_open_there(
    struct spool *spool, const char *path, struct failure *why);
void spool_close(struct spool *spool);

/* Sorted names; a part of a halved segment sorts in its place. */
struct spool_names {
	char **name;
	size_t count;
};
#define SPOOL_NAME_ROOM 96 /* of a segment, its NUL included */

/* The segments in one directory (a descriptor of it stays open). */
int spool_list(int dir_fd, struct spool_names *names, struct failure *why);
/* The subdirectories that are named as tenants ("-": lines of none). */
int spool_list_tenants(
    int dir_fd, struct spool_names *names, struct failure *why);
void spool_names_free(struct spool_names *names);
int64_t spool_number(const char *name); /* 0 where it is no segment */

/* Take the next number and rename new/`part` to it; syncs the directory. */
int spool_publish(const struct spool *spool, const char *part, int64_t *segment,
    struct failure *why);
/* Make segments of what killed writers left: whole lines only. */
int spool_adopt(const struct spool *spool, struct failure *why);
/* A whole file, durable, under its name at once (temporary + rename). */
int spool_put_file(int dir_fd, const char *name, const void *data, size_t size,
    struct failure *why);
int spool_move(int from_fd, int to_fd, const char *name, struct failure *why);
int spool_sync(int dir_fd, struct failure *why); /* fsync */
/* Bytes of the segments in new/ and fed/; -1 with a failure. */
int64_t spool_size(const struct spool *spool, struct failure *why);
/* Write time of the oldest segment in new/ (ms since 1970), 0 for none. */
int64_t spool_oldest(const struct spool *spool);

/* ---- lines ------------------------------------------------------------ */

#define SPOOL_KEY_ROOM 64

/* What the spool reads of a line. Names that are absent are "", a tenant
 * that is no slug is "-", a time that is absent is -1. */
struct spool_key {
	int64_t time_ms;
	bool frame;
	char tenant[SPOOL_KEY_ROOM];
	char device[SPOOL_KEY_ROOM];
	char profile[SPOOL_KEY_ROOM];
};

/* Never fails: what a line does not say is as above. */
void spool_key(const char *line, size_t size, struct spool_key *key);
/* The next line of a text from *at on, without its line end; false at the
 * end or where only an unfinished line is left. */
bool spool_line(
    const struct buf *text, size_t *at, const char **line, size_t *size);

/* ---- lines set aside -------------------------------------------------- */

/* Copy the lines of a tenant from a segment to wait/<tenant>/, under the
 * segment's name, safely. Nothing is written where it has none. */
int spool_set_aside(const struct spool *spool, int dir_fd, const char *name,
    const char *tenant, struct failure *why);
/* The directory of a tenant's waiting lines, or -1 with errno. */
int spool_wait_dir(const struct spool *spool, const char *tenant);
/*
 * A segment kills a stage: replace it by two halves; a single line goes to
 * refused/ under the segment's name. 1 refused, 0 halved, -1 a failure.
 */
int spool_halve(const struct spool *spool, int dir_fd, const char *name,
    struct failure *why);
/* Read a segment; an unfinished last line is cut off and *cut set. */
int spool_read(int dir_fd, const char *name, struct buf *text, bool *cut,
    struct failure *why);

#endif
