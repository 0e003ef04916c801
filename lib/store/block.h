/*
 * Many rows of one battery in one block: column by column, as differences,
 * compressed. What comes out is what went in, byte for byte.
 */
#ifndef STORE_BLOCK_H
#define STORE_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "record/reading.h"
#include "store/readings.h"

/* Rows that one block should have, and those that a minute may: of two kinds
 * in each millisecond. */
#define BLOCK_ROWS 4096
#define BLOCK_ROWS_MAX (2 * 60000)

/* The memory that blocks are made in, one after the other. NULL with a
 * failure. */
struct block_maker;
struct block_maker *block_maker_open(struct failure *why);
void block_maker_close(struct block_maker *maker);
/*
 * Append the block of these rows, 1 to BLOCK_ROWS_MAX of them, in order of
 * (time, kind); their battery_id is not kept. The same rows always give the
 * same bytes with one release of libzstd. 0, or -1 with a failure
 * (EXIT_WRONG) where a row is damaged.
 */
int block_make(struct block_maker *maker, const struct readings_row *rows,
    size_t count, struct buf *out, struct failure *why);

struct block;
/* Open a block; `data` may go then. NULL with a failure (EXIT_WRONG) where
 * it is damaged: each byte is covered by a checksum. */
struct block *block_open(const void *data, size_t size, struct failure *why);
/* The same in the memory of one that is not needed any more (or NULL); where
 * it fails that one is closed. */
struct block *block_open_in(
    struct block *old, const void *data, size_t size, struct failure *why);
void block_close(struct block *block);
size_t block_count(const struct block *block);
int64_t block_time(const struct block *block, size_t i); /* of row i, ms */
/* Row i without its packed bytes: time, gen, kind, quality and made. */
void block_row(const struct block *block, size_t i, struct readings_row *row);
/* How many rows from `from` on and before `to` are alike: of the kind of the
 * first, with its measurements, earlier than until_ms, and none of quality
 * poor or invalid. */
size_t block_alike(
    const struct block *block, size_t from, size_t to, int64_t until_ms);
/* Append its packed bytes. */
void block_packed(const struct block *block, size_t i, struct buf *out);
/* The whole reading, with what derives from it but where `bare`; its texts
 * live as long as the block. */
void block_reading(
    const struct block *block, size_t i, bool bare, struct reading *reading);

#endif
