/* The durable queue between field and store: spool(5). */
#ifndef SPOOL_SPOOL_H
#define SPOOL_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * A spool is a directory: new/ (segments ready to feed), fed/ (fed, not
 * yet archived), wait/ (lines of tenants that could not be written),
 * refused/ (lines that kill a stage), archive/<tenant>/<day>/<hour>.
 * ndjson.zst. Segments are named by a counter of 16 digits.
 */
struct spool_writer;

/* Create what is missing and open for appending. `limit` bytes in new/ and
 * fed/ at which spool_writer_full answers true; 0 for none. */
struct spool_writer *spool_writer_open(const char *dir, int64_t limit,
    struct failure *why);
int spool_writer_put(struct spool_writer *writer, const char *line,
    size_t size, struct failure *why);
/* Make all that was put safe: fsync, rename into new/, fsync of the
 * directory. *segment is its number (0 if nothing was put). */
int spool_writer_commit(struct spool_writer *writer, int64_t *segment,
    struct failure *why);
int spool_writer_full(const struct spool_writer *writer);
void spool_writer_close(struct spool_writer *writer);

#endif
