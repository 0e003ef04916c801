#include "store/cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/varint.h"

void
cells_free(struct cells *cells)
{
	for (size_t n = 0; n < BUCKET_LISTS; n++)
		free(cells->list[n].item);
	*cells = (struct cells){ { { NULL, 0, 0 } } };
}

void
cells_clear(struct cells *cells)
{
	for (size_t n = 0; n < BUCKET_LISTS; n++)
		cells->list[n].count = 0;
}

bool
cells_empty(const struct cells *cells)
{
	return cells->list[BUCKET_CELLS].count == 0 &&
	    cells->list[BUCKET_TEMPS].count == 0;
}

/* At least so many items; new ones know nothing. */
static void
widen(struct cells_list *list, size_t count)
{
	if (count <= list->count)
		return;
	if (count > list->room) {
		list->room = count;
		list->item =
		    mem_grow(list->item, list->room, sizeof(*list->item));
	}
	memset(list->item + list->count, 0,
	    (count - list->count) * sizeof(*list->item));
	list->count = count;
}

void
cells_from_bucket(struct cells *cells, const struct bucket *bucket)
{
	cells_clear(cells);
	for (size_t n = 0; n < BUCKET_LISTS; n++) {
		const struct bucket_list *from = &bucket->list[n];

		widen(&cells->list[n], from->count);
		for (size_t i = 0; i < from->count; i++) {
			const struct bucket_item *item = &from->item[i];
			struct cells_item *to = &cells->list[n].item[i];

			to->seen = item->seen;
			to->least = item->least;
			to->most = item->most;
			to->covered_ms = item->covered_ms;
			if (item->covered_ms > 0)
				to->mean = llround(CELLS_FINER *
				    (item->area2 / 2 + item->edges) /
				    (double)item->covered_ms);
		}
	}
}

/* ---- longer periods --------------------------------------------------- */

static void
fold_item(struct cells_item *item, const struct cells_item *part)
{
	if (part->seen) {
		if (!item->seen || part->least < item->least)
			item->least = part->least;
		if (!item->seen || part->most > item->most)
			item->most = part->most;
		item->seen = true;
	}
	item->sum += (double)part->mean * (double)part->covered_ms;
	item->covered_ms += part->covered_ms;
}

void
cells_fold(struct cells *cells, const struct cells *part)
{
	for (size_t n = 0; n < BUCKET_LISTS; n++) {
		widen(&cells->list[n], part->list[n].count);
		for (size_t i = 0; i < part->list[n].count; i++)
			fold_item(
			    &cells->list[n].item[i], &part->list[n].item[i]);
	}
}

void
cells_fold_end(struct cells *cells)
{
	for (size_t n = 0; n < BUCKET_LISTS; n++)
		for (size_t i = 0; i < cells->list[n].count; i++) {
			struct cells_item *item = &cells->list[n].item[i];

			if (item->covered_ms > 0)
				item->mean = llround(
				    item->sum / (double)item->covered_ms);
		}
}

/* ---- bytes ------------------------------------------------------------ */

static int64_t
first_covered(const struct cells_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->item[i].covered_ms > 0)
			return list->item[i].covered_ms;
	return 0;
}

static uint8_t *
put_item(uint8_t *out, const struct cells_item *item, int32_t *before,
    int64_t covered_ms)
{
	if (!item->seen && item->covered_ms == 0)
		return varint_put(out, 0);
	if (item->seen) {
		out = varint_put(
		    out, 2 + varint_code((int64_t)item->least - *before));
		*before = item->least;
		out = varint_put(
		    out, (uint64_t)((int64_t)item->most - item->least));
	} else {
		out = varint_put(out, 1);
	}
	if (item->covered_ms == 0)
		return varint_put(out, 0);
	out = varint_put(
	    out, 1 + varint_code(item->mean - (int64_t)CELLS_FINER * *before));
	return varint_put(out, varint_code(item->covered_ms - covered_ms));
}

void
cells_pack(const struct cells *cells, struct buf *out)
{
	for (size_t n = 0; n < BUCKET_LISTS; n++) {
		const struct cells_list *list = &cells->list[n];
		int64_t covered_ms = first_covered(list);
		uint8_t *start = (uint8_t *)buf_reserve(
		    out, (4 * list->count + 2) * VARINT_MAX);
		uint8_t *end = varint_put(start, list->count);
		int32_t before = 0;

		end = varint_put(end, (uint64_t)covered_ms);
		for (size_t i = 0; i < list->count; i++)
			end =
			    put_item(end, &list->item[i], &before, covered_ms);
		out->size += (size_t)(end - start);
	}
}

static void
get_item(struct varint_reader *in, struct cells_item *item, int64_t *before,
    int64_t covered_ms)
{
	uint64_t head = varint_get(in), mean;

	if (head == 0)
		return;
	if (head >= 2) {
		item->seen = true;
		*before += varint_signed(head - 2);
		item->least = (int32_t)*before;
		item->most = (int32_t)(*before + (int64_t)varint_get(in));
	}
	mean = varint_get(in);
	if (mean == 0)
		return;
	item->mean = varint_signed(mean - 1) + CELLS_FINER * *before;
	item->covered_ms = covered_ms + varint_signed(varint_get(in));
}

bool
cells_unpack(const void *data, size_t size, struct cells *cells)
{
	struct varint_reader in = { data, (const uint8_t *)data + size, false };

	cells_clear(cells);
	for (size_t n = 0; n < BUCKET_LISTS; n++) {
		uint64_t count = varint_get(&in);
		int64_t covered_ms = (int64_t)varint_get(&in), before = 0;

		if (in.bad || count > READING_LIST_MAX)
			return false;
		widen(&cells->list[n], (size_t)count);
		for (uint64_t i = 0; i < count && !in.bad; i++)
			get_item(
			    &in, &cells->list[n].item[i], &before, covered_ms);
	}
	return !in.bad && in.next == in.end;
}
