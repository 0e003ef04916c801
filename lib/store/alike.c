#include "store/alike.h"

#include <string.h>

#include "store/block_parts.h"
#include "store/pack.h"

static const uint8_t lists[2] = { MEASUREMENT_cell_voltages,
	MEASUREMENT_temperatures };

static bool
is_plain(const struct reading *reading, int64_t quality)
{
	if (reading->kind != READING_BATTERY || reading->suspect != 0 ||
	    (quality >= QUALITY_POOR && quality <= QUALITY_INVALID))
		return false;
	for (int n = 0; n < 2; n++) {
		const union reading_value *value = &reading->value[lists[n]];
		int32_t least = INT32_MAX;

		if (!reading_has(reading, lists[n]))
			continue;
		for (uint32_t i = 0; i < value->list.count; i++)
			if (value->list.item[i] < least)
				least = value->list.item[i];
		if (value->list.count == 0 || least == READING_ITEM_UNKNOWN)
			return false;
	}
	return true;
}

static void
open_list(struct alike *alike, int n, size_t count, struct arena *arena)
{
	struct column *column = &alike->block->column[lists[n]];
	int32_t *item = arena_alloc(arena, ALIKE_ROWS * count * sizeof(*item));

	if (column->item == NULL) {
		column->item =
		    arena_alloc(arena, ALIKE_ROWS * sizeof(*column->item));
		column->length =
		    arena_alloc(arena, ALIKE_ROWS * sizeof(*column->length));
	}
	for (size_t i = 0; i < ALIKE_ROWS; i++) {
		column->item[i] = item + i * count;
		column->length[i] = (uint32_t)count;
	}
	alike->items[n] = count;
}

/* Room for the columns of a first reading. */
static void
open_columns(struct alike *alike, const struct reading *reading, uint64_t keep,
    struct arena *arena)
{
	for (int n = 0; n < 2; n++) {
		size_t count = reading->value[lists[n]].list.count;

		if ((keep >> lists[n] & 1) != 0 && alike->items[n] != count)
			open_list(alike, n, count, arena);
		keep &= ~(UINT64_C(1) << lists[n]);
	}
	for (; keep != 0; keep &= keep - 1) {
		struct column *column =
		    &alike->block->column[__builtin_ctzll(keep)];

		if (column->number == NULL)
			column->number = arena_alloc(
			    arena, ALIKE_ROWS * sizeof(*column->number));
	}
}

static void
open_block(struct alike *alike, struct arena *arena)
{
	struct block *block = arena_alloc(arena, sizeof(*block));
	size_t size = ALIKE_ROWS * sizeof(uint64_t);

	memset(block, 0, sizeof(*block));
	block->time_ms = arena_alloc(arena, size);
	block->kind = arena_alloc(arena, size);
	block->quality = arena_alloc(arena, size);
	block->keep = arena_alloc(arena, size);
	block->gen = arena_alloc(arena, size);
	memset(block->gen, 0, size);
	block->derived = true;
	alike->block = block;
}

static void
put_row(struct alike *alike, const struct reading *reading, uint64_t keep,
    int64_t quality)
{
	struct block *block = alike->block;
	size_t at = alike->count++;

	block->count = alike->count;
	block->time_ms[at] = reading->time_ms;
	block->kind[at] = READING_BATTERY;
	block->quality[at] = (uint64_t)quality;
	block->keep[at] = keep;
	for (int n = 0; n < 2; n++) {
		if ((keep >> lists[n] & 1) != 0)
			memcpy((int32_t *)(uintptr_t)block->column[lists[n]]
				   .item[at],
			    reading->value[lists[n]].list.item,
			    alike->items[n] * sizeof(int32_t));
		keep &= ~(UINT64_C(1) << lists[n]);
	}
	for (; keep != 0; keep &= keep - 1) {
		int id = __builtin_ctzll(keep);

		block->column[id].number[at] = reading->value[id].number;
	}
}

bool
alike_add(struct alike *alike, const struct reading *reading, uint64_t mask,
    struct arena *arena)
{
	int64_t quality = pack_quality(reading);
	uint64_t keep = reading->present & mask;

	if (alike->count == ALIKE_ROWS || !is_plain(reading, quality))
		return false;
	if (alike->block == NULL)
		open_block(alike, arena);
	if (alike->count == 0) {
		open_columns(alike, reading, keep, arena);
	} else if (keep != alike->block->keep[0]) {
		return false;
	} else {
		for (int n = 0; n < 2; n++)
			if ((keep >> lists[n] & 1) != 0 &&
			    reading->value[lists[n]].list.count !=
				alike->items[n])
				return false;
	}
	put_row(alike, reading, keep, quality);
	return true;
}
