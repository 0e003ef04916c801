/* Which rules and signals can go the shorter way of fast.c. */
#include "profile/load.h"

static bool
plain_source(const struct source *source)
{
	return source->bits == 0 && !source->swap_bytes && !source->swap_words;
}

/* Integer signals in slots that follow each other? */
static bool
neighbours(const struct source *sources, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (sources[i].type != SOURCE_SLOT ||
		    sources[i].size != DBC_INTEGER ||
		    !plain_source(&sources[i]) ||
		    sources[i].address != sources[0].address + i)
			return false;
	return true;
}

static enum rule_fast
fast_number(const struct profile *p, const struct rule *rule)
{
	const struct source *source = rule->source;
	bool half = source->type == SOURCE_U16 || source->type == SOURCE_S16;
	bool whole = source->type == SOURCE_U32 || source->type == SOURCE_S32;

	if (source->type == SOURCE_SLOT && rule->stride == 0) {
		if (!neighbours(source, rule->count) ||
		    (rule->valid != NULL &&
			!neighbours(rule->valid, rule->count)))
			return FAST_NONE;
		return rule->is_list ? FAST_SLOTS : FAST_SLOT;
	}
	if (p->protocol != FRAME_MODBUS || !plain_source(source) ||
	    rule->valid != NULL)
		return FAST_NONE;
	if (!rule->is_list)
		return half || whole ? FAST_REGISTER : FAST_NONE;
	return half && rule->stride == 1 ? FAST_REGISTERS : FAST_NONE;
}

/* A flag, a word or codes out of one number? */
static bool
is_state(const struct rule *rule)
{
	const struct source *source = rule->source;

	if (rule->count != 1 || rule->absent_count > 0 ||
	    rule->measurement == MEASUREMENT_protection_status)
		return false;
	if (source->type != SOURCE_COILS && source->type != SOURCE_U16 &&
	    (source->type != SOURCE_SLOT || source->size != DBC_INTEGER))
		return false;
	return plain_source(source) && !rule->of_array &&
	    (rule->action == RULE_FLAG || rule->action == RULE_WORD ||
		rule->action == RULE_BITS);
}

static enum rule_fast
fast_of(const struct profile *p, const struct rule *rule)
{
	if (rule->when_count > 0 || rule->exponent != NULL ||
	    rule->per != NULL || rule->counter != NULL || rule->source == NULL)
		return FAST_NONE;
	if (rule->action == RULE_NUMBER)
		return fast_number(p, rule);
	if (rule->action == RULE_EACH && !rule->has_set &&
	    rule->absent_count == 0 &&
	    rule->measurement != MEASUREMENT_protection_status &&
	    neighbours(rule->source, rule->count))
		return FAST_EACH;
	return is_state(rule) ? FAST_STATE : FAST_NONE;
}

/* Codes out of coils, which are mostly all off? */
static bool
is_coil_codes(const struct rule *rule)
{
	return rule->fast == FAST_STATE && rule->action == RULE_BITS &&
	    rule->source->type == SOURCE_COILS && rule->source->function <= 2;
}

/* Rules for codes that follow each other, as long as their coils lie
 * within so many: one look at these may do for all. */
#define RUN_COILS_MAX 256

static void
join_coils(struct rule *first, const struct rule *end)
{
	uint32_t low = first->source->address;
	uint32_t high = low + first->source->size;
	struct rule *rule = first;

	for (; rule < end && is_coil_codes(rule) &&
	     rule->source->function == first->source->function;
	     rule++) {
		uint32_t from = rule->source->address;
		uint32_t to = from + rule->source->size;

		from = from < low ? from : low;
		to = to > high ? to : high;
		if (to - from > RUN_COILS_MAX)
			break;
		low = from;
		high = to;
		if (rule->measurement == MEASUREMENT_fault_codes)
			first->run_faults = true;
		else
			first->run_warnings = true;
	}
	first->run = (uint16_t)(rule - first);
	first->run_first = low;
	first->run_coils = high - low;
}

static bool
is_flag(const struct can_pick *pick)
{
	return pick->bits.length == 1 && pick->bits.start < 64 &&
	    !pick->bits.is_signed;
}

static int64_t
divide_down(int64_t number, int64_t by)
{
	int64_t quotient = number / by;

	return quotient - (number % by != 0 && (number < 0) != (by < 0));
}

/* Leave out what is marked as absent, and what lies behind it. */
static void
cut_absent(struct rule *rule)
{
	for (size_t i = 0; i < rule->absent_count; i++) {
		int64_t absent = rule->absent[i];

		if (absent < rule->raw_low || absent > rule->raw_high)
			continue;
		if ((uint64_t)absent - (uint64_t)rule->raw_low <
		    (uint64_t)rule->raw_high - (uint64_t)absent)
			rule->raw_low = absent + 1;
		else
			rule->raw_high = absent - 1;
	}
}

/* The raw numbers that are there and whose value is in the plausible range
 * for sure: none where that cannot be said in whole numbers. */
static void
raw_range(struct rule *rule)
{
	const struct scaling *s = &rule->scaling;
	int64_t low, high;

	rule->raw_low = 1;
	rule->raw_high = 0;
	if (!s->exact || s->num == 0 ||
	    __builtin_mul_overflow(rule->low, s->den, &low) ||
	    __builtin_sub_overflow(low, s->add, &low) ||
	    __builtin_mul_overflow(rule->high, s->den, &high) ||
	    __builtin_sub_overflow(high, s->add, &high) || low > high ||
	    low < -INT64_MAX || high < -INT64_MAX)
		return;
	if (s->num < 0) {
		int64_t swap = low;

		low = high;
		high = swap;
	}
	rule->raw_low = -divide_down(-low, s->num);
	rule->raw_high = divide_down(high, s->num);
	cut_absent(rule);
}

/* Where it stands in the first 8 bytes taken as one number, in the order
 * of its own bytes. */
static void
place(struct can_pick *pick)
{
	const struct bits *bits = &pick->bits;

	pick->near = bits->end <= 8 && !bits->wide;
	if (!pick->near)
		return;
	if (bits->motorola)
		pick->left =
		    (uint8_t)(8 * (bits->start / 8) + 7 - bits->start % 8);
	else
		pick->left = (uint8_t)(64 - bits->start - bits->length);
}

/* Flags in neighbouring slots under the same selector value: when the
 * bits of all are 0 they are taken at once. */
static void
join_flags(struct can_pick *pick, const struct can_pick *end)
{
	while (pick < end) {
		struct can_pick *first = pick;
		uint64_t flags = 0;
		bool row = true;

		for (; pick < end && is_flag(pick) && pick->low == first->low &&
		     pick->slot == first->slot + (pick - first);
		     pick++) {
			flags |= UINT64_C(1) << pick->bits.start;
			row = row &&
			    pick->bits.start ==
				first->bits.start + (pick - first);
		}
		if (pick - first > 1) {
			first->flags = flags;
			first->flag_count = (uint16_t)(pick - first);
			first->flag_row =
			    row && first->slot % 64 + (pick - first) <= 64;
		}
		if (pick == first)
			pick++;
	}
}

void
load_fast(struct profile *profile)
{
	for (size_t i = 0; i < profile->rule_count; i++) {
		struct rule *rule = &profile->rules[i];

		raw_range(rule);
		rule->fast = (uint8_t)fast_of(profile, rule);
		if (rule->action == RULE_FIXED)
			profile->fixed |= UINT64_C(1) << rule->measurement;
	}
	for (size_t i = 0; i < profile->rule_count; i++)
		if (is_coil_codes(&profile->rules[i]))
			join_coils(&profile->rules[i],
			    profile->rules + profile->rule_count);
	for (size_t i = 0; i < profile->message_count; i++) {
		const struct can_message *message = &profile->messages[i];
		struct can_pick *first = &profile->picks[message->first];

		for (size_t at = 0; at < message->count; at++)
			place(&first[at]);
		join_flags(first, first + message->count);
	}
}
