/* Where a rule finds its raw values: registers, bytes, signals, items. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "profile/framing.h"
#include "profile/load.h"

bool
load_integer(const char *text, int64_t *out)
{
	char *end;

	if (text[0] != '0' || (text[1] != 'x' && text[1] != 'X'))
		return num_integer(
		    text, strlen(text), INT64_MIN, INT64_MAX, out);
	if (text[2] == '\0' || strlen(text) > 18 ||
	    strspn(text + 2, "0123456789abcdefABCDEF") != strlen(text + 2))
		return false;
	*out = (int64_t)strtoull(text, &end, 16);
	return *end == '\0';
}

int
load_address(struct loader *l, const json_t *object, const char *name,
    int64_t high, int64_t *out)
{
	const json_t *member = json_object_get(object, name);
	bool fine;

	if (member == NULL)
		return 0;
	if (json_is_string(member)) {
		fine = load_integer(json_string_value(member), out);
	} else {
		fine = json_is_integer(member);
		*out = json_integer_value(member);
	}
	if (!fine || *out < 0 || *out > high)
		return failure_set(l->why, EXIT_WRONG,
		    "%s: not a number from 0 to %lld", name, (long long)high);
	return 0;
}

int
load_decimal(struct loader *l, const json_t *object, const char *name,
    struct decimal *out)
{
	const json_t *member = json_object_get(object, name);
	char text[64];

	if (member == NULL)
		return 0;
	if (json_is_string(member))
		(void)snprintf(
		    text, sizeof(text), "%s", json_string_value(member));
	else if (json_is_integer(member))
		(void)snprintf(text, sizeof(text), "%lld",
		    (long long)json_integer_value(member));
	else /* 15 digits give back what was written, not its double */
		(void)snprintf(
		    text, sizeof(text), "%.15g", json_number_value(member));
	if ((!json_is_string(member) && !json_is_number(member)) ||
	    !decimal_parse(text, strlen(text), out))
		return failure_set(
		    l->why, EXIT_WRONG, "%s: not a number", name);
	return 0;
}

bool
load_has_source(const json_t *object)
{
	return json_object_get(object, "at") != NULL ||
	    json_object_get(object, "tag") != NULL ||
	    json_object_get(object, "command") != NULL ||
	    json_object_get(object, "signal") != NULL ||
	    json_object_get(object, "item") != NULL;
}

/* "at", and before it what it counts from. */
static int
place_of(struct loader *l, const json_t *object, struct source *source)
{
	struct profile *p = l->profile;
	int64_t at = 0, high = 0, function = p->function, part = 0;
	int64_t last = p->sunspec ? SUNSPEC_LENGTH_MAX : UINT16_MAX;
	int64_t instance = 0;
	const char *from = NULL;

	if (p->sunspec)
		from = "model";
	else if (p->framing != NULL)
		from = p->framing->member;
	if (p->framing != NULL)
		high = p->framing->key;
	if (from != NULL &&
	    load_address(l, object, from, UINT16_MAX, &high) != 0)
		return -1;
	if (high < 0)
		return failure_set(l->why, EXIT_WRONG, "%s: is missing", from);
	if (p->framing != NULL && p->framing->has_parts &&
	    load_address(l, object, "part", 255, &part) != 0)
		return -1;
	high |= part << 8;
	if (load_address(l, object, "at", last, &at) != 0 ||
	    json_member_integer(object, "instance", false, 0,
		SUNSPEC_INSTANCES_MAX - 1, &instance, l->why) != 0 ||
	    json_member_integer(
		object, "function", false, 1, 4, &function, l->why) != 0)
		return -1;
	source->address = SUNSPEC_ADDRESS(high, instance, at);
	source->function = (uint8_t)function;
	return 0;
}

static int
part_of(struct loader *l, const json_t *object, struct source *source)
{
	int64_t shift = -1, bits = 1, encode = 0;

	if (json_member_integer(object, "bit", false, 0, 63, &shift, l->why) !=
		0 ||
	    json_member_integer(object, "width", false, 1, 63, &bits, l->why) !=
		0 ||
	    json_member_integer(object, "encode", false, INT64_MIN, INT64_MAX,
		&encode, l->why) != 0)
		return -1;
	if (json_member_bool(object, "signed", &source->part_signed, l->why) !=
	    0)
		return -1;
	if (shift >= 0) {
		source->shift = (uint8_t)shift;
		source->bits = (uint8_t)bits;
	}
	source->encode = encode;
	source->encode_is = json_object_get(object, "encode") != NULL;
	return 0;
}

/* Bits are read with functions 1 and 2, and only they are. */
static int
part_fits(struct loader *l, const struct source *source)
{
	if (l->profile->protocol == FRAME_MODBUS &&
	    (source->type == SOURCE_COILS) != (source->function <= 2))
		return failure_set(l->why, EXIT_WRONG,
		    "type: coils are for functions 1 and 2");
	return 0;
}

/* Several names of one item, newest first: the first one there counts. */
static int
item_name(struct loader *l, const json_t *names, const char **name)
{
	struct buf joined = { 0 };
	const json_t *one;
	size_t i;

	if (json_is_string(names)) {
		*name = json_string_value(names);
		return 0;
	}
	json_array_foreach(names, i, one)
	{
		if (!json_is_string(one))
			break;
		if (i > 0)
			buf_char(&joined, '|');
		buf_text(&joined, json_string_value(one));
	}
	if (i == 0 || i != json_array_size(names)) {
		buf_free(&joined);
		return failure_set(l->why, EXIT_WRONG,
		    "item: not a name or an array of names");
	}
	*name = arena_text(&l->profile->arena, joined.data, joined.size);
	buf_free(&joined);
	return 0;
}

static int
item_index(struct loader *l, const char *name, uint32_t *index)
{
	struct profile *p = l->profile;

	for (*index = 0; *index < p->item_count; (*index)++)
		if (strcmp(p->items[*index], name) == 0)
			return 0;
	if (p->item_count >= PROFILE_ITEMS_MAX)
		return failure_set(l->why, EXIT_WRONG, "too many items");
	if (p->item_count == p->item_room) {
		p->item_room = p->item_room * 2 + 16;
		p->items = mem_grow(p->items, p->item_room, sizeof(*p->items));
	}
	p->items[p->item_count++] = arena_text(&p->arena, name, strlen(name));
	return 0;
}

int
load_named(struct loader *l, const char *member, const char *name,
    struct source *source)
{
	if (l->profile->protocol == FRAME_CAN)
		return load_signal(l, name, source);
	if (strncmp(member, "item", 4) != 0)
		return failure_set(
		    l->why, EXIT_WRONG, "%s: only for protocol can", member);
	source->type = SOURCE_ITEM;
	return item_index(l, name, &source->address);
}

int
load_source(struct loader *l, const json_t *object, struct source *source)
{
	enum frame_protocol protocol = l->profile->protocol;
	const char *name = NULL;
	bool image = protocol == FRAME_MODBUS ||
	    (l->profile->framing != NULL &&
		l->profile->framing->member != NULL);

	memset(source, 0, sizeof(*source));
	if (part_of(l, object, source) != 0)
		return -1;
	if (image && json_object_get(object, "at") == NULL &&
	    (protocol == FRAME_MODBUS ||
		json_object_get(object, l->profile->framing->member) == NULL))
		return failure_set(l->why, EXIT_WRONG, "at: is missing");
	if (image)
		return place_of(l, object, source) != 0 ||
			load_type(l, object, source) != 0 ||
			load_order(l, object, source) != 0 ||
			part_fits(l, source) != 0
		    ? -1
		    : 0;
	if (protocol == FRAME_CAN) {
		if (json_member_text(object, "signal", true, &name, l->why) !=
		    0)
			return -1;
		return load_signal(l, name, source);
	}
	if (json_member_bool(object, "digits", &source->digits, l->why) != 0 ||
	    item_name(l, json_object_get(object, "item"), &name) != 0)
		return -1;
	return load_named(l, "item", name, source);
}

/* "Cell_{00..15}": what stands before, between and behind. */
static bool
pattern(const char *text, int64_t *first, int64_t *last, int *width,
    int *before, const char **behind)
{
	const char *open = strchr(text, '{'), *dots, *close;

	if (open == NULL || (dots = strstr(open, "..")) == NULL ||
	    (close = strchr(dots, '}')) == NULL)
		return false;
	*before = (int)(open - text);
	*behind = close + 1;
	*width = (int)(dots - open) - 1;
	return num_integer(open + 1, (size_t)*width, 0, 99999, first) &&
	    num_integer(
		dots + 2, (size_t)(close - dots) - 2, *first, 99999, last) &&
	    *last - *first < READING_LIST_MAX;
}

/* The names as a JSON array, each written out. */
static json_t *
written_out(const json_t *names)
{
	const char *text = json_string_value(names), *behind;
	json_t *array = json_array();
	int64_t first, last;
	int width, before;
	char name[512];

	if (text == NULL)
		return array;
	if (!pattern(text, &first, &last, &width, &before, &behind)) {
		json_array_append_new(array, json_string(text));
		return array;
	}
	for (int64_t i = first; i <= last; i++) {
		(void)snprintf(name, sizeof(name), "%.*s%0*lld%s", before, text,
		    width, (long long)i, behind);
		json_array_append_new(array, json_string(name));
	}
	return array;
}

int
load_sources(struct loader *l, const json_t *names, const char *member,
    const struct source **sources, size_t *count)
{
	json_t *array =
	    json_is_array(names) ? json_deep_copy(names) : written_out(names);
	size_t size = json_array_size(array);
	struct source *made;
	int status = 0;

	if (size == 0 || size > READING_LIST_MAX) {
		json_decref(array);
		return failure_set(l->why, EXIT_WRONG,
		    "%s: not a name, a pattern or an array of names", member);
	}
	made = arena_alloc(&l->profile->arena, size * sizeof(*made));
	memset(made, 0, size * sizeof(*made));
	for (size_t i = 0; status == 0 && i < size; i++) {
		const char *name = json_string_value(json_array_get(array, i));

		if (name == NULL)
			status = failure_set(l->why, EXIT_WRONG,
			    "%s: a name that is no text", member);
		else
			status = load_named(l, member, name, &made[i]);
	}
	json_decref(array);
	*sources = made;
	*count = size;
	return status;
}
