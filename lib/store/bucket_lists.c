/* Lists: each cell and each sensor by itself. */
#include <string.h>

#include "store/bucket_parts.h"

const uint8_t bucket_list_ids[BUCKET_LISTS] = { MEASUREMENT_cell_voltages,
	MEASUREMENT_temperatures };

static struct bucket_item *
items_of(struct bucket_list *list, size_t count, struct arena *arena)
{
	if (list->count < count) {
		struct bucket_item *item =
		    arena_alloc(arena, count * sizeof(*item));

		memset(item, 0, count * sizeof(*item));
		if (list->count > 0)
			memcpy(item, list->item, list->count * sizeof(*item));
		list->item = item;
		list->count = count;
	}
	return list->item;
}

static void
make_points(struct bucket_points *points, size_t count, struct arena *arena)
{
	struct bucket_point *item;

	if (points->count >= count)
		return;
	item = arena_alloc(arena, count * sizeof(*item));
	for (size_t i = 0; i < count; i++)
		item[i] = (struct bucket_point){ .time_ms = BUCKET_NEVER };
	if (points->count > 0)
		memcpy(item, points->item, points->count * sizeof(*item));
	points->item = item;
	points->count = count;
}

static void
note_item(struct bucket_item *item, int32_t value)
{
	if (!item->seen || value < item->least)
		item->least = value;
	if (!item->seen || value > item->most)
		item->most = value;
	item->seen = true;
}

static void
add_item(struct bucket_track *track, const struct reach *reach, size_t n,
    size_t at, const struct bucket_point *now)
{
	struct stretch whole, part;

	if (reach->here != NULL)
		note_item(&reach->here->list[n].item[at], (int32_t)now->value);
	if (!bucket_extend(&track->list[n].item[at], now->time_ms, now->value,
		reach->gap_ms, &whole))
		return;
	for (size_t i = 0; i < reach->count; i++) {
		struct bucket_item *item;

		if (!bucket_cut(&whole, &reach->first[i], &part))
			continue;
		item = &items_of(
		    &reach->first[i].list[n], at + 1, track->arena)[at];
		if (is_whole(&whole, &part))
			item->area2 += (double)area2(&whole);
		else
			item->edges += area(&part);
		item->covered_ms += part.to_ms - part.from_ms;
	}
}

void
bucket_add_lists(struct bucket_track *track, const struct reach *reach,
    const struct reading *reading)
{
	for (size_t n = 0; n < BUCKET_LISTS; n++) {
		int id = bucket_list_ids[n];
		const union reading_value *value = &reading->value[id];

		if (!reading_has(reading, id) ||
		    (reading->suspect >> id & 1) != 0)
			continue;
		make_points(&track->list[n], value->list.count, track->arena);
		if (reach->here != NULL)
			items_of(&reach->here->list[n], value->list.count,
			    track->arena);
		for (uint32_t i = 0; i < value->list.count; i++)
			if (value->list.item[i] != READING_ITEM_UNKNOWN)
				add_item(track, reach, n, i,
				    &(struct bucket_point){ reading->time_ms,
					value->list.item[i] });
	}
}
