/* Bits of codes that no rule names: each is told as unknown_bit_N. */
#include <stdio.h>
#include <string.h>

#include "profile/load.h"

/* The same number, whatever part of it is meant? */
static bool
same_number(const struct source *a, const struct source *b)
{
	return a->type == b->type && a->address == b->address &&
	    a->function == b->function && a->size == b->size &&
	    a->digits == b->digits && a->swap_bytes == b->swap_bytes &&
	    a->swap_words == b->swap_words;
}

static uint64_t
low_bits(unsigned count)
{
	return count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

/* Bits that the whole number has. */
static unsigned
width_of(const struct profile *p, const struct source *source)
{
	switch (source->type) {
	case SOURCE_COILS:
		return source->size;
	case SOURCE_SLOT:
		return load_slot_signal(p, source->address)->bits.length;
	case SOURCE_ITEM:
		return 63;
	default:
		return 8U * source->size;
	}
}

/* The part of the number that a source reads. */
static uint64_t
part_of(const struct profile *p, const struct source *source)
{
	if (source->bits == 0)
		return low_bits(width_of(p, source));
	return low_bits(source->bits) << source->shift;
}

/* Bits of a source's number that a rule has a name for, or reads alone. */
static uint64_t
named_by(const struct rule *rule, const struct source *source)
{
	unsigned places = rule->source == NULL    ? 0
	    : rule->stride != 0 || rule->of_array ? 1
						  : rule->count;
	uint64_t named = 0;

	for (unsigned i = 0; i < places; i++) {
		const struct source *one = &rule->source[i];

		if (!same_number(one, source))
			continue;
		if (rule->action != RULE_BITS && one->bits != 0)
			named |= low_bits(one->bits) << one->shift;
		if (rule->action != RULE_BITS)
			continue;
		for (size_t k = 0; k < rule->choice_count; k++)
			named |= UINT64_C(1)
			    << (one->shift + (unsigned)rule->choices[k].raw);
	}
	return named;
}

static uint64_t
named_by_any(const struct profile *p, const struct source *source)
{
	uint64_t named = 0;

	for (size_t i = 0; i < p->rule_count; i++) {
		const struct rule *rule = &p->rules[i];

		named |= named_by(rule, source);
		for (size_t k = 0; k < rule->when_count; k++)
			if (same_number(&rule->when[k].source, source) &&
			    rule->when[k].source.bits != 0)
				named |= part_of(p, &rule->when[k].source);
	}
	return named;
}

static bool
is_codes(const struct rule *rule)
{
	return rule->action == RULE_BITS &&
	    measurement_table[rule->measurement].shape == SHAPE_CODES;
}

/* Of the rules that read the same part as this one, is it the one that
 * tells what is unknown: the first for faults, else the first? */
static bool
tells(const struct profile *p, size_t index)
{
	const struct rule *rule = &p->rules[index];
	bool fault = rule->measurement == MEASUREMENT_fault_codes;

	for (size_t i = 0; i < p->rule_count; i++) {
		const struct rule *other = &p->rules[i];
		bool worse = other->measurement == MEASUREMENT_fault_codes;

		if (i == index || !is_codes(other) ||
		    !same_number(other->source, rule->source) ||
		    part_of(p, other->source) != part_of(p, rule->source))
			continue;
		if ((worse && !fault) || (worse == fault && i < index))
			return false;
	}
	return true;
}

/* Where it is, behind the name of a bit; plain for the first place. */
static void
put_place(struct loader *l, const struct source *source, struct buf *name)
{
	const struct profile *p = l->profile;
	const char *text;

	if (source->type == SOURCE_SLOT) {
		buf_text(name, "_of_");
		text = load_slot_signal(p, source->address)->name;
	} else if (source->type == SOURCE_ITEM) {
		buf_text(name, "_of_");
		text = p->items[source->address];
	} else {
		buf_text(name, "_at_");
		if (source->address > UINT16_MAX)
			buf_print(name, "%u_", source->address >> 16);
		buf_print(name, "%u", source->address & UINT16_MAX);
		return;
	}
	for (; *text != '\0' && *text != '|'; text++)
		buf_char(name, strchr("/.\"\\ ", *text) != NULL ? '_' : *text);
}

static void
add(struct loader *l, struct rule *rule, uint64_t unknown, bool plain)
{
	size_t count = (size_t)__builtin_popcountll(unknown);
	struct choice *choices = arena_alloc(&l->profile->arena,
	    (rule->choice_count + count) * sizeof(*choices));
	struct choice *choice = choices + rule->choice_count;
	struct buf name = { 0 };

	memcpy(choices, rule->choices, rule->choice_count * sizeof(*choices));
	for (; unknown != 0; unknown &= unknown - 1) {
		int bit = __builtin_ctzll(unknown);

		buf_clear(&name);
		buf_print(&name, "\"unknown_bit_%d", bit);
		if (!plain)
			put_place(l, rule->source, &name);
		buf_char(&name, '"');
		*choice++ = (struct choice){ .raw = bit - rule->source->shift,
			.word = CHOICE_UNKNOWN,
			.json = arena_text(
			    &l->profile->arena, name.data, name.size),
			.json_size = (uint32_t)name.size };
	}
	rule->choices = choices;
	rule->choice_count += count;
	buf_free(&name);
}

void
load_unknown_bits(struct loader *l)
{
	struct profile *p = l->profile;
	bool plain = true;

	for (size_t i = 0; i < p->rule_count; i++) {
		struct rule *rule = &p->rules[i];
		uint64_t unknown;

		if (!is_codes(rule) || !tells(p, i))
			continue;
		unknown =
		    part_of(p, rule->source) & ~named_by_any(p, rule->source);
		if (unknown == 0)
			continue;
		add(l, rule, unknown, plain);
		plain = false;
	}
}
