/* Raw numbers into registers, bytes, slots and items. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "profile/number.h"
#include "profile/writing.h"

static uint8_t *
bytes_of(struct writing *w, const struct source *source, uint32_t step)
{
	unsigned unit = profile_unit(w->profile);
	uint32_t address = source->address + step;

	for (size_t i = 0; i < w->piece_count; i++) {
		struct written_piece *piece = &w->pieces[i];
		uint64_t end;

		if (address < piece->first ||
		    piece->function != source->function)
			continue;
		end = (uint64_t)(address - piece->first) * unit + source->size;
		if (end > piece->size)
			continue;
		if (end > piece->used)
			piece->used = (uint32_t)end;
		return piece->data + end - source->size;
	}
	return NULL;
}

static void
put_coils(struct writing *w, const struct source *source, uint32_t step,
    uint64_t number)
{
	bool part = source->bits != 0;
	unsigned count = part ? source->bits : source->size;
	uint32_t address = source->address + step + (part ? source->shift : 0U);

	for (size_t i = 0; i < w->piece_count; i++) {
		const struct written_piece *piece = &w->pieces[i];
		uint64_t offset = (uint64_t)address - piece->first;

		if (address < piece->first ||
		    piece->function != source->function ||
		    offset + count > (uint64_t)piece->size * 8)
			continue;
		for (unsigned b = 0; b < count; b++, offset++) {
			uint8_t *byte = &piece->data[offset / 8];
			unsigned bit = (unsigned)(number >> b & 1);

			*byte = (uint8_t)((*byte & ~(1U << offset % 8)) |
			    bit << offset % 8);
		}
		return;
	}
}

/* Where byte i of a number, counted from its highest, lies. */
static unsigned
place(const struct source *source, unsigned i)
{
	unsigned words = source->size / 2, word = i / 2;

	if (source->size < 2)
		return 0;
	if (source->swap_words)
		word = words - 1 - word;
	return word * 2 + (source->swap_bytes ? 1 - i % 2 : i % 2);
}

static uint64_t
get_bytes(const struct source *source, const uint8_t *data)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < source->size; i++)
		number = number << 8 | data[place(source, i)];
	return number;
}

static void
put_bytes(const struct source *source, uint8_t *data, uint64_t number)
{
	for (unsigned i = source->size; i-- > 0; number >>= 8)
		data[place(source, i)] = (uint8_t)number;
}

static uint64_t
merge(const struct source *source, uint64_t old, int64_t raw)
{
	uint64_t mask;

	if (source->bits == 0)
		return (uint64_t)raw;
	mask = ((UINT64_C(1) << source->bits) - 1) << source->shift;
	return (old & ~mask) | ((uint64_t)raw << source->shift & mask);
}

static uint64_t
real_bits(const struct source *source, int64_t raw)
{
	double real = (double)raw;
	float single = (float)real;
	uint64_t number = 0;
	uint32_t half;

	if (source->type == SOURCE_F64) {
		memcpy(&number, &real, sizeof(number));
		return number;
	}
	memcpy(&half, &single, sizeof(half));
	return half;
}

/* A number in the form that its type has. */
static uint64_t
form(const struct source *source, int64_t raw)
{
	switch (source->type) {
	case SOURCE_BCD:
		return number_to_bcd(raw, source->size * 2U);
	case SOURCE_M10K:
		return number_to_m10k(raw, source->size / 2U);
	case SOURCE_SIGN:
		return number_to_sign(raw, source->size * 8U);
	default:
		return (uint64_t)raw;
	}
}

/* Is it below 10 to that power? */
static bool
below_power(int64_t raw, unsigned digits)
{
	return raw >= 0 && (digits > 18 || raw < num_power10(digits));
}

bool
writing_fits(
    const struct writing *writing, const struct source *source, int64_t raw)
{
	unsigned width = source->size * 8U;
	bool sign = source->type == SOURCE_S8 || source->type == SOURCE_S16 ||
	    source->type == SOURCE_S32 || source->type == SOURCE_S64;

	if (source->bits != 0 && source->part_signed)
		return raw >> (source->bits - 1) == 0 ||
		    raw >> (source->bits - 1) == -1;
	if (source->bits != 0)
		return raw >= 0 && raw >> source->bits == 0;
	if (source->type == SOURCE_BCD || source->type == SOURCE_M10K)
		return below_power(raw, source->size * 2U);
	if (source->type == SOURCE_SIGN)
		return (raw < 0 ? -raw : raw) >> (width - 1) == 0;
	if (source->type == SOURCE_SLOT) {
		for (size_t i = 0; i < writing->profile->pick_count; i++) {
			const struct can_pick *p = &writing->profile->picks[i];

			if (p->slot == source->address)
				return raw >= bits_low(&p->bits) &&
				    raw <= bits_high(&p->bits);
		}
		return false;
	}
	if (source->type == SOURCE_COILS)
		width = source->size;
	else if (source->type >= SOURCE_F32)
		return true;
	if (sign)
		return width >= 64 ||
		    (raw >= -(INT64_C(1) << (width - 1)) &&
			raw < INT64_C(1) << (width - 1));
	return raw >= 0 && (width >= 63 || raw < INT64_C(1) << width);
}

void
writing_text(struct writing *writing, const struct source *source,
    const char *text, size_t size)
{
	uint8_t *data = bytes_of(writing, source, 0);
	/* a string of registers has whole ones */
	size_t swap = source->swap_bytes && source->size % 2 == 0 &&
	    writing->profile->protocol == FRAME_MODBUS;

	if (data == NULL || size > source->size)
		return;
	memset(data, 0, source->size);
	for (size_t i = 0; i < size; i++)
		data[i ^ swap] = (uint8_t)text[i];
}

void
writing_put(struct writing *writing, const struct source *source, uint32_t step,
    int64_t raw)
{
	struct written_item *item;
	uint32_t slot = source->address;
	uint8_t *data;

	switch (source->type) {
	case SOURCE_SLOT:
		writing->slots[slot] =
		    (int64_t)merge(source, (uint64_t)writing->slots[slot], raw);
		writing->slot_set[slot / 64] |= UINT64_C(1) << slot % 64;
		break;
	case SOURCE_ITEM:
		item = &writing->items[source->address];
		item->mask = merge(source, item->mask, raw);
		if (source->digits)
			item->digits = 6;
		else
			item->text = arena_print(
			    writing->arena, "%lld", (long long)item->mask);
		break;
	case SOURCE_COILS:
		put_coils(writing, source, step, (uint64_t)raw);
		break;
	case SOURCE_STRING:
		break;
	default:
		data = bytes_of(writing, source, step);
		if (data == NULL)
			break;
		if (source->type == SOURCE_F32 || source->type == SOURCE_F64)
			put_bytes(source, data, real_bits(source, raw));
		else
			put_bytes(source, data,
			    merge(source, get_bytes(source, data),
				(int64_t)form(source, raw)));
	}
}

void
writing_item(const struct written_item *item, struct buf *out)
{
	if (item->digits == 0)
		buf_text(out, item->text);
	for (unsigned i = 0; i < item->digits; i++)
		buf_char(out, (item->mask >> i & 1) != 0 ? '1' : '0');
}

bool
writing_holds(struct writing *writing, const struct source *source, int64_t low,
    int64_t high)
{
	uint64_t number = 0, mask = UINT64_MAX;
	const uint8_t *data;

	if (source->type == SOURCE_SLOT) {
		number = (uint64_t)writing->slots[source->address];
	} else if (source->type == SOURCE_ITEM) {
		const struct written_item *item =
		    &writing->items[source->address];

		number = item->text == NULL
		    ? item->mask
		    : (uint64_t)strtoll(item->text, NULL, 10);
	} else if (source->type < SOURCE_F32) {
		data = bytes_of(writing, source, 0);
		number = data == NULL ? 0 : get_bytes(source, data);
	}
	if (source->bits != 0)
		mask = (UINT64_C(1) << source->bits) - 1;
	number = number >> source->shift & mask;
	return (int64_t)number >= low && (int64_t)number <= high;
}
