/* Raw values: bytes, bits, slots and items to one number. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "profile/evidence.h"
#include "profile/number.h"

const uint8_t *
evidence_bytes(const struct evidence *evidence, uint8_t function,
    uint32_t address, size_t bytes)
{
	unsigned unit = profile_unit(evidence->profile);

	for (size_t i = 0; i < evidence->piece_count; i++) {
		const struct piece *piece = &evidence->pieces[i];
		uint64_t offset;

		if (address < piece->first || piece->function != function)
			continue;
		offset = (uint64_t)(address - piece->first) * unit;
		if (offset + bytes <= piece->size)
			return piece->data + offset;
	}
	return NULL;
}

/* Up to 64 bits from a bit of the data on. */
static uint64_t
bit_run(const uint8_t *data, uint64_t offset, unsigned size)
{
	const uint8_t *at = data + offset / 8;
	unsigned skip = (unsigned)(offset % 8);
	uint64_t number = (uint64_t)*at++ >> skip;

	for (unsigned have = 8 - skip; have < size; have += 8)
		number |= (uint64_t)*at++ << have;
	return size >= 64 ? number : number & ((UINT64_C(1) << size) - 1);
}

static bool
coils_of(const struct evidence *e, const struct source *source, uint32_t step,
    uint64_t *number)
{
	uint32_t address = source->address + step;

	for (size_t i = 0; i < e->piece_count; i++) {
		const struct piece *piece = &e->pieces[i];
		uint64_t offset = (uint64_t)address - piece->first;

		if (address < piece->first ||
		    piece->function != source->function ||
		    offset + source->size > (uint64_t)piece->size * 8)
			continue;
		*number = bit_run(piece->data, offset, source->size);
		return true;
	}
	return false;
}

static uint64_t
word_at(const uint8_t *data, bool swap)
{
	return swap ? (uint64_t)data[1] << 8 | data[0]
		    : (uint64_t)data[0] << 8 | data[1];
}

/* 2, 4 or 8 bytes in the order that the source says. */
static uint64_t
assemble(const struct source *source, const uint8_t *data)
{
	unsigned words = source->size / 2;
	uint64_t number = 0;

	if (source->size == 1)
		return data[0];
	for (unsigned i = 0; i < words; i++) {
		unsigned at = source->swap_words ? words - 1 - i : i;

		number =
		    number << 16 | word_at(data + 2 * at, source->swap_bytes);
	}
	return number;
}

/* No number, infinite, or the largest there is: what devices send where
 * they know nothing. */
#define SINGLE_UNKNOWN UINT32_C(0x7f7fffff)
#define DOUBLE_UNKNOWN UINT64_C(0x7fefffffffffffff)

static void
set_real(struct raw *raw, uint64_t number, bool is_double)
{
	uint32_t half = (uint32_t)number;
	float single;

	raw->kind = RAW_REAL;
	if (is_double ? (number & INT64_MAX) >= DOUBLE_UNKNOWN
		      : (half & INT32_MAX) >= SINGLE_UNKNOWN) {
		raw->kind = RAW_UNSET;
		return;
	}
	if (is_double) {
		memcpy(&raw->real, &number, sizeof(raw->real));
		return;
	}
	memcpy(&single, &half, sizeof(single));
	raw->real = (double)single;
}

static void
part(const struct source *source, struct raw *raw)
{
	unsigned above = 64U - source->bits;
	uint64_t number;

	if (raw->kind != RAW_INTEGER || source->bits == 0)
		return;
	number = (uint64_t)raw->number >> source->shift << above;
	raw->number = source->part_signed ? (int64_t)number >> above
					  : (int64_t)(number >> above);
}

/* Does the device say with it that it has no such point? */
static bool
is_unset(const struct source *source, uint64_t number)
{
	unsigned above = 64U - source->size * 8U;

	if (source->sentinel == SENTINEL_LOWEST)
		return number << above == UINT64_C(1) << 63;
	return source->sentinel == SENTINEL_ONES &&
	    number == UINT64_MAX >> above;
}

void
evidence_number(
    const struct source *source, const uint8_t *data, struct raw *raw)
{
	uint64_t number = assemble(source, data);

	raw->kind = RAW_UNSET;
	if (is_unset(source, number))
		return;
	raw->kind = RAW_INTEGER;
	switch (source->type) {
	case SOURCE_S8:
		raw->number = (int8_t)number;
		break;
	case SOURCE_S16:
		raw->number = (int16_t)number;
		break;
	case SOURCE_S32:
		raw->number = (int32_t)number;
		break;
	case SOURCE_BCD:
		if (!number_bcd(number, source->size * 2U, &raw->number))
			raw->kind = RAW_UNSET;
		break;
	case SOURCE_M10K:
		if (!number_m10k(number, source->size / 2U, &raw->number))
			raw->kind = RAW_UNSET;
		break;
	case SOURCE_SIGN:
		raw->number = number_sign(number, source->size * 8U);
		break;
	case SOURCE_F32:
	case SOURCE_F64:
		set_real(raw, number, source->type == SOURCE_F64);
		break;
	default:
		raw->number = (int64_t)number;
	}
}

static void
from_slot(
    const struct evidence *e, const struct source *source, struct raw *raw)
{
	if (!evidence_slot(e, source->address, &raw->number))
		return;
	raw->kind = RAW_INTEGER;
	if (source->size != DBC_INTEGER)
		set_real(
		    raw, (uint64_t)raw->number, source->size == DBC_DOUBLE);
}

/* "010110": the first digit is bit 0. */
static void
from_digits(const char *text, struct raw *raw)
{
	size_t size = strlen(text);

	if (size == 0 || size > 63 || strspn(text, "01") != size)
		return;
	raw->kind = RAW_INTEGER;
	raw->number = 0;
	for (size_t i = 0; i < size; i++)
		raw->number |= (int64_t)(text[i] == '1') << i;
}

static void
from_text(const char *text, size_t size, struct raw *raw)
{
	struct decimal number;

	raw->text = text;
	raw->text_size = size;
	raw->kind = RAW_INTEGER;
	if (num_integer(text, size, INT64_MIN, INT64_MAX, &raw->number))
		return;
	raw->kind = RAW_TEXT;
	if (!decimal_parse(text, size, &number))
		return;
	raw->kind = RAW_REAL;
	raw->real = decimal_real(&number);
}

static void
from_item(const struct evidence *e, const struct source *source, unsigned index,
    struct raw *raw)
{
	const json_t *value = e->items[source->address];

	if (json_is_array(value))
		value = json_array_get(value, index);
	else if (index > 0)
		return;
	if (json_is_integer(value) || json_is_boolean(value)) {
		raw->kind = RAW_INTEGER;
		raw->number = json_is_boolean(value)
		    ? json_is_true(value)
		    : json_integer_value(value);
	} else if (json_is_real(value)) {
		raw->kind = RAW_REAL;
		raw->real = json_real_value(value);
	} else if (json_is_string(value)) {
		if (source->digits)
			from_digits(json_string_value(value), raw);
		else
			from_text(json_string_value(value),
			    json_string_length(value), raw);
	}
}

/* The bytes of each register the other way round. */
static const uint8_t *
swapped(struct arena *arena, const uint8_t *data, size_t size)
{
	uint8_t *turned = arena_alloc(arena, size);

	for (size_t i = 0; i < size; i++)
		turned[i] = data[(i ^ 1) < size ? i ^ 1 : i];
	return turned;
}

/* A string of registers ends at the first 0; blanks behind are padding. */
static void
from_string(const struct evidence *e, const struct source *source,
    const uint8_t *data, struct raw *raw)
{
	size_t size = source->size;
	const uint8_t *end;

	if (source->swap_bytes && e->profile->protocol == FRAME_MODBUS)
		data = swapped(e->arena, data, size);
	end = memchr(data, 0, size);
	if (end != NULL)
		size = (size_t)(end - data);
	while (size > 0 && data[size - 1] == ' ')
		size--;
	if (size == 0)
		return;
	raw->kind = RAW_TEXT;
	raw->text = (const char *)data;
	raw->text_size = size;
}

void
evidence_raw(const struct evidence *evidence, const struct source *source,
    uint32_t step, unsigned index, struct raw *raw)
{
	const uint8_t *data;
	uint64_t number;

	raw->kind = RAW_NONE;
	switch (source->type) {
	case SOURCE_SLOT:
		from_slot(evidence, source, raw);
		break;
	case SOURCE_ITEM:
		from_item(evidence, source, index, raw);
		break;
	case SOURCE_COILS:
		if (coils_of(evidence, source, step, &number)) {
			raw->kind = RAW_INTEGER;
			raw->number = (int64_t)number;
		}
		break;
	default:
		data = evidence_bytes(evidence, source->function,
		    source->address + step, source->size);
		if (data == NULL)
			return;
		if (source->type == SOURCE_STRING)
			from_string(evidence, source, data, raw);
		else
			evidence_number(source, data, raw);
	}
	part(source, raw);
}

bool
evidence_holds(const struct evidence *evidence,
    const struct condition *conditions, size_t count)
{
	struct raw raw;

	for (size_t i = 0; i < count; i++) {
		const struct condition *one = &conditions[i];
		bool within;

		evidence_raw(evidence, &one->source, 0, 0, &raw);
		if (raw.kind != RAW_INTEGER)
			return false;
		within = raw.number >= one->low && raw.number <= one->high;
		if (within == one->negate)
			return false;
	}
	return true;
}
