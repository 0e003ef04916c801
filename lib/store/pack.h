/* A reading's measurements as the bytes of readings.packed. */
#ifndef STORE_PACK_H
#define STORE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "record/reading.h"

/* data_quality stands in a column of its own; this is "absent" there. */
#define PACK_QUALITY_UNKNOWN 255

/* A reading's data_quality as it is stored. */
int64_t pack_quality(const struct reading *reading);
/* Append the packed measurements: the same ones always give the same
 * bytes. */
void pack_reading(const struct reading *reading, struct buf *out);
/* In its two steps: which measurements are kept, as bits of their ids; and
 * those written down. */
uint64_t pack_kept(const struct reading *reading);
void pack_members(
    const struct reading *reading, uint64_t keep, struct buf *out);
/* Can this scaled number of a measurement not have been put in? */
bool pack_out_of_range(int id, int64_t number);
/*
 * The measurements of a packed row, with what derives from them; lists
 * and texts in the arena. kind, time_ms and gen must be set (reading_clear
 * first). 0, or -1 with a failure (EXIT_WRONG) for bytes that are damaged.
 */
int pack_read(const void *data, size_t size, int64_t quality,
    struct arena *arena, struct reading *reading, struct failure *why);
/* The same without what derives. */
int pack_read_bare(const void *data, size_t size, int64_t quality,
    struct arena *arena, struct reading *reading, struct failure *why);

#endif
