/*
 * The shorter way of the rules that nearly every frame is made of: plain
 * registers and CAN signals. What they do is what work.c does for all.
 */
#include "profile/fast.h"

static inline bool
is_absent(const struct rule *rule, int64_t raw)
{
	for (size_t i = 0; i < rule->absent_count; i++)
		if (rule->absent[i] == raw)
			return true;
	return false;
}

static inline enum outcome
judge(const struct rule *rule, int64_t raw, int64_t *value)
{
	if (raw >= rule->raw_low && raw <= rule->raw_high) {
		*value = raw * rule->scaling.num + rule->scaling.add;
		if (rule->scaling.den != 1)
			*value = scaling_round(*value, rule->scaling.den);
		return VALUE_FINE;
	}
	if (is_absent(rule, raw))
		return VALUE_ABSENT;
	if (!scaling_apply(&rule->scaling, raw, value))
		return VALUE_TOO_LARGE;
	return *value < rule->low || *value > rule->high ? VALUE_REFUSED
							 : VALUE_FINE;
}

static inline void
put(struct work *work, const struct rule *rule, int64_t raw)
{
	int64_t value = 0;
	enum outcome outcome = judge(rule, raw, &value);

	if (outcome != VALUE_FINE) {
		work_put(work, rule, outcome, value);
		return;
	}
	work->reading->value[rule->measurement].number = value;
	work->reading->present |= UINT64_C(1) << rule->measurement;
}

static void
one_register(struct work *work, const struct rule *rule)
{
	const struct source *source = rule->source;
	const uint8_t *data = evidence_bytes(
	    &work->evidence, source->function, source->address, source->size);

	if (data != NULL)
		put(work, rule, source_register(source, data));
}

/* Items of a list that nothing else has filled so far, one after the other.
 * False where that is not so: then the long way is taken. */
static bool
list_open(struct work *work, const struct rule *rule)
{
	struct work_list *list = &work->list[rule->list];

	if (list->filled > rule->index)
		return false;
	work_fill(list, rule->index);
	return true;
}

/* An item that has to be looked at more closely. */
static void
list_judge(struct work *work, const struct rule *rule, unsigned i, int64_t raw)
{
	struct work_list *list = &work->list[rule->list];
	size_t at = rule->index + i;
	int64_t value = 0;
	enum outcome outcome = judge(rule, raw, &value);

	if (outcome == VALUE_FINE) {
		list->item[at] = (int32_t)value;
		list->used = at + 1;
	} else {
		list->item[at] = READING_ITEM_UNKNOWN;
		work_put_item(work, rule, i, outcome, value);
	}
}

static inline void
list_put(struct work *work, const struct rule *rule, struct work_list *list,
    unsigned i, int64_t raw)
{
	size_t at = rule->index + i;

	if (raw >= rule->raw_low && raw <= rule->raw_high &&
	    rule->scaling.den == 1) {
		list->item[at] =
		    (int32_t)(raw * rule->scaling.num + rule->scaling.add);
		list->used = at + 1;
		return;
	}
	list_judge(work, rule, i, raw);
}

static void
list_close(struct work_list *list, const struct rule *rule, size_t filled)
{
	list->filled = filled;
	if (list->used > rule->index)
		list->known = true;
}

/* All of them from one block; false where they lie in several. */
static bool
registers(struct work *work, const struct rule *rule)
{
	struct work_list *list = &work->list[rule->list];
	const struct source *source = rule->source;
	bool is_signed = source->type == SOURCE_S16;
	const uint8_t *data = evidence_bytes(&work->evidence, source->function,
	    source->address, 2U * rule->count);
	int64_t low = rule->raw_low, high = rule->raw_high;
	int64_t num = rule->scaling.num, more = rule->scaling.add;
	bool whole = rule->scaling.den == 1;
	unsigned used = 0;
	int32_t *item;

	if (data == NULL || !list_open(work, rule))
		return false;
	item = list->item + rule->index;
	for (unsigned i = 0; i < rule->count; i++, data += 2) {
		uint16_t half = (uint16_t)(data[0] << 8 | data[1]);
		int64_t raw = is_signed ? (int16_t)half : half;

		if (raw >= low && raw <= high && whole) {
			item[i] = (int32_t)(raw * num + more);
			used = i + 1;
		} else {
			list_judge(work, rule, i, raw);
		}
	}
	if (used > 0 && list->used < rule->index + used)
		list->used = rule->index + used;
	list_close(list, rule, rule->index + (size_t)rule->count);
	return true;
}

static void
one_slot(struct work *work, const struct rule *rule)
{
	int64_t raw;

	if (evidence_slot(&work->evidence, rule->source->address, &raw))
		put(work, rule, raw);
}

#define WINDOW 64

/* The marks of up to 64 slots, wherever the first of them is. */
static inline uint64_t
window(const uint64_t *set, uint32_t first, uint32_t count)
{
	unsigned shift = first % 64;
	uint64_t marks = set[first / 64] >> shift;

	if (shift > 0 && count > 64 - shift)
		marks |= set[first / 64 + 1] << (64 - shift);
	return count >= WINDOW ? marks : marks & ((UINT64_C(1) << count) - 1);
}

/* Of a window of a rule's slots those that came and are said to be valid. */
static inline uint64_t
good_slots(const struct evidence *e, const struct rule *rule, uint32_t at)
{
	uint32_t count = rule->count - at, valid;
	uint64_t marks = window(e->slot_set, rule->source->address + at, count);
	uint64_t fine = 0, left;

	if (marks == 0 || rule->valid == NULL)
		return marks;
	valid = rule->valid->address + at;
	if (rule->valid_is == 0)
		return marks & window(e->slot_set, valid, count) &
		    ~window(e->slot_live, valid, count);
	left = marks & window(e->slot_live, valid, count);
	for (; left != 0; left &= left - 1)
		if (e->slots[valid + (unsigned)__builtin_ctzll(left)] ==
		    rule->valid_is)
			fine |= left & -left;
	return fine;
}

/* The slots that came, and those between them as unknown. */
static bool
slots(struct work *work, const struct rule *rule)
{
	struct work_list *list = &work->list[rule->list];
	const struct evidence *e = &work->evidence;
	uint32_t first = rule->source->address;

	if (!list_open(work, rule))
		return false;
	for (uint32_t at = 0; at < rule->count; at += WINDOW) {
		uint64_t marks = good_slots(e, rule, at);

		for (; marks != 0; marks &= marks - 1) {
			unsigned i = at + (unsigned)__builtin_ctzll(marks);
			int64_t raw = 0;

			(void)evidence_slot(e, first + i, &raw);
			if (list->filled < rule->index + i)
				work_fill(list, rule->index + i);
			list->filled = rule->index + i + 1;
			list_put(work, rule, list, i, raw);
		}
	}
	list_close(list, rule, list->filled);
	return true;
}

static void
each(struct work *work, const struct rule *rule)
{
	const struct evidence *e = &work->evidence;
	enum work_text which = rule->measurement == MEASUREMENT_fault_codes
	    ? TEXT_FAULTS
	    : TEXT_WARNINGS;
	uint32_t first = rule->source->address;

	for (uint32_t at = 0; at < rule->count; at += WINDOW) {
		uint32_t count = rule->count - at;
		uint64_t live = window(e->slot_live, first + at, count);

		if (live == 0 && window(e->slot_set, first + at, count) == 0)
			continue;
		work->text[which].seen = true;
		for (; live != 0; live &= live - 1) {
			const struct choice *choice = &rule->choices[at +
			    (unsigned)__builtin_ctzll(live)];

			if (choice->word >= 0)
				work_text(work, which, choice->json,
				    choice->json_size);
		}
	}
}

/* False where the rule has no shorter way. */
static inline bool
fast_rule(struct work *work, const struct rule *rule)
{
	switch ((enum rule_fast)rule->fast) {
	case FAST_REGISTER:
		one_register(work, rule);
		return true;
	case FAST_REGISTERS:
		return registers(work, rule);
	case FAST_SLOT:
		one_slot(work, rule);
		return true;
	case FAST_SLOTS:
		return slots(work, rule);
	case FAST_EACH:
		each(work, rule);
		return true;
	case FAST_STATE:
		fast_state(work, rule);
		return true;
	default:
		return false;
	}
}

void
work_rules(struct work *work)
{
	const struct rule *rule = work->profile->rules;
	const struct rule *end = rule + work->profile->rule_count;

	for (; rule < end; rule++)
		if (rule->run > 1 && fast_quiet(work, rule))
			rule += rule->run - 1;
		else if (!fast_rule(work, rule))
			work_rule(work, rule);
}
