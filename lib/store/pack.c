/*
 * The packed row, edition 1 (also in tenant(5)):
 *
 *	byte	1, the edition
 *	byte	n, then n bytes: a bit per tag that is present, tag 1 in the
 *		lowest bit of the first byte; the last byte is not 0
 *	values	in order of their tags:
 *		NUMBER FLAG WORD	varint of zigzag(value)
 *		TIME	varint of zigzag(value - time of the reading)
 *		LIST	varint count, then for each item 0 where unknown,
 *			else 1 + zigzag(item - item before, 0 at first)
 *		CODES MAP TEXT	varint size, then the bytes of the JSON
 *
 * A varint has seven bits a byte, the lowest first, and the highest bit
 * set where more follow. zigzag(v) is 2v for v >= 0, else -2v - 1.
 * What reading_derive makes again from the rest is left out, and so is
 * data_quality, which is a column.
 */
#include "store/pack.h"

#include <string.h>

#include "base/clock.h"
#include "base/varint.h"

#define EDITION 1
#define TAG_BYTES_MAX 32 /* tags are one byte */

/* ---- writing ---------------------------------------------------------- */

int64_t
pack_quality(const struct reading *reading)
{
	return reading_has(reading, MEASUREMENT_data_quality)
	    ? reading->value[MEASUREMENT_data_quality].number
	    : PACK_QUALITY_UNKNOWN;
}

static uint64_t
bit(int id)
{
	return UINT64_C(1) << id;
}

/*
 * Which of the measurements must be kept: not those that come out the same
 * when all that can be derived is taken away and derived again. The mode
 * counts as such: it is derived where the device gave none.
 */
uint64_t
pack_kept(const struct reading *reading)
{
	struct reading bare = *reading;
	uint64_t again, keep = reading->present;

	keep &= ~bit(MEASUREMENT_data_quality);
	for (int id = 0; id < MEASUREMENT_COUNT; id++)
		if (measurement_table[id].derived ||
		    id == MEASUREMENT_operation_mode)
			bare.present &= ~bit(id);
	again = reading->present & ~bare.present;
	reading_derive(&bare);
	again &= bare.present;
	for (; again != 0; again &= again - 1) {
		int id = __builtin_ctzll(again);

		if (bare.value[id].number == reading->value[id].number)
			keep &= ~bit(id);
	}
	return keep;
}

static uint8_t *
put_list(uint8_t *out, const union reading_value *value)
{
	int64_t before = 0;

	out = varint_put(out, value->list.count);
	for (uint32_t i = 0; i < value->list.count; i++) {
		int32_t item = value->list.item[i];

		if (item == READING_ITEM_UNKNOWN) {
			*out++ = 0;
			continue;
		}
		out = varint_put(out, varint_code(item - before) + 1);
		before = item;
	}
	return out;
}

static void
put_value(struct buf *out, const struct reading *reading, int id)
{
	const union reading_value *value = &reading->value[id];
	uint8_t *start, *end;

	switch (measurement_table[id].shape) {
	case SHAPE_LIST:
		start = (uint8_t *)buf_reserve(
		    out, 10 + (size_t)value->list.count * 6);
		end = put_list(start, value);
		break;
	case SHAPE_CODES:
	case SHAPE_MAP:
	case SHAPE_TEXT:
		start =
		    (uint8_t *)buf_reserve(out, 10 + (size_t)value->text.size);
		end = varint_put(start, value->text.size);
		memcpy(end, value->text.json, value->text.size);
		end += value->text.size;
		break;
	default:
		start = (uint8_t *)buf_reserve(out, 10);
		end = varint_put(start,
		    varint_code(value->number -
			(measurement_table[id].shape == SHAPE_TIME
				? reading->time_ms
				: 0)));
		break;
	}
	out->size += (size_t)(end - start);
}

/* The table may have its rows in another order than that of their tags. */
static int
order_by_tag(uint64_t keep, uint8_t ids[MEASUREMENT_COUNT])
{
	int count = 0;

	for (; keep != 0; keep &= keep - 1) {
		int id = __builtin_ctzll(keep);
		int at = count++;

		for (; at > 0 &&
		     measurement_table[ids[at - 1]].tag >
			 measurement_table[id].tag;
		     at--)
			ids[at] = ids[at - 1];
		ids[at] = (uint8_t)id;
	}
	return count;
}

void
pack_members(const struct reading *reading, uint64_t keep, struct buf *out)
{
	uint8_t tags[2 + TAG_BYTES_MAX] = { EDITION, 0 };
	uint8_t ids[MEASUREMENT_COUNT] = { 0 };
	int count = order_by_tag(keep, ids);

	for (int i = 0; i < count; i++) {
		unsigned place = measurement_table[ids[i]].tag - 1u;

		tags[2 + place / 8] |= (uint8_t)(1u << place % 8);
		tags[1] = (uint8_t)(place / 8 + 1);
	}
	buf_put(out, tags, 2 + (size_t)tags[1]);
	for (int i = 0; i < count; i++)
		put_value(out, reading, ids[i]);
}

void
pack_reading(const struct reading *reading, struct buf *out)
{
	pack_members(reading, pack_kept(reading), out);
}

/* ---- reading ---------------------------------------------------------- */

struct unpacker {
	struct varint_reader in;
	struct arena *arena;
};

/* What was never put in must not come out: sums over it would overflow. */
bool
pack_out_of_range(int id, int64_t number)
{
	const struct measurement *measurement = &measurement_table[id];

	if (measurement->shape == SHAPE_TIME)
		return number < 0 || number > CLOCK_MAX_MS;
	return number < measurement->low || number > measurement->high;
}

/* Nearly all bytes of a row are these: what they are read with stays in
 * registers. */
static bool
get_items(struct varint_reader *from, const struct measurement *row,
    int32_t *item, size_t count)
{
	struct varint_reader in = *from;
	int64_t before = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t code = varint_get(&in);

		item[i] = READING_ITEM_UNKNOWN;
		if (code == 0)
			continue;
		before = (int64_t)((uint64_t)before +
		    (uint64_t)varint_signed(code - 1));
		if (before < row->low || before > row->high)
			return false;
		item[i] = (int32_t)before;
	}
	*from = in;
	return true;
}

static void
get_list(struct unpacker *in, struct reading *reading, int id)
{
	uint64_t count = varint_get(&in->in);
	int32_t *item;

	if (count > READING_LIST_MAX) {
		in->in.bad = true;
		return;
	}
	item = arena_alloc(in->arena, (size_t)(count + 1) * sizeof(*item));
	if (!get_items(&in->in, &measurement_table[id], item, (size_t)count))
		in->in.bad = true;
	reading_set_list(reading, id, item, (size_t)count);
}

static void
get_text(struct unpacker *in, struct reading *reading, int id)
{
	uint64_t size = varint_get(&in->in);

	if (size > READING_TEXT_MAX ||
	    size > (size_t)(in->in.end - in->in.next)) {
		in->in.bad = true;
		return;
	}
	reading_set_text(reading, id,
	    arena_text(in->arena, (const char *)in->in.next, (size_t)size),
	    (size_t)size);
	in->in.next += size;
}

static void
get_value(struct unpacker *in, struct reading *reading, int id)
{
	int64_t number;

	switch (measurement_table[id].shape) {
	case SHAPE_LIST:
		get_list(in, reading, id);
		break;
	case SHAPE_CODES:
	case SHAPE_MAP:
	case SHAPE_TEXT:
		get_text(in, reading, id);
		break;
	default:
		number = varint_signed(varint_get(&in->in));
		if (measurement_table[id].shape == SHAPE_TIME)
			number = (int64_t)((uint64_t)number +
			    (uint64_t)reading->time_ms);
		in->in.bad = in->in.bad || pack_out_of_range(id, number);
		reading_set(reading, id, number);
		break;
	}
}

static void
get_values(struct unpacker *in, const uint8_t *tags, unsigned size,
    struct reading *reading)
{
	for (unsigned byte = 0; byte < size; byte++)
		for (unsigned left = tags[byte]; left != 0 && !in->in.bad;
		     left &= left - 1) {
			int id = measurement_by_tag(
			    byte * 8 + (unsigned)__builtin_ctz(left) + 1);

			if (id < 0)
				in->in.bad = true;
			else
				get_value(in, reading, id);
		}
}

int
pack_read_bare(const void *data, size_t size, int64_t quality,
    struct arena *arena, struct reading *reading, struct failure *why)
{
	const uint8_t *bytes = data, *tags = bytes + 2;
	struct unpacker in = { { tags, bytes + size, false }, arena };

	if (size < 2 || bytes[0] != EDITION || bytes[1] > TAG_BYTES_MAX ||
	    size < 2u + bytes[1])
		return failure_set(
		    why, EXIT_WRONG, "a packed reading is damaged");
	in.in.next = tags + tags[-1];
	get_values(&in, tags, tags[-1], reading);
	if (in.in.bad || in.in.next != in.in.end)
		return failure_set(
		    why, EXIT_WRONG, "a packed reading is damaged");
	if (quality != PACK_QUALITY_UNKNOWN && quality >= 0 &&
	    quality < measurement_table[MEASUREMENT_data_quality].word_count)
		reading_set(reading, MEASUREMENT_data_quality, quality);
	return 0;
}

int
pack_read(const void *data, size_t size, int64_t quality, struct arena *arena,
    struct reading *reading, struct failure *why)
{
	if (pack_read_bare(data, size, quality, arena, reading, why) == -1)
		return -1;
	reading_derive(reading);
	return 0;
}
