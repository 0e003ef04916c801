/*
 * Private to lib/record: stepping over canonical JSON, where each byte is
 * foreseen. A false from any of these means "not canonical" and sends the
 * line to jansson; nothing is judged wrong here. The line is not changed
 * until all of it has been accepted.
 */
#ifndef RECORD_SCAN_H
#define RECORD_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"

/* More digits than any measurement has go to jansson. */
#define SCAN_DIGITS_MAX 15
/* A time as buf_time prints it, without quotes. */
#define SCAN_TIME_SIZE 24
/* Texts of a line that get an end. */
#define SCAN_ENDS_MAX 1029

struct scan {
	char *at;
	char *end; /* the NUL behind the line */
};

static inline bool
scan_take(struct scan *scan, const char *text, size_t size)
{
	if ((size_t)(scan->end - scan->at) < size ||
	    memcmp(scan->at, text, size) != 0)
		return false;
	scan->at += size;
	return true;
}

#define SCAN_TAKE(scan, literal) scan_take(scan, literal, sizeof(literal) - 1)

static inline bool
scan_char(struct scan *scan, char c)
{
	if (*scan->at != c)
		return false;
	scan->at++;
	return true;
}

/* After an opening quote: ASCII without escapes, past the closing quote. */
static inline bool
scan_plain(struct scan *scan, char **text, size_t *size)
{
	char *at = scan->at;

	while (*at >= 0x20 && *at < 0x7f && *at != '"' && *at != '\\')
		at++;
	if (*at != '"')
		return false;
	*text = scan->at;
	*size = (size_t)(at - scan->at);
	scan->at = at + 1;
	return true;
}

/* The same where the caller looks at each byte anyway: any text up to the
 * next quote. */
static inline bool
scan_raw(struct scan *scan, char **text, size_t *size)
{
	char *end = memchr(scan->at, '"', (size_t)(scan->end - scan->at));

	if (end == NULL)
		return false;
	*text = scan->at;
	*size = (size_t)(end - scan->at);
	scan->at = end + 1;
	return true;
}

/* Bytes of ASCII without escapes, up to a quote, of which there are not more
 * than so many; else 0. */
static inline size_t
scan_plain_span(const char *text, size_t most)
{
	size_t size = 0;

	while (text[size] >= 0x20 && text[size] < 0x7f && text[size] != '"' &&
	    text[size] != '\\')
		size++;
	return size <= most ? size : 0;
}

/* A decimal number without exponent and with at most `decimals` digits
 * behind its point, as a scaled integer. */
static inline bool
scan_scaled(struct scan *scan, unsigned decimals, int64_t *value)
{
	const char *at = scan->at;
	bool negative = *at == '-';
	const char *first = at += negative;
	int64_t number = 0;

	while (*at >= '0' && *at <= '9' && at - first < SCAN_DIGITS_MAX)
		number = number * 10 + (*at++ - '0');
	if (at == first || (*first == '0' && at - first > 1))
		return false;
	if (*at == '.') {
		const char *point = at++;

		while (*at >= '0' && *at <= '9' && decimals > 0) {
			number = number * 10 + (*at++ - '0');
			decimals--;
		}
		if (at - point < 2 || at - first > SCAN_DIGITS_MAX)
			return false;
	}
	while (decimals-- > 0)
		number *= 10;
	if (*at != ',' && *at != '}' && *at != ']')
		return false;
	scan->at += at - scan->at;
	*value = negative ? -number : number;
	return true;
}

/* Where a NUL is put once the whole line is accepted. */
struct scan_ends {
	size_t count;
	char *at[SCAN_ENDS_MAX];
};

static inline void
scan_cut(const struct scan_ends *ends)
{
	for (size_t i = 0; i < ends->count; i++)
		*ends->at[i] = '\0';
}

/* How many bytes of the text that begins here are what the member may
 * have, each of them plain; 0 where that is none. */
typedef size_t scan_span(const char *text);

/* An optional member of the head whose value is a text; `key` with the
 * comma before it and the quote behind. */
static inline bool
scan_name(struct scan *scan, const char *key, size_t key_size, scan_span *span,
    const char **name, struct scan_ends *ends)
{
	size_t size;

	if (!scan_take(scan, key, key_size))
		return true;
	size = span(scan->at);
	if (size == 0 || scan->at[size] != '"')
		return false;
	*name = scan->at;
	ends->at[ends->count++] = scan->at + size;
	scan->at += size + 1;
	return true;
}

#define SCAN_NAME(scan, key, span, name, ends)                                 \
	scan_name(scan, ",\"" key "\":\"", sizeof(key) + 4, span, name, ends)

static inline bool
scan_integer(struct scan *scan, int64_t low, int64_t high, int64_t *value)
{
	return scan_scaled(scan, 0, value) && *value >= low && *value <= high;
}

static inline bool
scan_time(struct scan *scan, int64_t *time_ms)
{
	if (scan->end - scan->at < SCAN_TIME_SIZE + 2 || *scan->at != '"' ||
	    scan->at[SCAN_TIME_SIZE + 1] != '"' ||
	    scan->at[SCAN_TIME_SIZE] != 'Z' ||
	    !clock_parse(scan->at + 1, SCAN_TIME_SIZE, time_ms) ||
	    *time_ms < 0 || *time_ms > CLOCK_MAX_MS)
		return false;
	scan->at += SCAN_TIME_SIZE + 2;
	return true;
}

#endif
