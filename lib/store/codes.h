/*
 * What blocks and sheets are written with: numbers as varints, runs, and a
 * compressed body behind a head that says how large it is.
 */
#ifndef STORE_CODES_H
#define STORE_CODES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/varint.h"

static inline void
codes_put(struct buf *out, uint64_t number)
{
	uint8_t *at = (uint8_t *)buf_reserve(out, VARINT_MAX);

	out->size += (size_t)(varint_put(at, number) - at);
}

/* The zigzag of a difference, and what it leads to. Both wrap around. */
static inline void
codes_put_difference(struct buf *out, int64_t now, int64_t before)
{
	codes_put(
	    out, varint_code((int64_t)((uint64_t)now - (uint64_t)before)));
}

static inline int64_t
codes_plus(int64_t before, uint64_t code)
{
	return (int64_t)((uint64_t)before + (uint64_t)varint_signed(code));
}

/* A value and how often it follows itself, until all are said; and back,
 * where one above `most` is bad. */
void codes_put_runs(struct buf *out, const uint64_t *value, size_t count);
void codes_get_runs(
    struct varint_reader *in, uint64_t *value, size_t count, uint64_t most);

/* What bodies are compressed with, one after the other: made once, as that
 * takes longer than a small body does. NULL with a failure. */
struct codes_press;
struct codes_press *codes_press_open(struct failure *why);
void codes_press_close(struct codes_press *press);
/*
 * Append a byte for the edition, the number of rows, the size of the body
 * and its zstd frame, which has a checksum. 0, or -1 with a failure: a body
 * of more than CODES_BODY_MAX bytes is EXIT_WRONG.
 */
#define CODES_BODY_MAX ((size_t)256 << 20)
int codes_seal(struct codes_press *press, unsigned edition, size_t rows,
    const struct buf *body, struct buf *out, struct failure *why);
/* The body, and the number of rows in its head: 1 to most. To be freed with
 * mem_free; NULL with a failure (EXIT_WRONG) where it is damaged. */
uint8_t *codes_open(unsigned edition, const void *data, size_t size,
    size_t most, size_t *rows, size_t *body_size, struct failure *why);

#endif
