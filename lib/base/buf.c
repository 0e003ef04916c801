#include "base/buf.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"

void
buf_grow(struct buf *buf, size_t need)
{
	size_t room = buf->room * 2 > need ? buf->room * 2 : need;

	if (room < 256)
		room = 256;
	buf->data = mem_grow(buf->data, room, 1);
	buf->room = room;
}

void
buf_put(struct buf *buf, const void *data, size_t size)
{
	char *end = buf_reserve(buf, size);

	if (size > 0)
		memcpy(end, data, size);
	end[size] = '\0';
	buf->size += size;
}

void
buf_text(struct buf *buf, const char *text)
{
	buf_put(buf, text, strlen(text));
}

void
buf_char(struct buf *buf, char c)
{
	buf_put(buf, &c, 1);
}

void
buf_print(struct buf *buf, const char *format, ...)
{
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (size <= 0)
		return;
	buf_reserve(buf, (size_t)size);
	va_start(args, format);
	vsnprintf(buf->data + buf->size, (size_t)size + 1, format, args);
	va_end(args);
	buf->size += (size_t)size;
}

/* Digits of a magnitude, written backwards from `end`; at least `least`. */
static char *
digits(char *end, uint64_t magnitude, unsigned least)
{
	do {
		*--end = (char)('0' + magnitude % 10);
		magnitude /= 10;
		if (least > 0)
			least--;
	} while (magnitude > 0 || least > 0);
	return end;
}

static uint64_t
magnitude_of(int64_t value)
{
	return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

void
buf_integer(struct buf *buf, int64_t value)
{
	buf_scaled(buf, value, 0);
}

void
buf_scaled(struct buf *buf, int64_t value, unsigned decimals)
{
	char text[32], *end = text + sizeof(text), *start;
	uint64_t magnitude = magnitude_of(value);
	uint64_t power = (uint64_t)num_power10(decimals);

	if (decimals > 0) {
		start = digits(end, magnitude % power, decimals);
		*--start = '.';
		start = digits(start, magnitude / power, 1);
	} else {
		start = digits(end, magnitude, 1);
	}
	if (value < 0)
		*--start = '-';
	buf_put(buf, start, (size_t)(end - start));
}

/* Days since 1970 to a civil date (H. Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms", civil_from_days). */
static void
civil(int64_t days, unsigned *year, unsigned *month, unsigned *day)
{
	int64_t z = days + 719468;
	int64_t era = z / 146097;
	unsigned doe = (unsigned)(z - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153;

	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = (unsigned)(era * 400) + yoe + (*month <= 2 ? 1 : 0);
}

static char *
two(char *out, unsigned value, char after)
{
	memcpy(out, num_pairs + value * 2, 2);
	out[2] = after;
	return out + 3;
}

void
buf_time(struct buf *buf, int64_t time_ms)
{
	int64_t days = time_ms / 86400000;
	unsigned ms = (unsigned)(time_ms - days * 86400000);
	unsigned year, month, day;
	char *out = buf_reserve(buf, 24);

	civil(days, &year, &month, &day);
	two(out, year / 100, '\0');
	out = two(out + 2, year % 100, '-');
	out = two(out, month, '-');
	out = two(out, day, 'T');
	out = two(out, ms / 3600000, ':');
	out = two(out, ms / 60000 % 60, ':');
	out = two(out, ms / 1000 % 60, '.');
	*out++ = (char)('0' + ms / 100 % 10);
	two(out, ms % 100, 'Z');
	buf->size += 24;
	buf->data[buf->size] = '\0';
}

void
buf_hex(struct buf *buf, const uint8_t *data, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	char *out = buf_reserve(buf, 2 * size);

	for (size_t i = 0; i < size; i++) {
		*out++ = hex[data[i] >> 4];
		*out++ = hex[data[i] & 15];
	}
	*out = '\0';
	buf->size += 2 * size;
}

void
buf_clear(struct buf *buf)
{
	buf->size = 0;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

void
buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ 0 };
}
