/* Codes, words and flags to raw values: the bits and choices of a rule. */
#include <string.h>

#include "profile/writing.h"

/* Does the reading's text hold this code, or "name":true? */
static bool
told(const struct writing *w, const struct rule *rule,
    const struct choice *choice)
{
	const union reading_value *value =
	    &w->reading->value[rule->measurement];
	const char *at;

	if (!writing_has(w, rule) || choice->word < 0)
		return false;
	at = memmem(value->text.json, value->text.size, choice->json,
	    choice->json_size);
	if (measurement_table[rule->measurement].shape != SHAPE_MAP)
		return at != NULL;
	return at != NULL && strncmp(at + choice->json_size, "true", 4) == 0;
}

void
writing_bits(struct writing *w, const struct rule *rule)
{
	struct source bit = *rule->source;

	if (!writing_has(w, rule))
		return;
	writing_when(w, rule);
	for (size_t i = 0; i < rule->choice_count; i++) {
		unsigned base =
		    rule->source->bits == 0 ? 0 : rule->source->shift;

		const struct choice *choice = &rule->choices[i];
		bool set = told(w, rule, choice);

		/* one without a name is written where all are */
		if (!set && choice->word == CHOICE_UNKNOWN && i > 0)
			continue;
		bit.shift = (uint8_t)(base + (unsigned)choice->raw);
		bit.bits = 1;
		writing_put(w, &bit, 0, set);
	}
}

void
writing_each(struct writing *w, const struct rule *rule)
{
	if (!writing_has(w, rule))
		return;
	writing_when(w, rule);
	for (unsigned i = 0; i < rule->count; i++)
		writing_put(w, &rule->source[i], 0,
		    !told(w, rule, &rule->choices[i]) ? 0
			: rule->has_set               ? rule->set
						      : 1);
}

void
writing_choice(struct writing *w, const struct rule *rule)
{
	if (!writing_has(w, rule))
		return;
	for (size_t i = 0; i < rule->choice_count; i++) {
		const struct choice *choice = &rule->choices[i];
		bool same = rule->action == RULE_WORD
		    ? choice->word == writing_number(w, rule)
		    : told(w, rule, choice);

		if (!same)
			continue;
		writing_when(w, rule);
		writing_put(w, rule->source, 0, choice->raw);
		return;
	}
}

void
writing_flag(struct writing *w, const struct rule *rule)
{
	bool set;

	if (!writing_has(w, rule))
		return;
	set = (writing_number(w, rule) != 0) != rule->invert;
	writing_when(w, rule);
	writing_put(w, rule->source, 0,
	    !set                ? 0
		: rule->has_set ? rule->set
				: 1);
}

void
writing_bit_list(struct writing *w, const struct rule *rule)
{
	const union reading_value *list = &w->reading->value[rule->measurement];
	unsigned width = rule_bit_width(rule);
	const struct source *source;
	uint32_t step;

	if (!writing_has(w, rule) || width == 0)
		return;
	for (unsigned i = 0; i < rule->count; i++) {
		source = writing_source(rule, i, &step);
		writing_put(w, source, step, 0);
	}
	for (uint32_t k = 0; k < list->list.count; k++) {
		uint32_t bit = (uint32_t)list->list.item[k] - 1;
		struct source one;

		if (list->list.item[k] < 1 || bit / width >= rule->count)
			continue;
		source = writing_source(rule, bit / width, &step);
		one = *source;
		one.shift = (uint8_t)((source->bits == 0 ? 0 : source->shift) +
		    bit % width);
		one.bits = 1;
		writing_put(w, &one, step, 1);
	}
}
