/* Blocks, the other way: what a damaged one says is never believed. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/block_parts.h"
#include "store/codes.h"
#include "store/pack.h"

struct opener {
	struct block *block;
	struct varint_reader in;
	uint64_t *value; /* scratch */
};

static void *
rows_of(struct block *block, size_t size)
{
	return arena_alloc(&block->arena, (block->count + 1) * size);
}

static void
get_times(struct opener *o)
{
	int64_t now = 0, step = 0;

	for (size_t i = 0; i < o->block->count; i++) {
		step = codes_plus(i < 2 ? 0 : step, varint_get(&o->in));
		now = (int64_t)((uint64_t)now + (uint64_t)step);
		if (now < 0 || now > CLOCK_MAX_MS)
			o->in.bad = true;
		o->block->time_ms[i] = now;
	}
}

static void
get_heads(struct opener *o)
{
	struct block *b = o->block;

	codes_get_runs(&o->in, b->kind, b->count, READING_ENERGY);
	codes_get_runs(&o->in, b->gen, b->count, INT64_MAX);
	codes_get_runs(&o->in, b->quality, b->count, PACK_QUALITY_UNKNOWN);
	codes_get_runs(&o->in, b->made, b->count, 1);
	codes_get_runs(&o->in, b->device_id, b->count, INT64_MAX);
}

static uint64_t
get_layout(struct varint_reader *in)
{
	uint64_t count = varint_get(in), tag = 0, keep = 0;

	for (; count > 0 && !in->bad; count--) {
		int id;

		tag += varint_get(in);
		id = tag < 256 ? measurement_by_tag((unsigned)tag) : -1;
		if (id < 0)
			in->bad = true;
		else
			keep |= UINT64_C(1) << id;
	}
	return keep;
}

static void
get_layouts(struct opener *o)
{
	struct block *b = o->block;
	uint64_t count = varint_get(&o->in);
	uint64_t *known = rows_of(b, sizeof(*known));

	if (count == 0 || count > b->count) {
		o->in.bad = true;
		return;
	}
	for (uint64_t i = 0; i < count && !o->in.bad; i++)
		known[i] = get_layout(&o->in);
	codes_get_runs(&o->in, b->keep, b->count, count - 1);
	for (size_t i = 0; i < b->count && !o->in.bad; i++)
		b->keep[i] = known[b->keep[i]];
}

static bool
has(const struct block *block, size_t row, int id)
{
	return (block->keep[row] >> id & 1) != 0;
}

static size_t
rows_with(const struct block *block, int id)
{
	size_t count = 0;

	for (size_t i = 0; i < block->count; i++)
		count += has(block, i, id);
	return count;
}

/* Least and greatest of a column: one test of its range for all rows. */
struct extent {
	int64_t low, high;
};

static void
check_extent(struct opener *o, int id, const struct extent *extent)
{
	if (extent->low <= extent->high &&
	    (pack_out_of_range(id, extent->low) ||
		pack_out_of_range(id, extent->high)))
		o->in.bad = true;
}

static void
widen(struct extent *extent, int64_t number)
{
	extent->low = number < extent->low ? number : extent->low;
	extent->high = number > extent->high ? number : extent->high;
}

static void
get_numbers(struct opener *o, int id)
{
	struct block *b = o->block;
	bool is_time = measurement_table[id].shape == SHAPE_TIME;
	int64_t *number = rows_of(b, sizeof(*number)), now = 0;
	struct extent extent = { INT64_MAX, INT64_MIN };
	struct varint_reader in = o->in;

	b->column[id].number = number;
	for (size_t i = 0; i < b->count; i++) {
		if (!has(b, i, id))
			continue;
		now = codes_plus(now, varint_get(&in));
		number[i] = now;
		if (is_time)
			number[i] =
			    (int64_t)((uint64_t)now + (uint64_t)b->time_ms[i]);
		widen(&extent, number[i]);
	}
	o->in = in;
	check_extent(o, id, &extent);
}

/* Room for all lists, each as long as it was said; false where that is more
 * than the rest of the body can tell. */
static bool
open_lists(struct opener *o, int id, uint32_t *longest)
{
	struct block *b = o->block;
	struct column *column = &b->column[id];
	size_t all = 0, at = 0;
	int32_t *items;

	codes_get_runs(&o->in, o->value, rows_with(b, id), READING_LIST_MAX);
	if (o->in.bad)
		return false;
	column->item = rows_of(b, sizeof(*column->item));
	column->length = rows_of(b, sizeof(*column->length));
	for (size_t i = 0; i < b->count; i++) {
		column->length[i] =
		    has(b, i, id) ? (uint32_t)o->value[at++] : 0;
		all += column->length[i];
		if (column->length[i] > *longest)
			*longest = column->length[i];
	}
	if (all > (size_t)(o->in.end - o->in.next)) {
		o->in.bad = true;
		return false;
	}
	items = arena_alloc(&b->arena, (all + 1) * sizeof(*items));
	for (size_t i = 0; i < b->count; i++) {
		column->item[i] = items;
		items += column->length[i];
	}
	return true;
}

/* One place of all lists that are so long. */
static void
get_place(struct opener *o, const struct column *column, uint32_t at,
    struct extent *extent)
{
	struct varint_reader in = o->in;
	int64_t now = 0;

	for (size_t i = 0; i < o->block->count; i++) {
		uint64_t code;
		int32_t *item;

		if (column->length[i] <= at)
			continue;
		code = varint_get(&in);
		item = (int32_t *)(uintptr_t)&column->item[i][at];
		*item = READING_ITEM_UNKNOWN;
		if (code == 0)
			continue;
		now = codes_plus(now, code - 1);
		widen(extent, now);
		*item = (int32_t)now;
	}
	o->in = in;
}

static void
get_lists(struct opener *o, int id)
{
	struct column *column = &o->block->column[id];
	struct extent extent = { INT64_MAX, INT64_MIN };
	uint32_t longest = 0;

	if (!open_lists(o, id, &longest))
		return;
	for (uint32_t at = 0; at < longest && !o->in.bad; at++)
		get_place(o, column, at, &extent);
	check_extent(o, id, &extent);
}

static void
get_texts(struct opener *o, int id)
{
	struct block *b = o->block;
	struct column *column = &b->column[id];
	uint64_t count = varint_get(&o->in);
	size_t at = 0;

	if (count == 0 || count > b->count) {
		o->in.bad = true;
		return;
	}
	column->text = rows_of(b, sizeof(*column->text));
	column->size = rows_of(b, sizeof(*column->size));
	for (uint64_t i = 0; i < count; i++) {
		uint64_t size = varint_get(&o->in);

		if (size > READING_TEXT_MAX ||
		    size > (size_t)(o->in.end - o->in.next)) {
			o->in.bad = true;
			return;
		}
		column->text[i] = arena_text(
		    &b->arena, (const char *)o->in.next, (size_t)size);
		column->size[i] = (uint32_t)size;
		o->in.next += size;
	}
	codes_get_runs(&o->in, o->value, rows_with(b, id), count - 1);
	column->number = rows_of(b, sizeof(*column->number));
	for (size_t i = 0; i < b->count && !o->in.bad; i++)
		if (has(b, i, id))
			column->number[i] = (int64_t)o->value[at++];
}

static void
get_columns(struct opener *o)
{
	uint64_t any = 0;

	for (size_t i = 0; i < o->block->count; i++)
		any |= o->block->keep[i];
	for (unsigned tag = 1; any != 0 && !o->in.bad; tag++) {
		int id = measurement_by_tag(tag);

		if (id < 0 || (any >> id & 1) == 0)
			continue;
		any &= ~(UINT64_C(1) << id);
		switch (measurement_table[id].shape) {
		case SHAPE_LIST:
			get_lists(o, id);
			break;
		case SHAPE_CODES:
		case SHAPE_MAP:
		case SHAPE_TEXT:
			get_texts(o, id);
			break;
		default:
			get_numbers(o, id);
			break;
		}
	}
}

static void
get_body(struct block *block, const uint8_t *body, size_t size, bool *bad)
{
	struct opener o = { block, { body, body + size, false }, NULL };

	block->time_ms = rows_of(block, sizeof(*block->time_ms));
	block->kind = rows_of(block, sizeof(uint64_t));
	block->gen = rows_of(block, sizeof(uint64_t));
	block->quality = rows_of(block, sizeof(uint64_t));
	block->made = rows_of(block, sizeof(uint64_t));
	block->device_id = rows_of(block, sizeof(uint64_t));
	block->keep = rows_of(block, sizeof(uint64_t));
	o.value = rows_of(block, sizeof(uint64_t));
	get_times(&o);
	if (!o.in.bad)
		get_heads(&o);
	if (!o.in.bad)
		get_layouts(&o);
	if (!o.in.bad)
		get_columns(&o);
	*bad = o.in.bad || o.in.next != o.in.end;
}

struct block *
block_open_in(
    struct block *old, const void *data, size_t size, struct failure *why)
{
	size_t count, body_size;
	uint8_t *body = codes_open(
	    BLOCK_EDITION, data, size, BLOCK_ROWS_MAX, &count, &body_size, why);
	struct block *block = old;
	struct arena arena;
	bool bad = true;

	if (body == NULL) {
		block_close(old);
		return NULL;
	}
	if (block == NULL)
		block = mem_zero(1, sizeof(*block));
	arena_reset(&block->arena);
	arena = block->arena;
	*block = (struct block){ .count = count, .arena = arena };
	get_body(block, body, body_size, &bad);
	mem_free(body);
	if (!bad)
		return block;
	block_close(block);
	failure_set(why, EXIT_WRONG, "a block is damaged");
	return NULL;
}

struct block *
block_open(const void *data, size_t size, struct failure *why)
{
	return block_open_in(NULL, data, size, why);
}
