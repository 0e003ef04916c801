/* See thingset_cbor.h: values out, as CBOR and as JSON. */
#include <cbor.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "wire/thingset_cbor.h"

#define HEAD_MAX 9 /* bytes of an item without what it holds */

static void
put_head(struct buf *out, size_t size)
{
	out->size += size;
	out->data[out->size] = '\0';
}

static unsigned char *
room(struct buf *out)
{
	return (unsigned char *)buf_reserve(out, HEAD_MAX + 1);
}

static void
put_count(size_t count, size_t (*encode)(size_t, unsigned char *, size_t),
    struct buf *out)
{
	put_head(out, encode(count, room(out), HEAD_MAX));
}

static void
put_name(const char *name, struct buf *out)
{
	size_t size = strlen(name);
	uint32_t id;

	if (thingset_id_of(name, &id)) {
		put_head(out, cbor_encode_uint(id, room(out), HEAD_MAX));
		return;
	}
	put_count(size, cbor_encode_string_start, out);
	buf_put(out, name, size);
}

/* Fewest digits that read as this number. */
static void
print_real(double real, char *text, size_t size)
{
	for (int digits = 15; digits < 18; digits++) {
		double again;

		snprintf(text, size, "%.*g", digits, real);
		again = strtod(text, NULL);
		if (again >= real && again <= real)
			break;
	}
}

/* Does the number, as a single, read the same again? */
static bool
fits_single(double real)
{
	double single = (double)(float)real;
	char text[40];

	for (int digits = 6; digits < 10; digits++) {
		float again;

		snprintf(text, sizeof(text), "%.*g", digits, single);
		again = strtof(text, NULL);
		if (again >= (float)real && again <= (float)real)
			break;
	}
	return strtod(text, NULL) >= real && strtod(text, NULL) <= real;
}

static void
put_real(double real, struct buf *out)
{
	if (fits_single(real))
		put_head(
		    out, cbor_encode_single((float)real, room(out), HEAD_MAX));
	else
		put_head(out, cbor_encode_double(real, room(out), HEAD_MAX));
}

static void
put_whole(json_int_t number, struct buf *out)
{
	if (number >= 0)
		put_head(out,
		    cbor_encode_uint((uint64_t)number, room(out), HEAD_MAX));
	else
		put_head(out,
		    cbor_encode_negint(
			(uint64_t)(-1 - number), room(out), HEAD_MAX));
}

static void
put_members(const json_t *value, struct buf *out)
{
	json_t *member;
	const char *name;
	size_t i;

	if (json_is_array(value)) {
		put_count(json_array_size(value), cbor_encode_array_start, out);
		json_array_foreach(value, i, member)
		    thingset_cbor_put(member, out);
		return;
	}
	put_count(json_object_size(value), cbor_encode_map_start, out);
	json_object_foreach((json_t *)(uintptr_t)value, name, member)
	{
		put_name(name, out);
		thingset_cbor_put(member, out);
	}
}

void
thingset_cbor_put(const json_t *value, struct buf *out)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		put_members(value, out);
		break;
	case JSON_STRING:
		put_count(
		    json_string_length(value), cbor_encode_string_start, out);
		buf_put(
		    out, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		put_whole(json_integer_value(value), out);
		break;
	case JSON_REAL:
		put_real(json_real_value(value), out);
		break;
	case JSON_NULL:
		put_head(out, cbor_encode_null(room(out), HEAD_MAX));
		break;
	default:
		put_head(out,
		    cbor_encode_bool(json_is_true(value), room(out), HEAD_MAX));
	}
}

static void
json_real_put(double real, struct buf *out)
{
	char text[40];

	print_real(real, text, sizeof(text));
	buf_text(out, text);
	/* so that it stays a number with a fraction */
	if (strpbrk(text, ".e") == NULL)
		buf_text(out, ".0");
}

void
thingset_json_put(const json_t *value, struct buf *out)
{
	const char *name;
	json_t *member;
	size_t i;

	if (json_is_object(value)) {
		buf_char(out, '{');
		json_object_foreach((json_t *)(uintptr_t)value, name, member)
		{
			json_put_name(out, name);
			thingset_json_put(member, out);
		}
		buf_char(out, '}');
	} else if (json_is_array(value)) {
		buf_char(out, '[');
		json_array_foreach(value, i, member)
		{
			if (i > 0)
				buf_char(out, ',');
			thingset_json_put(member, out);
		}
		buf_char(out, ']');
	} else if (json_is_string(value)) {
		json_put_text(
		    out, json_string_value(value), json_string_length(value));
	} else if (json_is_real(value)) {
		json_real_put(json_real_value(value), out);
	} else if (json_is_integer(value)) {
		buf_integer(out, json_integer_value(value));
	} else {
		buf_text(out,
		    json_is_null(value)       ? "null"
			: json_is_true(value) ? "true"
					      : "false");
	}
}

/* An id has one name only: capital digits, no zeros before them. */
bool
thingset_id_of(const char *name, uint32_t *id)
{
	uint32_t number = 0;
	size_t size = strlen(name);

	if (size < 3 || size > 10 || name[0] != '0' || name[1] != 'x' ||
	    (name[2] == '0' && size > 3))
		return false;
	for (size_t i = 2; i < size; i++) {
		unsigned digit = num_hex_digit[(unsigned char)name[i]];

		if (digit == 0 || (name[i] >= 'a' && name[i] <= 'f'))
			return false;
		number = number << 4 | (digit - 1);
	}
	*id = number;
	return true;
}

void
thingset_id_name(uint64_t id, char name[THINGSET_ID_TEXT])
{
	snprintf(name, THINGSET_ID_TEXT, "0x%llX", (unsigned long long)id);
}
