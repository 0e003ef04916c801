/*
 * A reading as its canonical line. This is on the hot path of every
 * filter: room for each member is made once, and its digits are written in
 * place.
 */
#include <endian.h>
#include <string.h>

#include "base/num.h"
#include "json/json.h"
#include "record/reading_parts.h"

/* The longest scaled 64-bit number, and the longest item of a list with
 * its comma. */
#define NUMBER_MAX 24
#define ITEM_MAX 14
/* A value that is neither list nor text, with what stands around it. */
#define SCALAR_MAX 32

/* Room that is kept for what has no names in the head. */
#define HEAD_MAX 96

/* Copied whole, whatever their size: KEY_ROOM is what a copy may touch.
 * The way of printing is the number of decimals, or the shape. */
#define KEY_ROOM 32
#define WAY(shape) (SHAPE_##shape + 8)
#define KEY(tag, name, unit, decimals, shape, ...)                             \
	{ ",\"" #name "\":", sizeof(#name) + 3,                                \
		SHAPE_##shape == SHAPE_NUMBER ? (decimals) : WAY(shape) },
static const struct {
	char text[KEY_ROOM];
	uint8_t size;
	uint8_t way;
} keys[] = { MEASUREMENTS(KEY) };

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
	memcpy(at, num_pairs + value * 2, 2);
	return at + 2;
}

static char *
add_large(char *at, uint64_t value)
{
	char text[NUMBER_MAX];
	char *end = text + sizeof(text), *start = end;

	while (value >= 100) {
		start -= 2;
		memcpy(start, num_pairs + value % 100 * 2, 2);
		value /= 100;
	}
	if (value >= 10) {
		start -= 2;
		memcpy(start, num_pairs + value * 2, 2);
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

/* Two digits as a number, the first of them lowest. */
static inline uint64_t
pair_word(uint32_t value)
{
	uint16_t word;

	memcpy(&word, num_pairs + value * 2, sizeof(word));
	return le16toh(word);
}

/* Four digits with a point behind the first or the second: voltages of
 * cells and temperatures. They are stored as eight bytes: behind them is
 * room for more. */
static inline char *
add_four(char *at, uint32_t value, unsigned decimals)
{
	uint64_t high = pair_word(value / 100), low = pair_word(value % 100);

	if (decimals == 3)
		high = (high & 0xff) | '.' << 8 | high >> 8 << 16;
	else
		high |= '.' << 16;
	high = htole64(high | low << 24);
	memcpy(at, &high, sizeof(high));
	return at + 5;
}

#define FEW(tag, name, unit, decimals, ...)                                    \
	_Static_assert((decimals) <= 3, #name " has too many decimals");
MEASUREMENTS(FEW)
#undef FEW

/* The decimals that the table has; divisions by constants are cheap. */
static inline char *
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
		if (size - 1000 < 9000)
			return add_four(at, (uint32_t)size, 2);
		at = add_whole(at, size / 100);
		*at++ = '.';
		return add_pair(at, size % 100);
	default:
		if (size < 10000)
			return add_four(at, (uint32_t)size, 3);
		at = add_whole(at, size / 1000);
		*at++ = '.';
		*at++ = (char)('0' + size / 100 % 10);
		return add_pair(at, size % 100);
	}
}

/* Cells and temperatures are short, and there are many of them. */
static inline char *
add_item(char *at, int32_t item, unsigned decimals)
{
	uint32_t size = (uint32_t)item;

	if (decimals == 3 && size < 10000)
		return add_four(at, size, 3);
	if (decimals == 2 && size - 1000 < 9000)
		return add_four(at, size, 2);
	return add_scaled(at, item, decimals);
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
			at = add_item(at, *item, decimals);
		*at++ = ',';
	}
	/* over the last comma */
	at -= value->list.count > 0;
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

/* Measurements that need more room than SCALAR_MAX. */
#define LONG(tag, name, unit, decimals, shape, ...)                            \
	| (SHAPE_##shape < SHAPE_LIST ? 0 : UINT64_C(1) << MEASUREMENT_##name)
static const uint64_t long_ones = 0 MEASUREMENTS(LONG);
#undef LONG

/* How much the measurements of a mask need at most, with their names. */
static size_t
members_room(const struct reading *reading, uint64_t members)
{
	size_t room =
	    (size_t)__builtin_popcountll(members) * (KEY_ROOM + SCALAR_MAX);

	for (members &= long_ones; members != 0; members &= members - 1) {
		int id = __builtin_ctzll(members);
		const union reading_value *value = &reading->value[id];

		room += measurement_table[id].shape == SHAPE_LIST
		    ? (size_t)value->list.count * ITEM_MAX
		    : value->text.size;
	}
	return room;
}

/* There is room for it: `out` stays where it is. */
static char *
add_time(char *at, int64_t time_ms, struct buf *out)
{
	*at++ = '"';
	out->size = (size_t)(at - out->data);
	buf_time(out, time_ms);
	at = out->data + out->size;
	*at++ = '"';
	return at;
}

/* Room for it has been made. */
static inline char *
add_member(char *at, const struct reading *reading, int id, struct buf *out)
{
	const struct measurement *row = &measurement_table[id];
	const union reading_value *value = &reading->value[id];

	memcpy(at, keys[id].text, KEY_ROOM);
	at += keys[id].size;
	switch (keys[id].way) {
	case 0:
		return add_scaled(at, value->number, 0);
	case 1:
		return add_scaled(at, value->number, 1);
	case 2:
		return add_scaled(at, value->number, 2);
	case 3:
		return add_scaled(at, value->number, 3);
	case WAY(FLAG):
		return value->number != 0 ? ADD(at, "true") : ADD(at, "false");
	case WAY(WORD):
		return add_word(at, row->words[value->number]);
	case WAY(TIME):
		return add_time(at, value->number, out);
	case WAY(LIST):
		return add_list(at, value, row->decimals);
	default:
		return add(at, value->text.json, value->text.size);
	}
}

static void
put_members(const struct reading *reading, uint64_t members, struct buf *out)
{
	char *at = buf_reserve(out, members_room(reading, members));

	for (; members != 0; members &= members - 1)
		at = add_member(at, reading, __builtin_ctzll(members), out);
	*at = '\0';
	out->size = (size_t)(at - out->data);
}

void
reading_print_one(const struct reading *reading, int id, struct buf *out)
{
	put_members(reading, UINT64_C(1) << id, out);
}

/* Are these eight bytes ASCII that needs no escapes? Each test is of all
 * bytes at once: a byte that is less than what is taken from it borrows
 * (B. Warren's and M. Anderson's "haszero" and "hasless"). */
static inline bool
plain_word(uint64_t word)
{
	const uint64_t ones = UINT64_MAX / 255, tops = ones << 7;
	uint64_t quote = word ^ ones * '"', slash = word ^ ones * '\\';

	return (((word - ones * ' ') | (quote - ones) | (slash - ones) | word) &
		   tops) == 0;
}

static inline bool
is_plain(const char *text, size_t size)
{
	uint64_t word = 0;

	for (; size > sizeof(word); size -= sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		if (!plain_word(word))
			return false;
		text += sizeof(word);
	}
	memset(&word, ' ', sizeof(word));
	memcpy(&word, text, size);
	return plain_word(word);
}

/* A name of the head; mostly it needs no escapes. */
static char *
add_name(char *at, const char *key, size_t key_size, const char *text,
    struct buf *out)
{
	size_t size;

	if (text[0] == '\0')
		return at;
	size = strlen(text);
	out->size = (size_t)(at - out->data);
	at = buf_reserve(out, key_size + size + HEAD_MAX);
	at = add(at, key, key_size);
	if (!is_plain(text, size)) {
		out->size += key_size;
		json_put_text(out, text, size);
		return buf_reserve(out, HEAD_MAX);
	}
	*at++ = '"';
	at = add(at, text, size);
	*at++ = '"';
	return at;
}

#define ADD_NAME(at, key, text, out)                                           \
	add_name(at, ",\"" key "\":", sizeof(key) + 3, text, out)

static char *
add_start(char *at, enum reading_kind kind)
{
	if (kind == READING_BATTERY)
		return ADD(at, "{\"kind\":\"battery\",\"time\":");
	if (kind == READING_ENERGY)
		return ADD(at, "{\"kind\":\"energy\",\"time\":");
	return ADD(at, "{\"kind\":\"status\",\"time\":");
}

static void
put_head(const struct reading *reading, struct buf *out)
{
	char *at = add_start(buf_reserve(out, HEAD_MAX), reading->kind);

	at = add_time(at, reading->time_ms, out);
	at = ADD_NAME(at, "tenant", reading->tenant, out);
	at = ADD_NAME(at, "device", reading->device, out);
	at = ADD_NAME(at, "profile", reading->profile, out);
	at = ADD_NAME(at, "battery", reading->battery, out);
	if (reading->gen != 0) {
		at = ADD(at, ",\"gen\":");
		at = add_scaled(at, reading->gen, 0);
	}
	at = ADD_NAME(at, "error", reading->error, out);
	*at = '\0';
	out->size = (size_t)(at - out->data);
}

void
reading_print(const struct reading *reading, struct buf *out)
{
	put_head(reading, out);
	put_members(reading, reading->present, out);
	PUT(out, "}\n");
}
