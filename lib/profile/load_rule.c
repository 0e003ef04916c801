/* One member of a profile's "measurements" and what it says. */
#include <string.h>

#include "base/clock.h"
#include "base/num.h"

#include "profile/load.h"

static const char *const rule_members[] = { "name", "at", "function", "type",
	"size", "order", "model", "frame", "tag", "command", "part", "signal",
	"signals", "item", "items", "digits", "bit", "width", "signed", "scale",
	"offset", "absent", "low", "high", "exponent", "per", "count", "stride",
	"index", "values", "bits", "sum", "valid", "valid_is", "when", "invert",
	"set", "fixed", "decimals", "encode", "optional", "instance",
	"instances", "notes", NULL };

/* Which of the lists of a reading; a new one is entered. */
static int
list_of(struct loader *l, struct rule *rule)
{
	struct profile *p = l->profile;
	size_t i = 0;

	if (measurement_table[rule->measurement].shape != SHAPE_LIST) {
		rule->list = 0xff;
		return 0;
	}
	while (i < p->list_count && p->list_of[i] != rule->measurement)
		i++;
	if (i == PROFILE_LISTS)
		return failure_set(l->why, EXIT_WRONG, "too many lists");
	if (i == p->list_count)
		p->list_of[p->list_count++] = rule->measurement;
	rule->list = (uint8_t)i;
	rule->is_list = true;
	return 0;
}

/* What the raw value is, in the terms of the DBC file. */
static int
signal_scaling(struct loader *l, const struct rule *rule,
    struct decimal *factor, struct decimal *offset)
{
	const struct dbc_signal *first, *one;

	if (rule->source == NULL || rule->source->type != SOURCE_SLOT)
		return 0;
	first = load_slot_signal(l->profile, rule->source->address);
	*factor = first->factor;
	*offset = first->offset;
	for (unsigned i = 1; rule->stride == 0 && i < rule->count; i++) {
		one = load_slot_signal(l->profile, rule->source[i].address);
		if (one->factor.digits != factor->digits ||
		    one->factor.exponent != factor->exponent ||
		    one->offset.digits != offset->digits ||
		    one->offset.exponent != offset->exponent)
			return failure_set(l->why, EXIT_WRONG,
			    "signals: %s is scaled unlike the first",
			    one->name);
	}
	return 0;
}

/* a * b + c, as far as it is exact. */
static bool
multiply_add(const struct decimal *a, const struct decimal *b,
    const struct decimal *c, struct decimal *out)
{
	struct decimal product, sum = *c;

	product.exponent = a->exponent + b->exponent;
	if (__builtin_mul_overflow(a->digits, b->digits, &product.digits))
		return false;
	if (product.digits == 0 || sum.digits == 0) {
		*out = product.digits == 0 ? sum : product;
		return true;
	}
	for (; product.exponent > sum.exponent; product.exponent--)
		if (__builtin_mul_overflow(product.digits, 10, &product.digits))
			return false;
	for (; sum.exponent > product.exponent; sum.exponent--)
		if (__builtin_mul_overflow(sum.digits, 10, &sum.digits))
			return false;
	out->exponent = sum.exponent;
	return !__builtin_add_overflow(
	    product.digits, sum.digits, &out->digits);
}

static int
scaling_of(struct loader *l, const json_t *object, struct rule *rule)
{
	const struct measurement *m = &measurement_table[rule->measurement];
	const struct decimal zero = { 0, 0 };
	struct decimal factor = { 1, 0 }, shift = zero;
	struct decimal scale = { 1, 0 }, offset = zero;
	struct decimal low, high;

	if (load_decimal(l, object, "scale", &scale) != 0 ||
	    load_decimal(l, object, "offset", &offset) != 0 ||
	    signal_scaling(l, rule, &factor, &shift) != 0)
		return -1;
	if (scale.digits == 0)
		return failure_set(l->why, EXIT_WRONG, "scale: is 0");
	if (!multiply_add(&shift, &scale, &offset, &offset) ||
	    !multiply_add(&factor, &scale, &zero, &scale))
		return failure_set(l->why, EXIT_WRONG,
		    "scale: too many digits with that of the DBC file");
	/* times are ms; the profile's unit is the second */
	scaling_set(&rule->scaling, &scale, &offset,
	    m->shape == SHAPE_TIME ? 3 : m->decimals);
	rule->low = m->shape == SHAPE_TIME ? 0 : m->low;
	rule->high = m->shape == SHAPE_TIME ? CLOCK_MAX_MS : m->high;
	low.digits = high.digits = INT64_MIN;
	if (load_decimal(l, object, "low", &low) != 0 ||
	    load_decimal(l, object, "high", &high) != 0)
		return -1;
	if (low.digits != INT64_MIN)
		(void)num_scale_double(
		    decimal_real(&low), m->decimals, &rule->low);
	if (high.digits != INT64_MIN)
		(void)num_scale_double(
		    decimal_real(&high), m->decimals, &rule->high);
	return 0;
}

/* "absent": one raw value or several. */
static int
absent_of(struct loader *l, const json_t *object, struct rule *rule)
{
	const json_t *absent = json_object_get(object, "absent");
	size_t count =
	    json_is_array(absent) ? json_array_size(absent) : absent != NULL;

	if (count > PROFILE_ABSENT_MAX)
		return failure_set(l->why, EXIT_WRONG,
		    "absent: more than %d values", PROFILE_ABSENT_MAX);
	for (size_t i = 0; i < count; i++) {
		const json_t *one =
		    json_is_array(absent) ? json_array_get(absent, i) : absent;

		if (json_is_integer(one))
			rule->absent[i] = json_integer_value(one);
		else if (!json_is_string(one) ||
		    !load_integer(json_string_value(one), &rule->absent[i]))
			return failure_set(
			    l->why, EXIT_WRONG, "absent: not a raw value");
	}
	rule->absent_count = count;
	load_sentinel(rule);
	return 0;
}

/* "count": a number, or where the number of items is told. */
static int
count_of(struct loader *l, const json_t *object, struct rule *rule)
{
	static const char *const members[] = { "at", "function", "type",
		"order", "model", "frame", "tag", "command", "part", "signal",
		"item", "bit", "width", "signed", "max", "mask", "encode",
		"instance", NULL };
	const json_t *count = json_object_get(object, "count");
	struct source *source;
	int64_t max = 1;

	if (count == NULL)
		return 0;
	if (json_is_integer(count)) {
		max = json_integer_value(count);
	} else {
		if (json_members_known(count, members, l->why) != 0 ||
		    json_member_integer(count, "max", true, 1, READING_LIST_MAX,
			&max, l->why) != 0 ||
		    json_member_bool(
			count, "mask", &rule->count_is_mask, l->why) != 0)
			return -1;
		source = arena_alloc(&l->profile->arena, sizeof(*source));
		if (load_source(l, count, source) != 0)
			return -1;
		rule->counter = source;
	}
	if (max < 1 || max > READING_LIST_MAX)
		return failure_set(l->why, EXIT_WRONG,
		    "count: not from 1 to %d", READING_LIST_MAX);
	if (rule->source == NULL || (rule->stride == 0 && !rule->of_array))
		return 0; /* named one by one */
	rule->count = (uint16_t)max;
	return 0;
}

/* One source with "count" and "stride", or a list by name. */
static int
sources_of(struct loader *l, const json_t *object, struct rule *rule)
{
	const json_t *names = json_object_get(object, "signals");
	const char *member = "signals";
	struct source *source;
	int64_t stride = 0;
	size_t count;

	if (names == NULL) {
		names = json_object_get(object, "items");
		member = "items";
	}
	rule->count = 1;
	if (json_is_object(names))
		return 0; /* a choice each: load_values */
	if (names != NULL) {
		if (load_sources(l, names, member, &rule->source, &count) != 0)
			return -1;
		rule->count = (uint16_t)count;
		for (size_t i = 0; i < count; i++)
			((struct source *)(uintptr_t)rule->source)[i].digits =
			    json_is_true(json_object_get(object, "digits"));
	} else if (load_has_source(object)) {
		source = arena_alloc(&l->profile->arena, sizeof(*source));
		if (load_source(l, object, source) != 0)
			return -1;
		rule->source = source;
		stride = source->type == SOURCE_COILS
		    ? source->size
		    : (source->size + profile_unit(l->profile) - 1) /
			profile_unit(l->profile);
		if (source->type == SOURCE_SLOT || source->type == SOURCE_ITEM)
			stride = 0;
		rule->of_array = rule->is_list && source->type == SOURCE_ITEM;
		if (json_member_integer(
			object, "stride", false, 1, 1000, &stride, l->why) != 0)
			return -1;
		rule->stride = (uint16_t)stride;
	}
	return count_of(l, object, rule);
}

/* "per": the place of the number that is the whole. */
static int
per_of(struct loader *l, const json_t *object, struct rule *rule)
{
	const json_t *per = json_object_get(object, "per");
	struct source *source;

	if (per == NULL)
		return 0;
	if (!json_is_object(per) || !load_has_source(per) || rule->is_list)
		return failure_set(l->why, EXIT_WRONG, "per: not a place");
	source = arena_alloc(&l->profile->arena, sizeof(*source));
	if (load_source(l, per, source) != 0)
		return -1;
	rule->per = source;
	return 0;
}

/* "valid": a flag for each item; "exponent": a power of ten. */
static int
helpers_of(struct loader *l, const json_t *object, struct rule *rule)
{
	const json_t *valid = json_object_get(object, "valid");
	const json_t *exponent = json_object_get(object, "exponent");
	struct source *source;
	size_t count;

	rule->valid_is = 1;
	if (valid != NULL &&
	    (load_sources(l, valid,
		 l->profile->protocol == FRAME_CAN ? "signals" : "items",
		 &rule->valid, &count) != 0 ||
		json_member_integer(object, "valid_is", false, INT64_MIN,
		    INT64_MAX, &rule->valid_is, l->why) != 0))
		return -1;
	if (valid != NULL && count != rule->count)
		return failure_set(
		    l->why, EXIT_WRONG, "valid: not as many as the items");
	if (exponent == NULL)
		return 0;
	if (!json_is_object(exponent) || !load_has_source(exponent))
		return failure_set(l->why, EXIT_WRONG, "exponent: not a place");
	source = arena_alloc(&l->profile->arena, sizeof(*source));
	if (load_source(l, exponent, source) != 0)
		return -1;
	if (json_object_get(exponent, "type") == NULL)
		source->type = SOURCE_S16;
	if (json_object_get(exponent, "type") == NULL && l->profile->sunspec)
		source->sentinel = SENTINEL_SCALE;
	rule->exponent = source;
	return 0;
}

static int
named(struct loader *l, const json_t *object, struct rule *rule)
{
	const char *name = NULL;
	int id;

	if (json_members_known(object, rule_members, l->why) != 0 ||
	    json_member_text(object, "name", true, &name, l->why) != 0)
		return -1;
	id = measurement_find(name, strlen(name));
	if (id < 0)
		return failure_set(
		    l->why, EXIT_WRONG, "%s is no measurement", name);
	if (id == MEASUREMENT_notes || id == MEASUREMENT_data_quality)
		return failure_set(
		    l->why, EXIT_WRONG, "%s is not for profiles", name);
	rule->measurement = (uint8_t)id;
	return list_of(l, rule);
}

/* Items of the second instance of a model and of those behind it? */
static bool
appended(const json_t *object)
{
	return json_object_get(object, "instances") != NULL &&
	    json_integer_value(json_object_get(object, "instance")) > 0;
}

/* What remains: plain numbers. */
static int
details(struct loader *l, const json_t *object, struct rule *rule)
{
	int64_t index = 0, decimals = -1;
	size_t *size;

	if (json_member_integer(object, "index", false, 0, READING_LIST_MAX,
		&index, l->why) != 0 ||
	    json_member_integer(
		object, "decimals", false, 0, 9, &decimals, l->why) != 0 ||
	    json_member_integer(object, "set", false, INT64_MIN, INT64_MAX,
		&rule->set, l->why) != 0 ||
	    json_member_bool(object, "invert", &rule->invert, l->why) != 0 ||
	    json_member_bool(object, "optional", &rule->optional, l->why) != 0)
		return -1;
	rule->has_set = json_object_get(object, "set") != NULL;
	rule->decimals = (int8_t)decimals;
	rule->index = (uint16_t)index;
	if (json_object_get(object, "instances") != NULL &&
	    rule->action != RULE_BITS &&
	    (rule->action != RULE_NUMBER || !rule->is_list))
		return failure_set(
		    l->why, EXIT_WRONG, "instances: not for this measurement");
	if (!rule->is_list)
		return 0;
	if (index + rule->count > READING_LIST_MAX)
		return failure_set(l->why, EXIT_WRONG, "too many items");
	size = &l->profile->list_size[rule->list];
	if (appended(object)) {
		rule->append = true;
		*size += rule->count;
		if (*size > READING_LIST_MAX)
			*size = READING_LIST_MAX;
		return 0;
	}
	if (rule->action == RULE_BIT_LIST && *size < 64U * rule->count)
		*size = 64U * rule->count;
	if (*size < rule->index + (size_t)rule->count)
		*size = rule->index + (size_t)rule->count;
	return 0;
}

int
load_rule(struct loader *l, const json_t *object, struct rule *rule)
{
	memset(rule, 0, sizeof(*rule));
	if (!json_is_object(object))
		return failure_set(l->why, EXIT_WRONG, "not an object");
	if (named(l, object, rule) != 0)
		return -1;
	if (sources_of(l, object, rule) != 0 ||
	    load_values(l, object, rule) != 0 ||
	    scaling_of(l, object, rule) != 0 ||
	    absent_of(l, object, rule) != 0 ||
	    helpers_of(l, object, rule) != 0 || per_of(l, object, rule) != 0 ||
	    load_when(l, object, rule) != 0 || details(l, object, rule) != 0)
		return failure_prefix(
		    l->why, "%s", measurement_table[rule->measurement].name);
	return 0;
}
