/* Paths into JSON values; see json_path.h. */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "json/json_path.h"

#define INDEX_MAX 4095

enum step_kind { STEP_NAME, STEP_INDEX, STEP_MATCH, STEP_EACH };

struct step {
	enum step_kind kind;
	const char *name; /* STEP_NAME, STEP_MATCH */
	size_t name_size;
	const char *text; /* STEP_MATCH: what the member has */
	size_t text_size;
	int64_t index;
};

struct cursor {
	const char *at, *end;
	bool first;
};

/* [3], [*] or [name=text]; `at` is behind the bracket. */
static bool
next_bracket(struct cursor *cursor, struct step *step)
{
	size_t left = (size_t)(cursor->end - cursor->at);
	const char *close = memchr(cursor->at, ']', left);
	const char *equals;
	size_t size;

	if (close == NULL || close == cursor->at)
		return false;
	size = (size_t)(close - cursor->at);
	equals = memchr(cursor->at, '=', size);
	if (equals != NULL) {
		step->kind = STEP_MATCH;
		step->name = cursor->at;
		step->name_size = (size_t)(equals - cursor->at);
		step->text = equals + 1;
		step->text_size = (size_t)(close - equals) - 1;
	} else if (size == 1 && *cursor->at == '*') {
		step->kind = STEP_EACH;
	} else {
		step->kind = STEP_INDEX;
		if (!num_integer(cursor->at, size, 0, INDEX_MAX, &step->index))
			return false;
	}
	cursor->at = close + 1;
	cursor->first = false;
	return step->kind != STEP_MATCH ||
	    (step->name_size > 0 && step->text_size > 0);
}

/* The next step; false at the end, and where there is none (at < end). */
static bool
next_step(struct cursor *cursor, struct step *step)
{
	const char *start = cursor->at;

	if (start == cursor->end)
		return false;
	if (*start == '[') {
		cursor->at++;
		if (next_bracket(cursor, step))
			return true;
		cursor->at = start;
		return false;
	}
	if (!cursor->first) {
		if (*start != '.')
			return false;
		start++;
	}
	step->kind = STEP_NAME;
	step->name = start;
	while (start < cursor->end && *start != '.' && *start != '[' &&
	    *start != ']')
		start++;
	step->name_size = (size_t)(start - step->name);
	if (step->name_size == 0)
		return false;
	cursor->at = start;
	cursor->first = false;
	return true;
}

int
json_path_check(const char *path, size_t size, struct failure *why)
{
	struct cursor cursor = { path, path + size, true };
	unsigned steps = 0, each = 0;
	struct step step;

	while (next_step(&cursor, &step)) {
		steps++;
		each += step.kind == STEP_EACH;
	}
	if (size == 0 || size > JSON_PATH_MAX || cursor.at != cursor.end ||
	    steps > JSON_PATH_STEPS_MAX || each > 1 ||
	    memchr(path, '\0', size) != NULL)
		return failure_set(why, EXIT_WRONG,
		    "%.*s: not a path such as a.b[0].c[type=x]",
		    (int)(size < 200 ? size : 200), path);
	return 0;
}

/* Has this value the text of a match? */
static bool
same_text(const json_t *value, const struct step *step)
{
	const char *text = json_string_value(value);
	char number[32];

	if (json_is_boolean(value))
		text = json_is_true(value) ? "true" : "false";
	if (json_is_integer(value)) {
		(void)snprintf(number, sizeof(number), "%lld",
		    (long long)json_integer_value(value));
		text = number;
	}
	return text != NULL && strlen(text) == step->text_size &&
	    memcmp(text, step->text, step->text_size) == 0;
}

static json_t *
member(const json_t *object, const char *name, size_t size)
{
	return json_object_getn(object, name, size);
}

static json_t *
match(const json_t *array, const struct step *step)
{
	json_t *one;
	size_t i;

	json_array_foreach(array, i, one)
	{
		if (same_text(member(one, step->name, step->name_size), step))
			return one;
	}
	return NULL;
}

static const json_t *
follow(const json_t *value, const struct step *step)
{
	switch (step->kind) {
	case STEP_NAME:
		return member(value, step->name, step->name_size);
	case STEP_INDEX:
		return json_array_get(value, (size_t)step->index);
	case STEP_MATCH:
		return match(value, step);
	default:
		return NULL;
	}
}

/* What the rest of the path finds in one item. */
static json_t *
find_rest(const json_t *value, struct cursor cursor)
{
	struct step step;

	while (value != NULL && next_step(&cursor, &step))
		value = follow(value, &step);
	return value == NULL ? json_null()
			     : json_incref((json_t *)(uintptr_t)value);
}

const json_t *
json_path_get(const json_t *value, const char *path, size_t size, json_t **made)
{
	struct cursor cursor = { path, path + size, true };
	struct step step;
	json_t *one;
	size_t i;

	*made = NULL;
	while (value != NULL && next_step(&cursor, &step)) {
		if (step.kind != STEP_EACH) {
			value = follow(value, &step);
			continue;
		}
		if (!json_is_array(value))
			return NULL;
		*made = json_array();
		json_array_foreach(value, i, one)
		{
			json_array_append_new(*made, find_rest(one, cursor));
		}
		return *made;
	}
	return value;
}

/* ---- the other way ------------------------------------------------------ */

/* The container that the step wants; an old null gives way. */
static bool
become(json_t **value, bool array)
{
	if (*value == NULL)
		*value = array ? json_array() : json_object();
	return array ? json_is_array(*value) : json_is_object(*value);
}

static json_t *
made_match(json_t *array, const struct step *step)
{
	json_t *one = match(array, step);

	if (one != NULL)
		return json_incref(one);
	one = json_object();
	json_object_setn_new(one, step->name, step->name_size,
	    json_stringn(step->text, step->text_size));
	json_array_append(array, one);
	return one;
}

static bool put_rest(json_t **value, struct cursor cursor, json_t *leaf);

/* Put below an item of an array, which grows up to it. */
static bool
put_item(json_t *array, size_t index, struct cursor cursor, json_t *leaf)
{
	json_t *below = json_incref(json_array_get(array, index));
	bool fine;

	while (json_array_size(array) <= index)
		json_array_append_new(array, json_null());
	if (json_is_null(below)) {
		json_decref(below);
		below = NULL;
	}
	fine = put_rest(&below, cursor, leaf);
	json_array_set_new(array, index, below);
	return fine;
}

static bool
put_each(json_t *array, struct cursor cursor, json_t *leaves)
{
	bool fine = json_is_array(leaves);
	json_t *leaf;
	size_t i;

	json_array_foreach(leaves, i, leaf)
	{
		fine &= put_item(array, i, cursor, json_incref(leaf));
	}
	json_decref(leaves);
	return fine;
}

static bool
put_member(
    json_t *object, const struct step *step, struct cursor cursor, json_t *leaf)
{
	json_t *below =
	    json_incref(member(object, step->name, step->name_size));
	bool fine = put_rest(&below, cursor, leaf);

	json_object_setn_new(object, step->name, step->name_size, below);
	return fine;
}

static bool
put_rest(json_t **value, struct cursor cursor, json_t *leaf)
{
	struct step step;
	json_t *below, *one;
	bool fine;

	if (!next_step(&cursor, &step)) {
		json_decref(*value);
		*value = leaf;
		return true;
	}
	if (!become(value, step.kind != STEP_NAME)) {
		json_decref(leaf);
		return false;
	}
	switch (step.kind) {
	case STEP_NAME:
		return put_member(*value, &step, cursor, leaf);
	case STEP_INDEX:
		return put_item(*value, (size_t)step.index, cursor, leaf);
	case STEP_EACH:
		return put_each(*value, cursor, leaf);
	default:
		below = made_match(*value, &step);
		one = below;
		/* a leaf would stand beside the object, not in it */
		fine = put_rest(&below, cursor, leaf) && below == one;
		json_decref(below);
		return fine;
	}
}

bool
json_path_put(json_t **value, const char *path, size_t size, json_t *leaf)
{
	struct cursor cursor = { path, path + size, true };

	return put_rest(value, cursor, leaf);
}
