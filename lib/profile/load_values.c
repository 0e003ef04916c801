/* What raw values and bits stand for, and when a rule holds. */
#include <string.h>

#include "profile/load.h"

static bool
has_name(const struct rule *rule, size_t count, const char *json)
{
	for (size_t i = 0; i < count; i++)
		if (rule->choices[i].json != NULL &&
		    rule->choices[i].json != json &&
		    strcmp(rule->choices[i].json, json) == 0)
			return true;
	return false;
}

/* A map names each of its members once, in whatever rule. */
static int
name_once(struct loader *l, const struct rule *rule, const char *json)
{
	const struct profile *p = l->profile;
	bool found = has_name(rule, rule->choice_count, json);

	for (size_t i = 0; i < p->rule_count && !found; i++)
		found = p->rules[i].measurement == rule->measurement &&
		    has_name(&p->rules[i], p->rules[i].choice_count, json);
	return found
	    ? failure_set(l->why, EXIT_WRONG, "%s is named twice", json)
	    : 0;
}

/* The text of a choice in the form that the rule's shape prints. */
static int
choice_text(struct loader *l, const struct rule *rule, const json_t *text,
    struct choice *choice)
{
	const struct measurement *m = &measurement_table[rule->measurement];
	const char *word = json_string_value(text);
	struct buf json = { 0 };

	choice->word = -1;
	if (json_is_null(text))
		return 0;
	if (word == NULL)
		return failure_set(l->why, EXIT_WRONG,
		    "values and bits stand for texts or null");
	if (m->shape == SHAPE_WORD) {
		choice->word =
		    measurement_word(rule->measurement, word, strlen(word));
		if (choice->word < 0)
			return failure_set(l->why, EXIT_WRONG,
			    "%s is none of its words", word);
		return 0;
	}
	json_put_text(&json, word, strlen(word));
	if (m->shape == SHAPE_MAP)
		buf_char(&json, ':');
	choice->json = arena_text(&l->profile->arena, json.data, json.size);
	choice->json_size = (uint32_t)json.size;
	choice->word = 0;
	buf_free(&json);
	if (m->shape == SHAPE_MAP)
		return name_once(l, rule, choice->json);
	return 0;
}

/* {"3": "text", …} */
static int
table(struct loader *l, const json_t *object, struct rule *rule, int64_t high)
{
	size_t size = json_object_size(object);
	struct choice *choices;
	const char *key;
	json_t *text;

	/* bits need not be named: they are unknown_bit_N then */
	if (!json_is_object(object) || (size == 0 && high == 0) ||
	    size > PROFILE_CHOICES_MAX)
		return failure_set(l->why, EXIT_WRONG,
		    "values or bits: not an object of 1 to %d members",
		    PROFILE_CHOICES_MAX);
	choices =
	    arena_alloc(&l->profile->arena, (size + 1) * sizeof(*choices));
	memset(choices, 0, size * sizeof(*choices));
	rule->choices = choices;
	json_object_foreach((json_t *)(uintptr_t)object, key, text)
	{
		struct choice *choice = &choices[rule->choice_count++];

		if ((!load_integer(key, &choice->raw) &&
			(high > 0 || !load_word(l, rule, key, &choice->raw))) ||
		    (high > 0 && (choice->raw < 0 || choice->raw > high)))
			return failure_set(l->why, EXIT_WRONG,
			    "%s is no raw value or bit", key);
		if (choice_text(l, rule, text, choice) != 0)
			return -1;
	}
	return 0;
}

/* "signals": {"Name": "text", …}: a choice for each source. */
static int
each(struct loader *l, const json_t *names, const char *member,
    struct rule *rule)
{
	size_t size = json_object_size(names);
	struct source *sources;
	struct choice *choices;
	const char *key;
	json_t *text;

	if (size == 0 || size > PROFILE_CHOICES_MAX)
		return failure_set(l->why, EXIT_WRONG, "%s: not 1 to %d",
		    member, PROFILE_CHOICES_MAX);
	sources = arena_alloc(&l->profile->arena, size * sizeof(*sources));
	choices = arena_alloc(&l->profile->arena, size * sizeof(*choices));
	memset(sources, 0, size * sizeof(*sources));
	memset(choices, 0, size * sizeof(*choices));
	rule->action = RULE_EACH;
	rule->source = sources;
	rule->choices = choices;
	rule->count = 0;
	json_object_foreach((json_t *)(uintptr_t)names, key, text)
	{
		if (load_named(l, member, key, &sources[rule->count]) != 0 ||
		    choice_text(l, rule, text, &choices[rule->count]) != 0)
			return -1;
		rule->choice_count = ++rule->count;
	}
	return 0;
}

/* "fixed": "production" */
static int
fixed(struct loader *l, const json_t *text, struct rule *rule)
{
	struct choice *choice =
	    arena_alloc(&l->profile->arena, sizeof(*choice));

	memset(choice, 0, sizeof(*choice));
	rule->action = RULE_FIXED;
	rule->choices = choice;
	rule->choice_count = 1;
	if (measurement_table[rule->measurement].shape != SHAPE_WORD)
		return failure_set(l->why, EXIT_WRONG, "fixed: only for words");
	return choice_text(l, rule, text, choice);
}

static int
action_without_table(struct loader *l, struct rule *rule)
{
	int shape = measurement_table[rule->measurement].shape;

	switch (shape) {
	case SHAPE_NUMBER:
	case SHAPE_LIST:
	case SHAPE_TIME:
		rule->action = RULE_NUMBER;
		break;
	case SHAPE_FLAG:
		rule->action = RULE_FLAG;
		break;
	case SHAPE_TEXT:
		rule->action = RULE_STRING;
		break;
	default:
		return failure_set(
		    l->why, EXIT_WRONG, "needs values, bits or named signals");
	}
	if (rule->source == NULL)
		return failure_set(
		    l->why, EXIT_WRONG, "does not say where it is found");
	if (rule->source->type == SOURCE_STRING && shape != SHAPE_TEXT)
		return failure_set(
		    l->why, EXIT_WRONG, "type: a string is no number");
	return 0;
}

/* "bits" of a list is true: the numbers of the bits that are set. */
static int
bits_of(struct loader *l, const json_t *bits, struct rule *rule)
{
	int shape = measurement_table[rule->measurement].shape;
	int64_t width;

	if (shape == SHAPE_LIST && json_is_true(bits)) {
		rule->action = RULE_BIT_LIST;
		return 0;
	}
	if (shape != SHAPE_CODES && shape != SHAPE_MAP)
		return failure_set(
		    l->why, EXIT_WRONG, "bits: not for this measurement");
	rule->action = RULE_BITS;
	/* one above what there is would never be set: a slip */
	width = rule_bit_width(rule);
	return table(l, bits, rule, width > 1 ? width - 1 : 63);
}

/* "values": "dbc": the words of the DBC file. */
static int
values_of_dbc(struct loader *l, struct rule *rule)
{
	json_t *words = load_words(l, rule);
	int status = words == NULL ? -1 : table(l, words, rule, 0);

	json_decref(words);
	return status;
}

static int
values_of(struct loader *l, const json_t *values, struct rule *rule)
{
	int shape = measurement_table[rule->measurement].shape;

	if (shape != SHAPE_WORD && shape != SHAPE_CODES && shape != SHAPE_TEXT)
		return failure_set(
		    l->why, EXIT_WRONG, "values: not for this measurement");
	rule->action = shape == SHAPE_WORD ? RULE_WORD : RULE_CHOICE;
	if (json_is_string(values) &&
	    strcmp(json_string_value(values), "dbc") == 0)
		return values_of_dbc(l, rule);
	return table(l, values, rule, 0);
}

int
load_values(struct loader *l, const json_t *object, struct rule *rule)
{
	const json_t *values = json_object_get(object, "values");
	const json_t *bits = json_object_get(object, "bits");
	const json_t *signals = json_object_get(object, "signals");
	const json_t *items = json_object_get(object, "items");
	int shape = measurement_table[rule->measurement].shape;

	if (json_object_get(object, "sum") != NULL)
		return load_sum(l, json_object_get(object, "sum"), rule);
	if (json_object_get(object, "fixed") != NULL)
		return fixed(l, json_object_get(object, "fixed"), rule);
	if (json_is_object(signals) || json_is_object(items)) {
		if (shape != SHAPE_CODES && shape != SHAPE_MAP)
			return failure_set(l->why, EXIT_WRONG,
			    "named signals: not for this measurement");
		return json_is_object(signals)
		    ? each(l, signals, "signals", rule)
		    : each(l, items, "items", rule);
	}
	if (values == NULL && bits == NULL)
		return action_without_table(l, rule);
	if (rule->source == NULL)
		return failure_set(
		    l->why, EXIT_WRONG, "does not say where it is found");
	return values != NULL ? values_of(l, values, rule)
			      : bits_of(l, bits, rule);
}

static int
one_condition(
    struct loader *l, const json_t *object, struct condition *condition)
{
	static const char *const members[] = { "at", "function", "type", "size",
		"order", "model", "frame", "tag", "command", "part", "signal",
		"item", "digits", "bit", "width", "signed", "instance",
		"equals", "not", "above", "below", NULL };
	static const char *const tests[] = { "equals", "not", "above", "below",
		NULL };
	int64_t than[4] = { 0, 0, 0, 0 };
	int test = -1;

	if (json_members_known(object, members, l->why) != 0)
		return -1;
	for (int i = 0; tests[i] != NULL; i++) {
		if (json_object_get(object, tests[i]) == NULL)
			continue;
		if (test >= 0 ||
		    json_member_integer(object, tests[i], false, INT64_MIN + 1,
			INT64_MAX - 1, &than[i], l->why) != 0)
			return failure_set(l->why, EXIT_WRONG,
			    "when: one test with a raw value");
		test = i;
	}
	if (test < 0 || !load_has_source(object))
		return failure_set(l->why, EXIT_WRONG,
		    "when: a place, and equals, not, above or below");
	condition->low = test == 2 ? than[2] + 1 : INT64_MIN;
	condition->high = test == 3 ? than[3] - 1 : INT64_MAX;
	if (test <= 1)
		condition->low = condition->high = than[test];
	condition->negate = test == 1;
	return load_source(l, object, &condition->source);
}

int
load_when(struct loader *l, const json_t *object, struct rule *rule)
{
	const json_t *when = json_object_get(object, "when");
	size_t count =
	    json_is_array(when) ? json_array_size(when) : when != NULL;
	struct condition *made;

	if (count > PROFILE_WHEN_MAX)
		return failure_set(l->why, EXIT_WRONG,
		    "when: more than %d conditions", PROFILE_WHEN_MAX);
	if (count == 0)
		return 0;
	made = arena_alloc(&l->profile->arena, count * sizeof(*made));
	memset(made, 0, count * sizeof(*made));
	for (size_t i = 0; i < count; i++) {
		const json_t *one =
		    json_is_array(when) ? json_array_get(when, i) : when;

		if (!json_is_object(one))
			return failure_set(
			    l->why, EXIT_WRONG, "when: not an object");
		if (one_condition(l, one, &made[i]) != 0)
			return -1;
	}
	rule->when = made;
	rule->when_count = count;
	return 0;
}
