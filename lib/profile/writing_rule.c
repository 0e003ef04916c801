/* One rule at a time: measurements to raw values. */
#include <string.h>

#include "base/num.h"
#include "profile/writing.h"

static int
power_of(const struct rule *rule)
{
	return rule->exponent == NULL ? 0 : (int)rule->exponent->encode;
}

/* Is the condition on the value itself? That is there already. */
static bool
on_value(const struct rule *rule, const struct condition *condition)
{
	return rule->source != NULL &&
	    condition->source.address == rule->source->address &&
	    condition->source.function == rule->source->function;
}

/* A raw number for which the condition holds. */
static int64_t
allowed_by(const struct condition *one)
{
	if (one->negate)
		return one->low == 0 ? 1 : 0;
	return one->low == INT64_MIN ? one->high : one->low;
}

void
writing_when(struct writing *w, const struct rule *rule)
{
	for (size_t i = 0; i < rule->when_count; i++) {
		const struct condition *one = &rule->when[i];
		bool exact = one->low == one->high && !one->negate;

		if (!exact &&
		    (on_value(rule, one) ||
			writing_holds(w, &one->source, one->low, one->high) !=
			    one->negate))
			continue;
		writing_put(w, &one->source, 0, allowed_by(one));
	}
	if (rule->exponent != NULL)
		writing_put(w, rule->exponent, 0, rule->exponent->encode);
}

const struct source *
writing_source(const struct rule *rule, unsigned i, uint32_t *step)
{
	*step = i * rule->stride;
	return rule->stride != 0 || rule->of_array ? rule->source
						   : rule->source + i;
}

/* A text item in our decimals, or as a raw number where it is scaled. */
static const char *
number_text(struct writing *w, const struct rule *rule, int64_t value)
{
	unsigned decimals = measurement_table[rule->measurement].decimals;
	unsigned wanted =
	    rule->decimals < 0 ? decimals : (unsigned)rule->decimals;
	struct buf text = { 0 };
	const char *kept;
	int64_t raw;

	if (rule->scaling.exact && rule->scaling.den == 1 &&
	    rule->scaling.add == 0 &&
	    (rule->scaling.num == num_power10(decimals) ||
		rule->scaling.num == -num_power10(decimals))) {
		if (rule->scaling.num < 0)
			value = -value;
		if (wanted < decimals) {
			int64_t by = num_power10(decimals - wanted);

			value = (value + (value < 0 ? -by : by) / 2) / by;
			decimals = wanted;
		}
		buf_scaled(&text, value, decimals);
	} else if (w->profile->protocol == FRAME_HTTP) {
		buf_print(
		    &text, "%.12g", scaling_invert_real(&rule->scaling, value));
	} else if (scaling_invert(&rule->scaling, value, 0, &raw)) {
		buf_integer(&text, raw);
	} else {
		return NULL;
	}
	kept = arena_text(w->arena, text.data, text.size);
	buf_free(&text);
	return kept;
}

/* The bits of a float: "not a number" where there is none. */
#define SINGLE_NONE UINT64_C(0x7fc00000)
#define DOUBLE_NONE UINT64_C(0x7ff8000000000000)

static void
put_bits_of(struct writing *w, const struct source *source, uint32_t step,
    uint64_t number)
{
	struct source bits = *source;

	bits.type = source->type == SOURCE_F64 ? SOURCE_U64 : SOURCE_U32;
	writing_put(w, &bits, step, (int64_t)number);
}

/* A float register: not rounded to a whole number. */
static void
put_real(struct writing *w, const struct rule *rule,
    const struct source *source, uint32_t step, int64_t value)
{
	double real = scaling_invert_real(&rule->scaling, value);
	float single = (float)real;
	uint64_t number = 0;
	uint32_t half;

	if (source->type == SOURCE_F64) {
		memcpy(&number, &real, sizeof(number));
	} else {
		memcpy(&half, &single, sizeof(half));
		number = half;
	}
	put_bits_of(w, source, step, number);
}

static void
put_absent(struct writing *w, const struct rule *rule, unsigned i)
{
	uint32_t step;
	const struct source *source = writing_source(rule, i, &step);

	if (source->type == SOURCE_F32 || source->type == SOURCE_F64) {
		put_bits_of(w, source, step,
		    source->type == SOURCE_F32 ? SINGLE_NONE : DOUBLE_NONE);
		return;
	}
	if (rule->absent_count > 0 && source->type != SOURCE_ITEM &&
	    source->type != SOURCE_SLOT)
		writing_put(w, source, step, rule->absent[0]);
}

/* Would the conditions on the value itself hold? */
static bool
allowed(const struct rule *rule, const struct source *source, int64_t raw)
{
	for (size_t i = 0; i < rule->when_count; i++) {
		const struct condition *one = &rule->when[i];

		if (one->source.address == source->address &&
		    one->source.function == source->function &&
		    one->source.bits == source->bits &&
		    (raw >= one->low && raw <= one->high) == one->negate)
			return false;
	}
	return true;
}

/* One number; false where the device has no room for it. */
static bool
put_number(
    struct writing *w, const struct rule *rule, unsigned i, int64_t value)
{
	uint32_t step;
	const struct source *source = writing_source(rule, i, &step);
	int64_t raw;

	if (source->type == SOURCE_ITEM) {
		w->items[source->address].text = number_text(w, rule, value);
		return true;
	}
	if (source->type == SOURCE_F32 || source->type == SOURCE_F64) {
		put_real(w, rule, source, step, value);
		return true;
	}
	if (!scaling_invert(&rule->scaling, value, power_of(rule), &raw) ||
	    !writing_fits(w, source, raw) || !allowed(rule, source, raw))
		return false;
	writing_put(w, source, step, raw);
	return true;
}

/* A whole JSON array as one item. */
static void
put_array(struct writing *w, const struct rule *rule)
{
	const union reading_value *list = &w->reading->value[rule->measurement];
	struct buf text = { 0 };

	buf_char(&text, '[');
	for (uint32_t i = 0; i < list->list.count; i++) {
		const char *one = list->list.item[i] == READING_ITEM_UNKNOWN
		    ? "null"
		    : number_text(w, rule, list->list.item[i]);

		if (i > 0)
			buf_char(&text, ',');
		buf_text(&text, one == NULL ? "null" : one);
	}
	buf_char(&text, ']');
	w->items[rule->source->address].text =
	    arena_text(w->arena, text.data, text.size);
	buf_free(&text);
}

static void
put_count(struct writing *w, const struct rule *rule, unsigned count)
{
	uint64_t mask = count >= 63 ? UINT64_MAX : (UINT64_C(1) << count) - 1;

	if (rule->counter == NULL)
		return;
	writing_put(w, rule->counter, 0,
	    rule->count_is_mask ? (int64_t)mask : (int64_t)count);
}

static void
put_list(struct writing *w, const struct rule *rule)
{
	const union reading_value *list = &w->reading->value[rule->measurement];
	unsigned there = writing_has(w, rule) ? list->list.count : 0;

	if (rule->of_array) {
		if (writing_has(w, rule)) {
			put_array(w, rule);
			writing_when(w, rule);
		}
		return;
	}
	there = there > rule->index ? there - rule->index : 0;
	if (there > rule->count)
		there = rule->count;
	put_count(w, rule, there);
	if (there > 0)
		writing_when(w, rule);
	for (unsigned i = 0; i < rule->count; i++) {
		int32_t item = i < there ? list->list.item[rule->index + i]
					 : READING_ITEM_UNKNOWN;
		bool known = item != READING_ITEM_UNKNOWN &&
		    put_number(w, rule, i, item);

		if (!known)
			put_absent(w, rule, i);
		if (rule->valid != NULL && i < there)
			writing_put(w, &rule->valid[i], 0,
			    known ? rule->valid_is : !rule->valid_is);
	}
}

static void
put_scalar(struct writing *w, const struct rule *rule)
{
	if (rule->per != NULL) /* follows from what others write */
		return;
	if (!writing_has(w, rule)) {
		put_absent(w, rule, 0);
		if (rule->exponent != NULL)
			writing_when(w, rule);
		return;
	}
	if (put_number(w, rule, 0, writing_number(w, rule)))
		writing_when(w, rule);
}

/* All of it in the first term of its sign, nothing in the others. */
static void
put_sum(struct writing *w, const struct rule *rule)
{
	int64_t value = writing_has(w, rule) ? writing_number(w, rule) : 0;
	unsigned at = 0;

	for (unsigned i = 0; i < rule->count; i++)
		if (!writing_has(w, rule))
			put_absent(w, rule, i);
		else
			writing_put(w, &rule->source[i], 0, 0);
	if (!writing_has(w, rule))
		return;
	writing_when(w, rule);
	if (put_number(w, rule, at, value))
		return;
	while (at < rule->count && (rule->minus >> at & 1) == 0)
		at++;
	if (at < rule->count)
		(void)put_number(w, rule, at, -value);
}

/* A text in registers, whose reading has it between quotes. */
static void
string_rule(struct writing *writing, const struct rule *rule)
{
	const union reading_value *value =
	    &writing->reading->value[rule->measurement];

	if (rule->source->type == SOURCE_STRING &&
	    reading_has(writing->reading, rule->measurement) &&
	    memchr(value->text.json, '\\', value->text.size) == NULL)
		writing_text(writing, rule->source, value->text.json + 1,
		    value->text.size - 2);
}

void
writing_rule(struct writing *writing, const struct rule *rule)
{
	switch ((enum rule_action)rule->action) {
	case RULE_NUMBER:
		if (rule->is_list)
			put_list(writing, rule);
		else
			put_scalar(writing, rule);
		break;
	case RULE_SUM:
		put_sum(writing, rule);
		break;
	case RULE_FLAG:
		writing_flag(writing, rule);
		break;
	case RULE_WORD:
	case RULE_CHOICE:
		writing_choice(writing, rule);
		break;
	case RULE_BITS:
		writing_bits(writing, rule);
		break;
	case RULE_EACH:
		writing_each(writing, rule);
		break;
	case RULE_BIT_LIST:
		writing_bit_list(writing, rule);
		break;
	case RULE_STRING:
		string_rule(writing, rule);
		break;
	case RULE_FIXED:
		break;
	}
}
