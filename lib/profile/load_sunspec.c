/*
 * Rules of SunSpec models: one that names several models, or several
 * instances of one, is written out as a rule for each of them, and what it
 * says of other places holds for the same model.
 */
#include "profile/load.h"

static const char *const places[] = { "exponent", "per", "count", "when", "sum",
	NULL };

/* An object that says a place but no model of its own. */
static void
inherit_one(json_t *place, json_int_t model, json_int_t instance)
{
	if (!json_is_object(place) || json_object_get(place, "model") != NULL)
		return;
	json_object_set_new(place, "model", json_integer(model));
	json_object_set_new(place, "instance", json_integer(instance));
}

static void
inherit(json_t *rule, json_int_t model, json_int_t instance)
{
	for (size_t i = 0; places[i] != NULL; i++) {
		json_t *place = json_object_get(rule, places[i]);

		inherit_one(place, model, instance);
		for (size_t k = 0; k < json_array_size(place); k++)
			inherit_one(json_array_get(place, k), model, instance);
	}
}

static void
put_rule(
    json_t *rules, const json_t *object, json_int_t model, json_int_t instance)
{
	json_t *rule = json_deep_copy(object);

	json_object_set_new(rule, "model", json_integer(model));
	json_object_set_new(rule, "instance", json_integer(instance));
	inherit(rule, model, instance);
	json_array_append_new(rules, rule);
}

static int
put_models(struct loader *l, const json_t *object, json_t *rules)
{
	json_t *models = json_object_get(object, "model");
	size_t count = json_is_array(models) ? json_array_size(models) : 1;
	int64_t instance = 0, instances = 1;

	if (json_member_integer(object, "instance", false, 0,
		SUNSPEC_INSTANCES_MAX - 1, &instance, l->why) != 0 ||
	    json_member_integer(object, "instances", false, 1,
		SUNSPEC_INSTANCES_MAX, &instances, l->why) != 0)
		return -1;
	if (instance + instances > SUNSPEC_INSTANCES_MAX)
		return failure_set(l->why, EXIT_WRONG, "instances: too many");
	for (size_t i = 0; i < count; i++) {
		const json_t *model =
		    json_is_array(models) ? json_array_get(models, i) : models;

		if (!json_is_integer(model))
			return failure_set(
			    l->why, EXIT_WRONG, "model: not a number");
		for (int64_t k = 0; k < instances; k++)
			put_rule(rules, object, json_integer_value(model),
			    instance + k);
	}
	return count > 0 ? 0
			 : failure_set(l->why, EXIT_WRONG, "model: names none");
}

json_t *
load_model_rules(struct loader *l, const json_t *object)
{
	json_t *rules = json_array();

	if (!l->profile->sunspec || !json_is_object(object) ||
	    json_object_get(object, "model") == NULL) {
		json_array_append(rules, (json_t *)(uintptr_t)object);
		return rules;
	}
	if (put_models(l, object, rules) == 0)
		return rules;
	json_decref(rules);
	return NULL;
}
