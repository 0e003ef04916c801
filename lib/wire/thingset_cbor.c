/* See thingset_cbor.h. libcbor takes single items apart and puts them
 * together; what they are nested in is kept here, within our limits. */
#include "wire/thingset_cbor.h"

#include <cbor.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAG_DECIMAL 4 /* [exponent, mantissa] */
#define EXPONENT_MAX 200 /* of a decimal fraction */
#define REFUSED_IDS UINT32_MAX /* a larger integer is no id */

enum kind {
	KIND_NONE, /* what we do not take */
	KIND_UNSIGNED,
	KIND_NEGATIVE, /* -1 - number */
	KIND_BYTES,
	KIND_TEXT,
	KIND_ARRAY,
	KIND_MAP,
	KIND_TAG,
	KIND_REAL,
	KIND_NULL,
	KIND_BOOL
};

/* One item; of an array or map only its head. */
struct item {
	enum kind kind;
	uint64_t number; /* also the count of an array or map */
	double real;
	const uint8_t *data; /* bytes and text, in the input */
};

struct reader {
	const uint8_t *data;
	size_t size, at, members;
	struct failure *why;
};

static void
take_number(void *context, enum kind kind, uint64_t number)
{
	struct item *item = context;

	item->kind = kind;
	item->number = number;
}

#define NUMBER(name, type, kind)                                               \
	static void name(void *context, type number)                           \
	{                                                                      \
		take_number(context, kind, number);                            \
	}
NUMBER(take_u8, uint8_t, KIND_UNSIGNED)
NUMBER(take_u16, uint16_t, KIND_UNSIGNED)
NUMBER(take_u32, uint32_t, KIND_UNSIGNED)
NUMBER(take_u64, uint64_t, KIND_UNSIGNED)
NUMBER(take_n8, uint8_t, KIND_NEGATIVE)
NUMBER(take_n16, uint16_t, KIND_NEGATIVE)
NUMBER(take_n32, uint32_t, KIND_NEGATIVE)
NUMBER(take_n64, uint64_t, KIND_NEGATIVE)
NUMBER(take_array, size_t, KIND_ARRAY)
NUMBER(take_map, size_t, KIND_MAP)
NUMBER(take_tag, uint64_t, KIND_TAG)
NUMBER(take_bool, bool, KIND_BOOL)

static void
take_bytes(void *context, cbor_data data, size_t size)
{
	((struct item *)context)->data = data;
	take_number(context, KIND_BYTES, size);
}

static void
take_text(void *context, cbor_data data, size_t size)
{
	((struct item *)context)->data = data;
	take_number(context, KIND_TEXT, size);
}

static void
take_null(void *context)
{
	take_number(context, KIND_NULL, 0);
}

static void
take_none(void *context)
{
	take_number(context, KIND_NONE, 0);
}

static void
take_double(void *context, double real)
{
	((struct item *)context)->real = real;
	take_number(context, KIND_REAL, 0);
}

/* The number with the fewest digits that is this single. */
static double
shortest_single(float real)
{
	char text[40];

	for (int digits = 6; digits < 10; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, (double)real);
		if (strtof(text, NULL) >= real && strtof(text, NULL) <= real)
			break;
	}
	return strtod(text, NULL);
}

static void
take_single(void *context, float real)
{
	take_double(context, isfinite(real) ? shortest_single(real) : NAN);
}

static const struct cbor_callbacks callbacks = { .uint8 = take_u8,
	.uint16 = take_u16,
	.uint32 = take_u32,
	.uint64 = take_u64,
	.negint8 = take_n8,
	.negint16 = take_n16,
	.negint32 = take_n32,
	.negint64 = take_n64,
	.byte_string_start = take_none,
	.byte_string = take_bytes,
	.string_start = take_none,
	.string = take_text,
	.indef_array_start = take_none,
	.array_start = take_array,
	.indef_map_start = take_none,
	.map_start = take_map,
	.tag = take_tag,
	.float2 = take_single,
	.float4 = take_single,
	.float8 = take_double,
	.undefined = take_null,
	.null = take_null,
	.boolean = take_bool,
	.indef_break = take_none };

static int
next(struct reader *r, struct item *item)
{
	struct cbor_decoder_result result;

	memset(item, 0, sizeof(*item));
	result = cbor_stream_decode(
	    r->data + r->at, r->size - r->at, &callbacks, item);
	if (result.status == CBOR_DECODER_NEDATA || r->at == r->size)
		return failure_set(
		    r->why, EXIT_REFUSED, "ends within a CBOR item");
	if (result.status != CBOR_DECODER_FINISHED || item->kind == KIND_NONE)
		return failure_set(r->why, EXIT_REFUSED,
		    "is no CBOR that we take, at byte %zu", r->at);
	r->at += result.read;
	return 0;
}

/* Can so many members still come, and are they not too many? */
static int
check_count(struct reader *r, uint64_t count, unsigned each)
{
	if (count > (r->size - r->at) / each)
		return failure_set(
		    r->why, EXIT_REFUSED, "ends within a CBOR item");
	r->members += (size_t)count;
	if (r->members > THINGSET_MEMBERS_MAX)
		return failure_set(r->why, EXIT_REFUSED,
		    "has more than %d members", THINGSET_MEMBERS_MAX);
	return 0;
}

static json_t *
text_value(struct reader *r, const struct item *item)
{
	size_t size = (size_t)item->number;
	json_t *value = NULL;

	/* some firmware sends the whole of a fixed field */
	while (size > 0 && item->data[size - 1] == '\0')
		size--;
	if (memchr(item->data, '\0', size) == NULL)
		value = json_stringn((const char *)item->data, size);
	if (value == NULL)
		failure_set(r->why, EXIT_REFUSED, "has a text that is none");
	return value;
}

static json_t *
bytes_value(const struct item *item)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf text = { 0 };
	json_t *value;

	for (size_t i = 0; i < item->number; i += 3) {
		size_t left = (size_t)item->number - i;
		uint32_t run = (uint32_t)item->data[i] << 16;

		run |= left > 1 ? (uint32_t)item->data[i + 1] << 8 : 0;
		run |= left > 2 ? item->data[i + 2] : 0;
		buf_char(&text, letters[run >> 18]);
		buf_char(&text, letters[run >> 12 & 63]);
		buf_char(&text, left > 1 ? letters[run >> 6 & 63] : '=');
		buf_char(&text, left > 2 ? letters[run & 63] : '=');
	}
	value = json_stringn(text.data == NULL ? "" : text.data, text.size);
	buf_free(&text);
	return value;
}

static json_t *
whole_value(const struct item *item)
{
	bool negative = item->kind == KIND_NEGATIVE;

	if (item->number <= INT64_MAX)
		return json_integer(negative ? -1 - (json_int_t)item->number
					     : (json_int_t)item->number);
	return json_real(
	    negative ? -1 - (double)item->number : (double)item->number);
}

static json_t *
real_value(double real)
{
	return isfinite(real) ? json_real(real) : json_null();
}

static json_t *read_value(struct reader *r, int depth);

static json_t *
read_array(struct reader *r, uint64_t count, int depth)
{
	json_t *array;

	if (check_count(r, count, 1) < 0)
		return NULL;
	array = json_array();
	for (uint64_t i = 0; i < count; i++) {
		json_t *value = read_value(r, depth + 1);

		if (value == NULL) {
			json_decref(array);
			return NULL;
		}
		json_array_append_new(array, value);
	}
	return array;
}

/* The name that a key stands for; false with a failure. */
static bool
read_key(struct reader *r, struct buf *name)
{
	char text[THINGSET_ID_TEXT];
	struct item item;
	json_t *value;

	buf_clear(name);
	if (next(r, &item) < 0)
		return false;
	if (item.kind == KIND_UNSIGNED && item.number < REFUSED_IDS) {
		thingset_id_name(item.number, text);
		buf_text(name, text);
		return true;
	}
	if (item.kind != KIND_TEXT) {
		failure_set(r->why, EXIT_REFUSED, "has a key that is no name");
		return false;
	}
	value = text_value(r, &item);
	if (value != NULL)
		buf_text(name, json_string_value(value));
	json_decref(value);
	return value != NULL;
}

static bool
read_member(struct reader *r, json_t *object, struct buf *name, int depth)
{
	json_t *value;

	if (!read_key(r, name))
		return false;
	if (json_object_get(object, name->data) != NULL) {
		failure_set(
		    r->why, EXIT_REFUSED, "has \"%.60s\" twice", name->data);
		return false;
	}
	value = read_value(r, depth + 1);
	if (value == NULL)
		return false;
	json_object_set_new(object, name->data, value);
	return true;
}

static json_t *
read_map(struct reader *r, uint64_t count, int depth)
{
	struct buf name = { 0 };
	json_t *object;
	bool good = true;

	if (check_count(r, count, 2) < 0)
		return NULL;
	object = json_object();
	/* so that an empty name has its NUL */
	buf_reserve(&name, 1);
	for (uint64_t i = 0; good && i < count; i++)
		good = read_member(r, object, &name, depth);
	buf_free(&name);
	if (good)
		return object;
	json_decref(object);
	return NULL;
}

/* mantissa * 10^exponent; what is no such pair stays as it came. */
static json_t *
decimal_value(json_t *pair)
{
	const json_t *exponent = json_array_get(pair, 0);
	const json_t *mantissa = json_array_get(pair, 1);
	json_int_t power = json_integer_value(exponent);
	char text[64];

	if (json_array_size(pair) != 2 || !json_is_integer(exponent) ||
	    !json_is_integer(mantissa) || power < -EXPONENT_MAX ||
	    power > EXPONENT_MAX)
		return pair;
	snprintf(text, sizeof(text),
	    "%" JSON_INTEGER_FORMAT "e%" JSON_INTEGER_FORMAT,
	    json_integer_value(mantissa), power);
	json_decref(pair);
	return json_real(strtod(text, NULL));
}

static json_t *
read_tagged(struct reader *r, uint64_t tag, int depth)
{
	json_t *value = read_value(r, depth + 1);

	return value != NULL && tag == TAG_DECIMAL ? decimal_value(value)
						   : value;
}

static json_t *
read_value(struct reader *r, int depth)
{
	struct item item;

	if (depth > THINGSET_DEPTH_MAX) {
		failure_set(r->why, EXIT_REFUSED, "is nested deeper than %d",
		    THINGSET_DEPTH_MAX);
		return NULL;
	}
	if (next(r, &item) < 0)
		return NULL;
	switch (item.kind) {
	case KIND_ARRAY:
		return read_array(r, item.number, depth);
	case KIND_MAP:
		return read_map(r, item.number, depth);
	case KIND_TAG:
		return read_tagged(r, item.number, depth);
	case KIND_TEXT:
		return text_value(r, &item);
	case KIND_BYTES:
		return bytes_value(&item);
	case KIND_REAL:
		return real_value(item.real);
	case KIND_BOOL:
		return json_boolean(item.number != 0);
	case KIND_NULL:
		return json_null();
	default:
		return whole_value(&item);
	}
}

json_t *
thingset_cbor_read(
    const uint8_t *data, size_t size, size_t *used, struct failure *why)
{
	struct reader reader = { .data = data, .size = size, .why = why };
	json_t *value = read_value(&reader, 1);

	*used = reader.at;
	return value;
}
