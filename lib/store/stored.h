/*
 * The stored rows of a battery in order of time, whether they stand as
 * fresh rows or in sealed blocks. Used by what reads readings.
 *
 * No fresh row lies in the time of a block of its battery (seal.h sees to
 * it), so the two take turns.
 */
#ifndef STORE_STORED_H
#define STORE_STORED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "record/reading.h"
#include "store/block.h"
#include "store/sql.h"

/* Key of the block of a battery that begins in the minute of this time: the
 * blocks of a battery stand one behind the other, and no two of them begin
 * in one minute. */
static inline int64_t
block_key(int64_t battery_id, int64_t first_ms)
{
	return (int64_t)((uint64_t)battery_id << 32) + first_ms / 60000;
}

/* One row; it lives until the next call. */
struct stored_row {
	struct readings_row row; /* packed NULL: of a block */
	const struct block *block;
	size_t at; /* its place in the block */
};

struct stored;
/* Are there blocks that reach so far? 1 yes, 0 no, -1 with a failure. */
int stored_any_blocks(struct sql *sql, int64_t time_ms, struct failure *why);
/* Walk through from <= time < to, the newest first where `down`; battery_id
 * 0: of all batteries, each in this order. Each batch
 * is one short statement, so no walk keeps the log of the database from
 * being cleared. NULL with a failure. */
struct stored *stored_open(struct sql *sql, int64_t battery_id, int64_t from_ms,
    int64_t to_ms, bool down, struct failure *why);
/* Before the first stored_next: gen, made and device of the rows are not
 * needed. 0, or -1 with a failure. */
int stored_lean(struct stored *stored, struct failure *why);
/* 1 a row, 0 the end, -1 with a failure. */
int stored_next(
    struct stored *stored, struct stored_row *row, struct failure *why);
void stored_close(struct stored *stored);
/* Walking up, of a row of a block: how many rows from it on, itself included,
 * are next. */
size_t stored_behind(const struct stored *stored, const struct stored_row *row);
/* So many of them, itself included, were told. */
void stored_skip(
    struct stored *stored, const struct stored_row *row, size_t count);
/* The whole reading of a row, with what derives from it but where `bare`;
 * lists and texts in the arena, or as long as the row. 0, or -1 with a
 * failure (EXIT_WRONG) where it is damaged. */
int stored_reading(const struct stored_row *row, bool bare, struct arena *arena,
    struct reading *reading, struct failure *why);

#endif
