/* "type", "size" and "order": how a raw value stands in its registers. */
#include <string.h>

#include "profile/load.h"

struct type_name {
	const char *name;
	uint8_t type, size, sentinel;
};

/* The first ones are ours; the others are SunSpec's, with the values by
 * which a device says that it has no such point. */
static const struct type_name type_names[] = {
	{ "u8", SOURCE_U8, 1, SENTINEL_NONE },
	{ "s8", SOURCE_S8, 1, SENTINEL_NONE },
	{ "u16", SOURCE_U16, 2, SENTINEL_NONE },
	{ "s16", SOURCE_S16, 2, SENTINEL_NONE },
	{ "u32", SOURCE_U32, 4, SENTINEL_NONE },
	{ "s32", SOURCE_S32, 4, SENTINEL_NONE },
	{ "u48", SOURCE_U64, 6, SENTINEL_NONE },
	{ "u64", SOURCE_U64, 8, SENTINEL_NONE },
	{ "s64", SOURCE_S64, 8, SENTINEL_NONE },
	{ "f32", SOURCE_F32, 4, SENTINEL_NONE },
	{ "f64", SOURCE_F64, 8, SENTINEL_NONE },
	{ "bcd16", SOURCE_BCD, 2, SENTINEL_NONE },
	{ "bcd32", SOURCE_BCD, 4, SENTINEL_NONE },
	{ "bcd64", SOURCE_BCD, 8, SENTINEL_NONE },
	{ "sm16", SOURCE_SIGN, 2, SENTINEL_NONE },
	{ "sm32", SOURCE_SIGN, 4, SENTINEL_NONE },
	{ "m10k32", SOURCE_M10K, 4, SENTINEL_NONE },
	{ "m10k48", SOURCE_M10K, 6, SENTINEL_NONE },
	{ "m10k64", SOURCE_M10K, 8, SENTINEL_NONE },
	{ "coils", SOURCE_COILS, 0, SENTINEL_NONE },
	{ "string", SOURCE_STRING, 0, SENTINEL_NONE },
	{ "int16", SOURCE_S16, 2, SENTINEL_LOWEST },
	{ "int32", SOURCE_S32, 4, SENTINEL_LOWEST },
	{ "int64", SOURCE_S64, 8, SENTINEL_LOWEST },
	{ "uint16", SOURCE_U16, 2, SENTINEL_ONES },
	{ "uint32", SOURCE_U32, 4, SENTINEL_ONES },
	{ "uint64", SOURCE_U64, 8, SENTINEL_ONES },
	{ "count", SOURCE_U16, 2, SENTINEL_ONES },
	{ "enum16", SOURCE_U16, 2, SENTINEL_ONES },
	{ "enum32", SOURCE_U32, 4, SENTINEL_ONES },
	{ "bitfield16", SOURCE_U16, 2, SENTINEL_ONES },
	{ "bitfield32", SOURCE_U32, 4, SENTINEL_ONES },
	{ "bitfield64", SOURCE_U64, 8, SENTINEL_ONES },
	/* 0 may be a new counter as well: it is taken for one */
	{ "acc16", SOURCE_U16, 2, SENTINEL_NONE },
	{ "acc32", SOURCE_U32, 4, SENTINEL_NONE },
	{ "acc64", SOURCE_U64, 8, SENTINEL_NONE },
	{ "float32", SOURCE_F32, 4, SENTINEL_NONE }, /* not a number */
	{ "float64", SOURCE_F64, 8, SENTINEL_NONE },
	{ "sunssf", SOURCE_S16, 2, SENTINEL_SCALE },
};

static const struct type_name *
find_type(const char *name)
{
	for (size_t i = 0; i < sizeof(type_names) / sizeof(*type_names); i++)
		if (strcmp(type_names[i].name, name) == 0)
			return &type_names[i];
	return NULL;
}

/* What a place is where it does not say so. */
static const char *
usual_type(const struct profile *p, const struct source *source)
{
	if (p->protocol != FRAME_MODBUS)
		return "u8";
	return source->function <= 2 ? "coils" : "u16";
}

int
load_type(struct loader *l, const json_t *object, struct source *source)
{
	const char *name = usual_type(l->profile, source);
	const struct type_name *type;
	int64_t size = 0;

	if (json_member_text(object, "type", false, &name, l->why) != 0 ||
	    json_member_integer(object, "size", false, 1, 250, &size, l->why) !=
		0)
		return -1;
	type = find_type(name);
	if (type == NULL)
		return failure_set(
		    l->why, EXIT_WRONG, "type: %s is unknown", name);
	source->type = type->type;
	source->size = type->size;
	source->sentinel = type->sentinel;
	if (source->size != 0)
		return 0;
	if (size == 0 && source->type == SOURCE_COILS)
		size = 1;
	if (size == 0 || (source->type == SOURCE_COILS && size > 64))
		return failure_set(
		    l->why, EXIT_WRONG, "size: needed for %s", name);
	source->size = (uint16_t)size;
	return 0;
}

bool
load_order_name(const char *name, bool *swap_bytes, bool *swap_words)
{
	static const char *const orders[] = { "ABCD", "BADC", "CDAB", "DCBA",
		"ABCDEFGH", "BADCFEHG", "GHEFCDAB", "HGFEDCBA" };

	for (unsigned i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		if (strcmp(orders[i], name) != 0)
			continue;
		*swap_bytes = (i & 1) != 0;
		*swap_words = (i & 2) != 0;
		return true;
	}
	return false;
}

int
load_order(struct loader *l, const json_t *object, struct source *source)
{
	const char *order = NULL;

	source->swap_bytes = l->profile->swap_bytes;
	source->swap_words = l->profile->swap_words;
	if (json_member_text(object, "order", false, &order, l->why) != 0)
		return -1;
	if (order == NULL ||
	    load_order_name(order, &source->swap_bytes, &source->swap_words))
		return 0;
	return failure_set(
	    l->why, EXIT_WRONG, "order: %s is no order of bytes", order);
}

void
load_sentinel(struct rule *rule)
{
	const struct source *source = rule->source;
	unsigned width;
	int64_t absent;

	if (source == NULL || source->bits != 0 ||
	    (source->sentinel != SENTINEL_LOWEST &&
		source->sentinel != SENTINEL_ONES) ||
	    rule->absent_count == PROFILE_ABSENT_MAX)
		return;
	width = source->size * 8U;
	if (source->sentinel == SENTINEL_LOWEST)
		absent = width == 64 ? INT64_MIN : -(INT64_C(1) << (width - 1));
	else /* 64 ones are -1 as a raw number */
		absent = width == 64 ? -1 : (INT64_C(1) << width) - 1;
	rule->absent[rule->absent_count++] = absent;
}
