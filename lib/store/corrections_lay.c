/*
 * Laying corrections over one reading. Each is made of the value as it was
 * stored, never of another's result: what counts does not hang on how many
 * there were before it.
 */
#include <math.h>
#include <string.h>

#include "store/corrections_parts.h"

#define BIT(name) (UINT64_C(1) << MEASUREMENT_##name)

struct lay {
	const struct correction *const *match;
	size_t count;
	struct arena *arena;
	struct reading *reading, old;
	struct buf notes; /* what came of them, in words */
	uint64_t changed; /* measurements */
	bool void_; /* all was annulled */
};

static uint64_t
bit(int id)
{
	return UINT64_C(1) << id;
}

/* Does a later one say all that this one says? */
static bool
covers(const struct correction *later, const struct correction *one)
{
	if (later->measurement == CORRECTION_ALL)
		return true;
	return later->measurement == one->measurement &&
	    (later->item == 0 || later->item == one->item);
}

static bool
counts(const struct lay *lay, size_t i)
{
	for (size_t later = i + 1; later < lay->count; later++)
		if (covers(lay->match[later], lay->match[i]))
			return false;
	return true;
}

/* ---- values ----------------------------------------------------------- */

/* The new value of a number; false: it is none that can be. */
static bool
new_number(const struct correction *one, int64_t old, int64_t *number)
{
	const struct measurement *row = &measurement_table[one->measurement];
	double shifted;

	if (one->action == CORRECTION_ANNUL)
		return false;
	if (one->action == CORRECTION_SET) {
		*number = one->value.number;
		return *number != READING_ITEM_UNKNOWN ||
		    row->shape != SHAPE_LIST;
	}
	shifted = (double)old * one->scale;
	shifted = round(shifted) + (double)one->offset;
	if (!(shifted >= (double)row->low && shifted <= (double)row->high))
		return false;
	*number = (int64_t)shifted;
	return true;
}

static int32_t
new_item(const struct correction *one, int32_t old)
{
	int64_t number;

	if (one->action != CORRECTION_SET && old == READING_ITEM_UNKNOWN)
		return old;
	return new_number(one, old, &number) ? (int32_t)number
					     : READING_ITEM_UNKNOWN;
}

/* One item, or all where it says none. */
static bool
lay_items(struct lay *lay, const struct correction *one)
{
	int id = one->measurement;
	const union reading_value *old = &lay->old.value[id];
	size_t count = old->list.count;
	int32_t *item = arena_alloc(lay->arena, (count + 1) * sizeof(*item));

	if ((size_t)one->item > count)
		return false;
	for (size_t i = 0; i < count; i++)
		item[i] = reading_has(lay->reading, id) &&
			i < lay->reading->value[id].list.count
		    ? lay->reading->value[id].list.item[i]
		    : READING_ITEM_UNKNOWN;
	for (size_t i = 0; i < count; i++)
		if (one->item == 0 || i + 1 == (size_t)one->item)
			item[i] = new_item(one, old->list.item[i]);
	reading_set_list(lay->reading, id, item, count);
	return true;
}

static void
set_value(struct lay *lay, const struct correction *one)
{
	union reading_value value = one->value;
	int id = one->measurement;

	switch (measurement_table[id].shape) {
	case SHAPE_LIST:
		value.list.item = memcpy(
		    arena_alloc(lay->arena,
			(value.list.count + 1) * sizeof(*value.list.item)),
		    value.list.item,
		    value.list.count * sizeof(*value.list.item));
		break;
	case SHAPE_CODES:
	case SHAPE_MAP:
	case SHAPE_TEXT:
		value.text.json =
		    arena_text(lay->arena, value.text.json, value.text.size);
		break;
	default:
		break;
	}
	lay->reading->value[id] = value;
	lay->reading->present |= bit(id);
}

static bool
lay_value(struct lay *lay, const struct correction *one)
{
	int id = one->measurement;
	int64_t number;

	if (one->action == CORRECTION_ANNUL && one->item == 0) {
		reading_unset(lay->reading, id);
		return true;
	}
	if (measurement_table[id].shape == SHAPE_LIST &&
	    (one->item != 0 || one->action == CORRECTION_SHIFT))
		return lay_items(lay, one);
	if (one->action == CORRECTION_SET) {
		set_value(lay, one);
	} else if (new_number(one, lay->old.value[id].number, &number)) {
		reading_set(lay->reading, id, number);
	} else {
		reading_unset(lay->reading, id);
	}
	return true;
}

/* Only what was told can be annulled or corrected. */
static bool
lay_one(struct lay *lay, const struct correction *one)
{
	if (one->measurement == CORRECTION_ALL) {
		lay->reading->present &= BIT(notes);
		return true;
	}
	return reading_has(&lay->old, one->measurement) && lay_value(lay, one);
}

/* ---- what derives ----------------------------------------------------- */

static bool
may_derive(int id)
{
	return id == MEASUREMENT_operation_mode ||
	    id == MEASUREMENT_balancing_active || measurement_table[id].derived;
}

/* Extremes that were told without the cells have their spread told too. */
static void
follow_extremes(uint64_t changed, struct reading *reading)
{
	uint64_t extremes = BIT(cell_voltage_min) | BIT(cell_voltage_max);

	if (reading_has(reading, MEASUREMENT_cell_voltages) ||
	    (changed & extremes) == 0 ||
	    (changed & BIT(cell_voltage_diff)) != 0 ||
	    !reading_has(reading, MEASUREMENT_cell_voltage_diff))
		return;
	if ((reading->present & extremes) != extremes)
		reading_unset(reading, MEASUREMENT_cell_voltage_diff);
	else
		reading_set(reading, MEASUREMENT_cell_voltage_diff,
		    reading->value[MEASUREMENT_cell_voltage_max].number -
			reading->value[MEASUREMENT_cell_voltage_min].number);
}

static void
follow_power(uint64_t changed, struct reading *reading)
{
	int64_t power = reading->value[MEASUREMENT_pack_power].number;
	uint64_t parts = BIT(charge_power) | BIT(discharge_power);

	if ((changed & BIT(pack_power)) == 0 || (changed & parts) != 0)
		return;
	reading->present &= ~parts;
	if (!reading_has(reading, MEASUREMENT_pack_power))
		return;
	reading_set(reading, MEASUREMENT_charge_power, power > 0 ? power : 0);
	reading_set(
	    reading, MEASUREMENT_discharge_power, power < 0 ? -power : 0);
}

/* ---- notes ------------------------------------------------------------ */

static void
put_note(const struct correction *one, struct buf *text)
{
	buf_print(text, "\"%s",
	    one->measurement == CORRECTION_ALL
		? "all"
		: measurement_table[one->measurement].name);
	if (one->item != 0)
		buf_print(text, " %lld", (long long)one->item);
	buf_print(text, " %s (%lld)\",",
	    one->action == CORRECTION_ANNUL ? "annulled" : "corrected",
	    (long long)one->id);
}

static void
add_notes(struct lay *lay)
{
	struct reading *reading = lay->reading;
	const union reading_value *value = &reading->value[MEASUREMENT_notes];
	struct buf text = { NULL, 0, 0 };

	buf_char(&text, '[');
	if (reading_has(reading, MEASUREMENT_notes) && value->text.size > 2) {
		buf_put(&text, value->text.json + 1, value->text.size - 2);
		buf_char(&text, ',');
	}
	buf_put(&text, lay->notes.data, lay->notes.size);
	text.data[text.size - 1] = ']';
	if (text.size <= READING_TEXT_MAX)
		reading_set_text(reading, MEASUREMENT_notes,
		    arena_text(lay->arena, text.data, text.size), text.size);
	buf_free(&text);
}

static void
lower_quality(const struct lay *lay)
{
	struct reading *reading = lay->reading;
	int64_t quality = lay->void_ ? QUALITY_INVALID : QUALITY_FAIR;

	if ((lay->changed & BIT(data_quality)) != 0 &&
	    reading_has(reading, MEASUREMENT_data_quality))
		return; /* a person said it */
	if (!reading_has(reading, MEASUREMENT_data_quality) ||
	    reading->value[MEASUREMENT_data_quality].number < quality)
		reading_set(reading, MEASUREMENT_data_quality, quality);
}

/* ---- all of them ------------------------------------------------------ */

/* What it says has been done: it gets its note, once. */
static void
note(struct lay *lay, const struct correction *one, bool again)
{
	int id = one->measurement;

	if (id == CORRECTION_ALL) {
		lay->void_ = true;
	} else {
		if (again && (lay->changed & bit(id)) != 0)
			return;
		lay->changed |= bit(id);
	}
	put_note(one, &lay->notes);
}

static void
lay_all(struct lay *lay, bool derived)
{
	for (size_t i = 0; i < lay->count; i++) {
		const struct correction *one = lay->match[i];

		if (derived &&
		    (one->measurement < 0 || !may_derive(one->measurement)))
			continue;
		if (counts(lay, i) && lay_one(lay, one))
			note(lay, one, derived);
	}
}

void
corrections_lay(const struct correction *const *match, size_t count, bool bare,
    struct arena *arena, struct reading *reading)
{
	struct lay lay = { match, count, arena, reading, *reading,
		{ NULL, 0, 0 }, 0, false };

	lay_all(&lay, false);
	follow_extremes(lay.changed, reading);
	if (!bare) {
		reading_derive(reading);
		reading_derive(&lay.old);
		lay_all(&lay, true);
		follow_power(lay.changed, reading);
	}
	if (lay.notes.size > 0) {
		lower_quality(&lay);
		add_notes(&lay);
	}
	buf_free(&lay.notes);
}
