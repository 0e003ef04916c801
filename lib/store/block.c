/* What is in a block that was opened. */
#include <stdlib.h>

#include "store/block_parts.h"
#include "store/pack.h"

void
block_close(struct block *block)
{
	if (block == NULL)
		return;
	arena_free(&block->arena);
	free(block);
}

size_t
block_count(const struct block *block)
{
	return block->count;
}

int64_t
block_time(const struct block *block, size_t i)
{
	return block->time_ms[i];
}

void
block_row(const struct block *block, size_t i, struct readings_row *row)
{
	*row = (struct readings_row){ .time_ms = block->time_ms[i],
		.gen = (int64_t)block->gen[i],
		.kind = (enum reading_kind)block->kind[i],
		.quality = (int64_t)block->quality[i],
		.made = block->made[i] != 0,
		.device_id = (int64_t)block->device_id[i] };
}

static bool
is_good(uint64_t quality)
{
	return quality < QUALITY_POOR || quality > QUALITY_INVALID;
}

size_t
block_alike(const struct block *block, size_t from, size_t to, int64_t until_ms)
{
	size_t end = from;

	while (end < to && block->time_ms[end] < until_ms &&
	    block->kind[end] == block->kind[from] &&
	    block->keep[end] == block->keep[from] &&
	    is_good(block->quality[end]))
		end++;
	return end - from;
}

/* What was kept of it, and no more. */
static void
fill(const struct block *block, size_t i, struct reading *reading)
{
	reading_clear(reading);
	reading->kind = (enum reading_kind)block->kind[i];
	reading->time_ms = block->time_ms[i];
	reading->gen = (int64_t)block->gen[i];
	for (uint64_t left = block->keep[i]; left != 0; left &= left - 1) {
		int id = __builtin_ctzll(left);
		const struct column *column = &block->column[id];

		if (column->item != NULL)
			reading_set_list(reading, id,
			    (int32_t *)(uintptr_t)column->item[i],
			    column->length[i]);
		else if (column->text != NULL)
			reading_set_text(reading, id,
			    column->text[column->number[i]],
			    column->size[column->number[i]]);
		else
			reading_set(reading, id, column->number[i]);
	}
}

void
block_packed(const struct block *block, size_t i, struct buf *out)
{
	struct reading reading;

	fill(block, i, &reading);
	pack_members(&reading, block->keep[i], out);
}

void
block_reading(
    const struct block *block, size_t i, bool bare, struct reading *reading)
{
	fill(block, i, reading);
	if (block->quality[i] <
	    measurement_table[MEASUREMENT_data_quality].word_count)
		reading_set(reading, MEASUREMENT_data_quality,
		    (int64_t)block->quality[i]);
	if (!bare)
		reading_derive(reading);
}
