/* "sum": several raw numbers that together make one measurement. */
#include <string.h>

#include "profile/load.h"
#include "profile/work.h"

bool
work_sum(struct work *work, const struct rule *rule, struct raw *sum)
{
	bool known = false, whole = true, fits = true;
	int64_t number = 0;
	double real = 0;

	for (unsigned i = 0; i < rule->count && fits; i++) {
		bool minus = (rule->minus >> i & 1) != 0;
		struct raw raw;
		double one;

		evidence_raw(&work->evidence, &rule->source[i], 0, 0, &raw);
		if (raw.kind == RAW_NONE)
			return false;
		if (!work_known(rule, &raw))
			continue;
		known = true;
		whole &= raw.kind == RAW_INTEGER;
		one = raw.kind == RAW_INTEGER ? (double)raw.number : raw.real;
		real += minus ? -one : one;
		if (whole && minus)
			fits = !__builtin_sub_overflow(
			    number, raw.number, &number);
		else if (whole)
			fits = !__builtin_add_overflow(
			    number, raw.number, &number);
	}
	sum->kind = whole ? RAW_INTEGER : RAW_REAL;
	sum->number = number;
	sum->real = real;
	return known && fits;
}

/* One term: a place, and whether it is taken off. */
static int
term(struct loader *l, const json_t *object, struct source *source, bool *minus)
{
	static const char *const members[] = { "at", "function", "type", "size",
		"order", "model", "frame", "tag", "command", "part", "signal",
		"item", "bit", "width", "signed", "minus", "encode", "instance",
		NULL };

	if (!json_is_object(object) || !load_has_source(object))
		return failure_set(l->why, EXIT_WRONG, "not a place");
	if (json_members_known(object, members, l->why) != 0 ||
	    json_member_bool(object, "minus", minus, l->why) != 0)
		return -1;
	if (load_source(l, object, source) != 0)
		return -1;
	if (source->type == SOURCE_COILS || source->type == SOURCE_STRING)
		return failure_set(l->why, EXIT_WRONG, "not a number");
	return 0;
}

int
load_sum(struct loader *l, const json_t *terms, struct rule *rule)
{
	size_t count = json_array_size(terms);
	struct source *sources;

	if (count < 2 || count > PROFILE_SUM_MAX || rule->is_list ||
	    rule->source != NULL ||
	    measurement_table[rule->measurement].shape != SHAPE_NUMBER)
		return failure_set(l->why, EXIT_WRONG,
		    "sum: not 2 to %d places of one number", PROFILE_SUM_MAX);
	sources = arena_alloc(&l->profile->arena, count * sizeof(*sources));
	memset(sources, 0, count * sizeof(*sources));
	for (size_t i = 0; i < count; i++) {
		bool minus = false;

		if (term(l, json_array_get(terms, i), &sources[i], &minus) != 0)
			return failure_prefix(l->why, "sum[%zu]", i);
		rule->minus |= (uint32_t)minus << i;
	}
	rule->action = RULE_SUM;
	rule->source = sources;
	rule->count = (uint16_t)count;
	rule->stride = 0;
	return 0;
}
