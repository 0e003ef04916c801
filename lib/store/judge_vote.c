/*
 * Steps. A value agrees with a neighbour's when it is no further from it
 * than its step, and a slew and a share more. One that is contradicted, by
 * at least as many as hold it and not held by JUDGE_HELD, is not believed:
 * a single spike never is, a new level is as soon as it lasts, and then
 * from its beginning.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/judge_parts.h"

#define BIT(name) (UINT64_C(1) << MEASUREMENT_##name)

void
judge_checks_fill(struct judge_checks *checks)
{
	*checks = (struct judge_checks){ .numbers = 0 };
	for (int id = 0; id < MEASUREMENT_COUNT; id++) {
		const struct measurement *row = &measurement_table[id];

		if (row->step == 0)
			continue;
		if (row->shape == SHAPE_LIST && checks->lists < JUDGE_LISTS)
			checks->list[checks->lists++] = (uint8_t)id;
		else if (row->shape == SHAPE_NUMBER &&
		    checks->numbers < JUDGE_NUMBERS)
			checks->number[checks->numbers++] = (uint8_t)id;
		checks->mask |= UINT64_C(1) << id;
	}
}

void
judge_ring_free(struct judge_ring *ring)
{
	for (size_t i = 0; i < JUDGE_RING; i++)
		for (size_t k = 0; k < JUDGE_LISTS; k++)
			free(ring->sample[i].list[k].item);
}

/* ---- a row comes ------------------------------------------------------ */

static void
keep_list(struct judge_list *list, const union reading_value *value)
{
	if (list->room < value->list.count) {
		list->room = value->list.count;
		list->item =
		    mem_grow(list->item, list->room, sizeof(*list->item));
	}
	list->count = value->list.count;
	if (list->count > 0)
		memcpy(list->item, value->list.item,
		    list->count * sizeof(*list->item));
}

static uint64_t
hash_of(const union reading_value *value)
{
	uint64_t hash = value->list.count + 1;

	for (uint32_t i = 0; i < value->list.count; i++)
		hash = (hash ^ (uint32_t)value->list.item[i]) *
		    UINT64_C(0x9e3779b97f4a7c15);
	return hash;
}

/* Greatest distance of items; one that is unknown is far from all others.
 * The fast way for what is all right. */
static int64_t
list_apart(const struct judge_list *a, const struct judge_list *b)
{
	size_t count = a->count < b->count ? a->count : b->count;
	int64_t greatest = 0;

	for (size_t i = 0; i < count; i++) {
		int64_t x = a->item[i], y = b->item[i];
		int64_t apart = x > y ? x - y : y - x;

		greatest = apart > greatest ? apart : greatest;
	}
	return greatest;
}

/* Is each value within a part of its step from that of the row before? */
static bool
is_calm(const struct judge_sample *a, const struct judge_sample *b,
    const struct judge_checks *checks, const struct limits *limits)
{
	if (((a->present ^ b->present) & checks->mask) != 0)
		return false;
	for (size_t i = 0; i < checks->numbers; i++) {
		int id = checks->number[i];
		int64_t apart = a->number[i] - b->number[i];

		if ((a->present >> id & 1) != 0 && limits->step[id] > 0 &&
		    (apart < 0 ? -apart : apart) >
			limits->step[id] / (JUDGE_RING - 1))
			return false;
	}
	for (size_t i = 0; i < checks->lists; i++) {
		int id = checks->list[i];

		if ((a->present >> id & 1) != 0 && limits->step[id] > 0 &&
		    (a->list[i].count != b->list[i].count ||
			list_apart(&a->list[i], &b->list[i]) >
			    limits->step[id] / (JUDGE_RING - 1)))
			return false;
	}
	return true;
}

void
judge_ring_put(struct judge_ring *ring, const struct judge_checks *checks,
    const struct limits *limits, const struct reading *reading)
{
	struct judge_sample *sample = &ring->sample[ring->count++ % JUDGE_RING];
	const union reading_value *value = reading->value;

	sample->time_ms = reading->time_ms;
	sample->present = reading->present;
	/* the extremes of a list that is there are the list's business */
	if (reading_has(reading, MEASUREMENT_cell_voltages))
		sample->present &= ~(BIT(cell_voltage_min) |
		    BIT(cell_voltage_max) | BIT(cell_voltage_avg));
	if (reading_has(reading, MEASUREMENT_temperatures))
		sample->present &=
		    ~(BIT(temp_min) | BIT(temp_max) | BIT(temp_avg));
	for (size_t i = 0; i < checks->numbers; i++)
		if (reading_has(reading, checks->number[i]))
			sample->number[i] = value[checks->number[i]].number;
	for (size_t i = 0; i < checks->lists; i++)
		if (reading_has(reading, checks->list[i]))
			keep_list(&sample->list[i], &value[checks->list[i]]);
	if (reading_has(reading, MEASUREMENT_pack_current))
		sample->current = value[MEASUREMENT_pack_current].number;
	if (reading_has(reading, MEASUREMENT_soc_percent))
		sample->soc = value[MEASUREMENT_soc_percent].number;
	if (reading_has(reading, MEASUREMENT_pack_voltage))
		sample->voltage = value[MEASUREMENT_pack_voltage].number;
	if (reading_has(reading, MEASUREMENT_full_capacity_ah))
		sample->capacity = value[MEASUREMENT_full_capacity_ah].number;
	if (reading_has(reading, MEASUREMENT_cell_voltages))
		sample->cells = hash_of(&value[MEASUREMENT_cell_voltages]);
	sample->calm = ring->count > 1 &&
	    is_calm(sample, judge_row(ring, ring->count - 2), checks, limits);
}

/* ---- a row is judged -------------------------------------------------- */

struct votes {
	unsigned with, against;
};

/* How far apart two values may be: the part that is the same for all. */
static int64_t
allowed(const struct limits *limits, int id, int64_t apart_ms)
{
	return limits->step[id] +
	    measurement_table[id].slew * apart_ms / MINUTE_MS;
}

static bool
agrees(int64_t a, int64_t b, int64_t allowed_, unsigned share)
{
	int64_t apart = a > b ? a - b : b - a;
	int64_t more, size;

	if (apart <= allowed_ || share == 0)
		return apart <= allowed_;
	size = a < 0 ? -a : a;
	more = b < 0 ? -b : b;
	size = size > more ? size : more;
	return apart <= allowed_ + size * share / 100;
}

static void
count_vote(struct votes *votes, bool with)
{
	if (with)
		votes->with++;
	else
		votes->against++;
}

static bool
is_doubted(const struct votes *votes)
{
	return votes->against > 0 && votes->with + 1 < JUDGE_HELD &&
	    votes->with + 1 <= votes->against;
}

/* A row's neighbours in time. */
struct near {
	const struct judge_sample *self;
	const struct judge_sample *other[2 * JUDGE_NEAR];
	int64_t apart_ms[2 * JUDGE_NEAR];
	size_t count;
};

static bool
number_doubted(
    const struct near *near, const struct limits *limits, int id, size_t place)
{
	struct votes votes = { 0, 0 };

	for (size_t i = 0; i < near->count; i++)
		if ((near->other[i]->present >> id & 1) != 0)
			count_vote(&votes,
			    agrees(near->self->number[place],
				near->other[i]->number[place],
				allowed(limits, id, near->apart_ms[i]),
				measurement_table[id].share));
	return is_doubted(&votes);
}

static bool
item_doubted(const struct near *near, const struct limits *limits, int id,
    size_t place, size_t item)
{
	int64_t value = near->self->list[place].item[item];
	struct votes votes = { 0, 0 };

	for (size_t i = 0; i < near->count; i++) {
		const struct judge_list *list = &near->other[i]->list[place];

		if ((near->other[i]->present >> id & 1) != 0 &&
		    item < list->count &&
		    list->item[item] != READING_ITEM_UNKNOWN)
			count_vote(&votes,
			    agrees(value, list->item[item],
				allowed(limits, id, near->apart_ms[i]), 0));
	}
	return is_doubted(&votes);
}

static bool
list_doubted(
    const struct near *near, const struct limits *limits, int id, size_t place)
{
	const struct judge_list *list = &near->self->list[place];
	bool apart = false;

	for (size_t i = 0; i < near->count && !apart; i++)
		apart = (near->other[i]->present >> id & 1) != 0 &&
		    list_apart(list, &near->other[i]->list[place]) >
			limits->step[id];
	for (size_t item = 0; apart && item < list->count; item++)
		if (list->item[item] != READING_ITEM_UNKNOWN &&
		    item_doubted(near, limits, id, place, item))
			return true;
	return false;
}

static void
find_near(const struct judge_ring *ring, uint64_t n, struct near *near)
{
	uint64_t from = n < JUDGE_NEAR ? 0 : n - JUDGE_NEAR;
	uint64_t to = n + JUDGE_NEAR + 1;

	near->self = judge_row(ring, n);
	near->count = 0;
	if (to > ring->count)
		to = ring->count;
	for (uint64_t i = from; i < to; i++) {
		const struct judge_sample *other = judge_row(ring, i);
		int64_t apart_ms = other->time_ms - near->self->time_ms;

		if (apart_ms < 0)
			apart_ms = -apart_ms;
		if (i == n || apart_ms > JUDGE_NEAR_MS)
			continue;
		near->other[near->count] = other;
		near->apart_ms[near->count++] = apart_ms;
	}
}

/* The common case: nothing in sight is far from anything. */
static bool
all_calm(const struct judge_ring *ring, uint64_t n)
{
	uint64_t i = n < JUDGE_NEAR ? 1 : n - JUDGE_NEAR + 1;
	uint64_t to = n + JUDGE_NEAR + 1;

	if (to > ring->count)
		to = ring->count;
	while (i < to && judge_row(ring, i)->calm)
		i++;
	return i == to;
}

uint64_t
judge_vote(const struct judge_ring *ring, const struct judge_checks *checks,
    const struct limits *limits, uint64_t n)
{
	struct near near;
	uint64_t doubted = 0;

	if (all_calm(ring, n))
		return 0;
	find_near(ring, n, &near);
	for (size_t i = 0; i < checks->numbers; i++) {
		int id = checks->number[i];

		if ((near.self->present >> id & 1) != 0 &&
		    limits->step[id] > 0 &&
		    number_doubted(&near, limits, id, i))
			doubted |= UINT64_C(1) << id;
	}
	for (size_t i = 0; i < checks->lists; i++) {
		int id = checks->list[i];

		if ((near.self->present >> id & 1) != 0 &&
		    limits->step[id] > 0 && list_doubted(&near, limits, id, i))
			doubted |= UINT64_C(1) << id;
	}
	return doubted;
}
