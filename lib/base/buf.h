/* A growable run of bytes, always NUL-terminated behind its length. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

/* Zero-initialise; buf_free releases. data is NULL until first used. */
struct buf {
	char *data;
	size_t size; /* bytes in use */
	size_t room; /* bytes allocated */
};

/* Have room for `need` bytes in all. */
void buf_grow(struct buf *buf, size_t need);
/* Make room for `more` bytes and return where they go (not yet counted). */
static inline char *
buf_reserve(struct buf *buf, size_t more)
{
	if (buf->size + more >= buf->room)
		buf_grow(buf, buf->size + more + 1);
	buf->data[buf->size] = '\0';
	return buf->data + buf->size;
}
void buf_put(struct buf *buf, const void *data, size_t size);
void buf_text(struct buf *buf, const char *text);
void buf_char(struct buf *buf, char c);
void buf_print(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Decimal integer, and a scaled integer with its decimals: (3291, 3) is
 * 3.291. Trailing zeros are kept: a measurement has fixed decimals. */
void buf_integer(struct buf *buf, int64_t value);
void buf_scaled(struct buf *buf, int64_t value, unsigned decimals);
/* RFC 3339 UTC with milliseconds: 2026-01-02T03:04:05.678Z */
void buf_time(struct buf *buf, int64_t time_ms);
/* Lower-case hexadecimal of bytes. */
void buf_hex(struct buf *buf, const uint8_t *data, size_t size);
void buf_clear(struct buf *buf);
void buf_free(struct buf *buf);

#endif
