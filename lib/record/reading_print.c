/*
 * A reading as its canonical line. This is on the hot path of every
 * filter: room for each member is made once, and its digits are written in
 * place.
 */
#include <string.h>

#include "json/json.h"
#include "record/reading_parts.h"

/* The longest scaled 64-bit number, and the longest item of a list with
 * its comma. */
#define NUMBER_MAX 24
#define ITEM_MAX 14

/* Copied whole, whatever their size: KEY_ROOM is what a copy may touch. */
#define KEY_ROOM 32
#define KEY(tag, name, ...) { ",\"" #name "\":", sizeof(#name) + 3 },
static const struct {
	char text[KEY_ROOM];
	size_t size;
} keys[] = { MEASUREMENTS(KEY) };

static const char pairs[] =
    "00010203040506070809101112131415161718192021222324"
    "25262728293031323334353637383940414243444546474849"
    "50515253545556575859606162636465666768697071727374"
    "75767778798081828384858687888990919293949596979899";

static char *
add(char *at, const void *text, size_t size)
{
	memcpy(at, text, size);
	return at + size;
}

#define ADD(at, literal) add(at, literal, sizeof(literal) - 1)
#define PUT(out, literal) buf_put(out, literal, sizeof(literal) - 1)

static char *
add_pair(char *at, uint64_t value)
{
	memcpy(at, pairs + value * 2, 2);
	return at + 2;
}

static char *
add_large(char *at, uint64_t value)
{
	char text[NUMBER_MAX];
	char *end = text + sizeof(text), *start = end;

	while (value >= 100) {
		start -= 2;
		memcpy(start, pairs + value % 100 * 2, 2);
		value /= 100;
	}
	if (value >= 10) {
		start -= 2;
		memcpy(start, pairs + value * 2, 2);
	} else {
		*--start = (char)('0' + value);
	}
	return add(at, start, (size_t)(end - start));
}

/* Most numbers are small before their point. */
static inline char *
add_whole(char *at, uint64_t value)
{
	if (value < 10) {
		*at = (char)('0' + value);
		return at + 1;
	}
	if (value < 100)
		return add_pair(at, value);
	if (value >= 1000)
		return add_large(at, value);
	*at = (char)('0' + value / 100);
	return add_pair(at + 1, value % 100);
}

#define FEW(tag, name, unit, decimals, ...) \
	_Static_assert((decimals) <= 3, #name " has too many decimals");
MEASUREMENTS(FEW)
#undef FEW

/* The decimals that the table has; divisions by constants are cheap. */
static char *
add_scaled(char *at, int64_t value, unsigned decimals)
{
	uint64_t size = (uint64_t)value;

	if (value < 0) {
		*at++ = '-';
		size = 0 - size;
	}
	switch (decimals) {
	case 0:
		return add_whole(at, size);
	case 1:
		at = add_whole(at, size / 10);
		*at++ = '.';
		*at++ = (char)('0' + size % 10);
		return at;
	case 2:
		at = add_whole(at, size / 100);
		*at++ = '.';
		return add_pair(at, size % 100);
	default:
		at = add_whole(at, size / 1000);
		*at++ = '.';
		*at++ = (char)('0' + size / 100 % 10);
		return add_pair(at, size % 100);
	}
}

static char *
add_list(char *at, const union reading_value *value, unsigned decimals)
{
	const int32_t *item = value->list.item;
	const int32_t *end = item + value->list.count;

	*at++ = '[';
	for (; item < end; item++) {
		if (*item == READING_ITEM_UNKNOWN)
			at = ADD(at, "null");
		else
			at = add_scaled(at, *item, decimals);
		if (item + 1 < end)
			*at++ = ',';
	}
	*at++ = ']';
	return at;
}

/* Text without its NUL, between quotes. */
static char *
add_word(char *at, const char *word)
{
	*at++ = '"';
	at = add(at, word, strlen(word));
	*at++ = '"';
	return at;
}

/* How much a value needs at most. */
static size_t
value_room(const struct measurement *row, const union reading_value *value)
{
	switch ((enum measurement_shape)row->shape) {
	case SHAPE_LIST:
		return (size_t)value->list.count * ITEM_MAX + 2;
	case SHAPE_CODES:
	case SHAPE_MAP:
	case SHAPE_TEXT:
		return value->text.size;
	default:
		return READING_NAME_MAX;
	}
}

static char *
add_value(
    char *at, const struct measurement *row, const union reading_value *value)
{
	switch ((enum measurement_shape)row->shape) {
	case SHAPE_NUMBER:
		return add_scaled(at, value->number, row->decimals);
	case SHAPE_FLAG:
		return value->number != 0 ? ADD(at, "true") : ADD(at, "false");
	case SHAPE_WORD:
		return add_word(at, row->words[value->number]);
	case SHAPE_LIST:
		return add_list(at, value, row->decimals);
	default:
		return add(at, value->text.json, value->text.size);
	}
}

static void
put_time(struct buf *out, int64_t time_ms)
{
	buf_char(out, '"');
	buf_time(out, time_ms);
	buf_char(out, '"');
}

void
reading_print_one(const struct reading *reading, int id, struct buf *out)
{
	const struct measurement *row = &measurement_table[id];
	const union reading_value *value = &reading->value[id];
	char *at = buf_reserve(out, KEY_ROOM + value_room(row, value));

	memcpy(at, keys[id].text, KEY_ROOM);
	at += keys[id].size;
	if (row->shape != SHAPE_TIME)
		at = add_value(at, row, value);
	out->size = (size_t)(at - out->data);
	if (row->shape == SHAPE_TIME)
		put_time(out, value->number);
}

static void
put_member(struct buf *out, const char *key, size_t size, const char *text)
{
	if (*text == '\0')
		return;
	buf_put(out, key, size);
	json_put_text(out, text, strlen(text));
}

#define PUT_MEMBER(out, key, text)                                             \
	put_member(out, ",\"" key "\":", sizeof(key) + 3, text)

static void
put_head(const struct reading *reading, struct buf *out)
{
	PUT(out, "{\"kind\":\"");
	buf_text(out, reading_kind_names[reading->kind]);
	PUT(out, "\",\"time\":");
	put_time(out, reading->time_ms);
	PUT_MEMBER(out, "tenant", reading->tenant);
	PUT_MEMBER(out, "device", reading->device);
	PUT_MEMBER(out, "profile", reading->profile);
	PUT_MEMBER(out, "battery", reading->battery);
	if (reading->gen != 0) {
		PUT(out, ",\"gen\":");
		buf_integer(out, reading->gen);
	}
	PUT_MEMBER(out, "error", reading->error);
}

void
reading_print(const struct reading *reading, struct buf *out)
{
	put_head(reading, out);
	for (uint64_t left = reading->present; left != 0; left &= left - 1)
		reading_print_one(reading, __builtin_ctzll(left), out);
	PUT(out, "}\n");
}
