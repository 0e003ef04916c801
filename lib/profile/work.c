/* One rule at a time: raw values to measurements. */
#include <string.h>

#include "base/num.h"
#include "profile/work.h"

static bool
is_absent(const struct rule *rule, const struct raw *raw)
{
	if (raw->kind != RAW_INTEGER)
		return raw->kind != RAW_REAL;
	for (size_t i = 0; i < rule->absent_count; i++)
		if (rule->absent[i] == raw->number)
			return true;
	return false;
}

/* A real that is a whole number can be marked as absent as well. */
static void
settle(const struct rule *rule, struct raw *raw)
{
	if (raw->kind != RAW_REAL || rule->absent_count == 0)
		return;
	for (size_t i = 0; i < rule->absent_count; i++)
		if (raw->real <= (double)rule->absent[i] &&
		    raw->real >= (double)rule->absent[i])
			raw->kind = RAW_NONE;
}

bool
work_known(const struct rule *rule, struct raw *raw)
{
	settle(rule, raw);
	if (is_absent(rule, raw))
		return false;
	return raw->kind != RAW_REAL || raw->real == raw->real; /* a number */
}

enum outcome
work_scaled(const struct rule *rule, const struct raw *raw,
    const struct raw *power, int64_t *value)
{
	bool fits;

	if (rule->source->type == SOURCE_U64 && raw->number < 0)
		return VALUE_TOO_LARGE;
	if (power != NULL &&
	    (power->kind != RAW_INTEGER || power->number < -10 ||
		power->number > 10))
		return VALUE_ABSENT;
	if (power != NULL)
		fits = raw->kind == RAW_INTEGER &&
		    scaling_apply_power(
			&rule->scaling, raw->number, (int)power->number, value);
	else if (raw->kind == RAW_REAL)
		fits = scaling_apply_real(&rule->scaling, raw->real, value);
	else
		fits = scaling_apply(&rule->scaling, raw->number, value);
	if (!fits)
		return VALUE_TOO_LARGE;
	if (*value < rule->low || *value > rule->high)
		return VALUE_REFUSED;
	return VALUE_FINE;
}

void
work_put(struct work *work, const struct rule *rule, enum outcome outcome,
    int64_t value)
{
	if (outcome == VALUE_FINE)
		reading_set(work->reading, rule->measurement, value);
	else if (outcome == VALUE_REFUSED)
		work_refuse(work, rule, -1, &value);
	else if (outcome == VALUE_TOO_LARGE)
		work_refuse(work, rule, -1, NULL);
}

/* A part of another number; of nothing there is none. */
static void
divide(struct work *work, const struct rule *rule, struct raw *raw)
{
	struct raw whole;

	evidence_raw(&work->evidence, rule->per, 0, 0, &whole);
	if (raw->kind != RAW_INTEGER || whole.kind != RAW_INTEGER ||
	    whole.number <= 0) {
		raw->kind = RAW_NONE;
		return;
	}
	raw->real = (double)raw->number / (double)whole.number;
	raw->kind = RAW_REAL;
}

static void
number_rule(struct work *work, const struct rule *rule, const struct raw *power)
{
	enum outcome outcome;
	struct raw raw;
	int64_t value = 0;

	evidence_item(&work->evidence, rule, 0, &raw);
	if (!work_known(rule, &raw))
		return;
	if (rule->per != NULL)
		divide(work, rule, &raw);
	outcome = work_scaled(rule, &raw, power, &value);
	work_put(work, rule, outcome, value);
}

static void
sum_rule(struct work *work, const struct rule *rule, const struct raw *power)
{
	enum outcome outcome;
	struct raw raw;
	int64_t value = 0;

	if (!work_sum(work, rule, &raw))
		return;
	outcome = work_scaled(rule, &raw, power, &value);
	work_put(work, rule, outcome, value);
}

/* The bits of all sources together; false where none was there. */
static bool
all_bits(struct work *work, const struct rule *rule, uint64_t *bits)
{
	struct raw raw;
	bool found = false;

	*bits = 0;
	for (unsigned i = 0; i < rule->count; i++) {
		evidence_item(&work->evidence, rule, i, &raw);
		if (raw.kind != RAW_INTEGER || is_absent(rule, &raw))
			continue;
		*bits |= (uint64_t)raw.number;
		found = true;
	}
	return found;
}

static void
flag_rule(struct work *work, const struct rule *rule)
{
	struct raw raw;
	bool found = false, set = false;

	for (unsigned i = 0; i < rule->count; i++) {
		evidence_item(&work->evidence, rule, i, &raw);
		if (raw.kind != RAW_INTEGER || is_absent(rule, &raw))
			continue;
		found = true;
		set |=
		    rule->has_set ? raw.number == rule->set : raw.number != 0;
	}
	if (found)
		reading_set(
		    work->reading, rule->measurement, set != rule->invert);
}

static enum work_text
text_of(const struct rule *rule)
{
	if (rule->measurement == MEASUREMENT_fault_codes)
		return TEXT_FAULTS;
	return rule->measurement == MEASUREMENT_warning_codes ? TEXT_WARNINGS
							      : TEXT_PROTECTION;
}

static void
bits_rule(struct work *work, const struct rule *rule)
{
	enum work_text which = text_of(rule);
	uint64_t bits;

	if (!all_bits(work, rule, &bits))
		return;
	work->text[which].seen = true;
	if (bits == 0 && which != TEXT_PROTECTION)
		return;
	for (size_t i = 0; i < rule->choice_count; i++) {
		const struct choice *choice = &rule->choices[i];
		bool set = (bits >> choice->raw & 1) != 0;

		if (choice->word < 0)
			continue;
		if (which == TEXT_PROTECTION)
			work_pair(
			    work, which, choice->json, choice->json_size, set);
		else if (set)
			work_text(work, which, choice->json, choice->json_size);
	}
}

static void
each_rule(struct work *work, const struct rule *rule)
{
	enum work_text which = text_of(rule);
	struct raw raw;

	for (unsigned i = 0; i < rule->count; i++) {
		const struct choice *choice = &rule->choices[i];
		bool set;

		evidence_item(&work->evidence, rule, i, &raw);
		if (raw.kind != RAW_INTEGER || is_absent(rule, &raw))
			continue;
		work->text[which].seen = true;
		set = rule->has_set ? raw.number == rule->set : raw.number != 0;
		if (choice->word < 0)
			continue;
		if (which == TEXT_PROTECTION)
			work_pair(
			    work, which, choice->json, choice->json_size, set);
		else if (set)
			work_text(work, which, choice->json, choice->json_size);
	}
}

static void
choice_rule(struct work *work, const struct rule *rule)
{
	const struct choice *choice = NULL;
	struct raw raw;

	evidence_item(&work->evidence, rule, 0, &raw);
	if (raw.kind != RAW_INTEGER || is_absent(rule, &raw))
		return;
	for (size_t i = 0; i < rule->choice_count && choice == NULL; i++)
		if (rule->choices[i].raw == raw.number)
			choice = &rule->choices[i];
	if (rule->action == RULE_CHOICE &&
	    measurement_table[rule->measurement].shape != SHAPE_TEXT)
		work->text[text_of(rule)].seen = true;
	if (choice == NULL || choice->word < 0)
		return;
	if (rule->action == RULE_WORD)
		reading_set(work->reading, rule->measurement, choice->word);
	else if (measurement_table[rule->measurement].shape == SHAPE_TEXT)
		reading_set_text(work->reading, rule->measurement, choice->json,
		    choice->json_size);
	else
		work_text(work, text_of(rule), choice->json, choice->json_size);
}

static void
string_rule(struct work *work, const struct rule *rule)
{
	struct buf json = { 0 };
	struct raw raw;

	evidence_item(&work->evidence, rule, 0, &raw);
	if (raw.kind != RAW_TEXT || raw.text_size > READING_TEXT_MAX / 8)
		return;
	json_put_text(&json, raw.text, raw.text_size);
	reading_set_text(work->reading, rule->measurement,
	    arena_text(work->arena, json.data, json.size), json.size);
	buf_free(&json);
}

/* Where the power of ten of a rule is found; NULL where there is none. A
 * scale factor that the device does not have means: as it stands. */
static const struct raw *
power_of(struct work *work, const struct rule *rule, struct raw *exponent)
{
	struct raw raw;

	if (rule->exponent == NULL)
		return NULL;
	evidence_raw(&work->evidence, rule->exponent, 0, 0, exponent);
	if (rule->exponent->sentinel != SENTINEL_SCALE ||
	    exponent->kind != RAW_INTEGER || exponent->number != INT16_MIN)
		return exponent;
	evidence_item(&work->evidence, rule, 0, &raw);
	if (work_known(rule, &raw))
		work_note(work, "scale factor not implemented");
	return NULL;
}

void
work_rule(struct work *work, const struct rule *rule)
{
	const struct raw *power;
	struct raw exponent;

	if (rule->when_count > 0 &&
	    !evidence_holds(&work->evidence, rule->when, rule->when_count))
		return;
	power = power_of(work, rule, &exponent);
	switch ((enum rule_action)rule->action) {
	case RULE_NUMBER:
		if (rule->is_list)
			work_list_rule(work, rule, power);
		else
			number_rule(work, rule, power);
		break;
	case RULE_SUM:
		sum_rule(work, rule, power);
		break;
	case RULE_FLAG:
		flag_rule(work, rule);
		break;
	case RULE_BITS:
		bits_rule(work, rule);
		break;
	case RULE_EACH:
		each_rule(work, rule);
		break;
	case RULE_BIT_LIST:
		work_list_bits(work, rule);
		break;
	case RULE_WORD:
	case RULE_CHOICE:
		choice_rule(work, rule);
		break;
	case RULE_STRING:
		string_rule(work, rule);
		break;
	case RULE_FIXED:
		reading_set(
		    work->reading, rule->measurement, rule->choices->word);
		break;
	}
}
