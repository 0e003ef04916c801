/* One value between a line and a column. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/zone.h"
#include "record/device.h"
#include "store/row.h"

#define SHOWN 60 /* bytes of a wrong value in a message */

static int
refuse(const json_t *member, const char *wanted, struct failure *why)
{
	char *text = json_dumps(member, JSON_COMPACT | JSON_ENCODE_ANY);
	size_t size = text == NULL ? 0 : strlen(text);

	failure_set(why, EXIT_REFUSED, "%.*s%s %s", SHOWN,
	    text == NULL ? "" : text, size > SHOWN ? "…" : "", wanted);
	free(text);
	return -1;
}

static int
read_text(const json_t *member, struct sql_value *value, struct failure *why)
{
	if (!json_is_string(member) ||
	    strlen(json_string_value(member)) != json_string_length(member))
		return refuse(member, "is no text", why);
	value->type = SQL_TYPE_TEXT;
	value->text = json_string_value(member);
	return 0;
}

static int
read_word(const struct table_column *column, const json_t *member,
    struct sql_value *value, struct failure *why)
{
	char list[400] = "is none of ";
	size_t size = strlen(list);

	if (json_is_string(member))
		for (size_t i = 0; column->words[i] != NULL; i++)
			if (strcmp(column->words[i],
				json_string_value(member)) == 0)
				return read_text(member, value, why);
	for (size_t i = 0; column->words[i] != NULL && size < sizeof(list); i++)
		size += (size_t)snprintf(list + size, sizeof(list) - size,
		    "%s%s", i == 0 ? "" : ", ", column->words[i]);
	return refuse(member, list, why);
}

static int
read_time(const json_t *member, struct sql_value *value, struct failure *why)
{
	value->type = SQL_TYPE_INTEGER;
	if (json_is_string(member) &&
	    clock_parse(json_string_value(member), json_string_length(member),
		&value->integer))
		return 0;
	return refuse(member, "is no time such as 2026-01-31T12:00:00Z", why);
}

static int
read_date(const json_t *member, struct sql_value *value, struct failure *why)
{
	char text[32];
	int64_t time_ms;

	if (json_is_string(member) && json_string_length(member) == 10) {
		snprintf(text, sizeof(text), "%sT00:00:00Z",
		    json_string_value(member));
		if (clock_parse(text, strlen(text), &time_ms))
			return read_text(member, value, why);
	}
	return refuse(member, "is no date such as 2026-01-31", why);
}

static int
read_json(const struct table_column *column, const json_t *member,
    struct arena *arena, struct sql_value *value, struct failure *why)
{
	size_t size;

	if (column->shape == TABLE_OBJECT && !json_is_object(member))
		return refuse(member, "is no object", why);
	if (column->shape == TABLE_ARRAY && !json_is_array(member))
		return refuse(member, "is no array", why);
	value->type = SQL_TYPE_TEXT;
	value->text = json_canonical(arena, member, &size);
	return 0;
}

static int
read_number(const struct table_column *column, const json_t *member,
    struct sql_value *value, struct failure *why)
{
	if (column->shape == TABLE_FLAG) {
		if (!json_is_boolean(member))
			return refuse(member, "is neither true nor false", why);
		value->type = SQL_TYPE_INTEGER;
		value->integer = json_is_true(member);
	} else if (column->shape == TABLE_INTEGER) {
		if (!json_is_integer(member))
			return refuse(member, "is no whole number", why);
		value->type = SQL_TYPE_INTEGER;
		value->integer = json_integer_value(member);
	} else {
		if (!json_is_number(member))
			return refuse(member, "is no number", why);
		value->type = SQL_TYPE_REAL;
		value->real = json_number_value(member);
	}
	return 0;
}

int
row_value_read(const struct table_column *column, const json_t *member,
    struct arena *arena, struct sql_value *value, struct failure *why)
{
	value->type = SQL_TYPE_NULL;
	if (json_is_null(member) && column->shape != TABLE_JSON)
		return column->null
		    ? 0
		    : failure_set(why, EXIT_REFUSED, "must not be null");
	switch (column->shape) {
	case TABLE_TEXT:
		return read_text(member, value, why);
	case TABLE_WORD:
		return read_word(column, member, value, why);
	case TABLE_TIME:
		return read_time(member, value, why);
	case TABLE_DATE:
		return read_date(member, value, why);
	case TABLE_OBJECT:
	case TABLE_ARRAY:
	case TABLE_JSON:
		return read_json(column, member, arena, value, why);
	case TABLE_BLOB:
		return failure_set(why, EXIT_REFUSED, "is not for lines");
	default:
		return read_number(column, member, value, why);
	}
}

static int
check_address(const char *address, struct failure *why)
{
	struct arena arena = { 0 };
	struct device device = { 0 };
	int result = device_address(address, &arena, &device, why);

	arena_free(&arena);
	return result;
}

static int
check_selection(const char *text, struct failure *why)
{
	static const char *const members[] = { "batteries", "locations",
		"types", NULL };
	json_t *selection = json_read(text, strlen(text), why);
	const char *name;
	json_t *member;
	int result = selection == NULL
	    ? -1
	    : json_members_known(selection, members, why);

	if (result == 0)
		json_object_foreach(selection, name,
		    member) if (!json_is_array(member)) result =
		    failure_set(
			why, EXIT_REFUSED, "%s is no array of slugs", name);
	json_decref(selection);
	return result;
}

int
row_value_check(const char *table, const struct table_column *column,
    const struct sql_value *value, struct failure *why)
{
	struct zone *zone;
	int result = 0;

	if (value->type != SQL_TYPE_TEXT)
		return 0;
	if (strcmp(column->name, "timezone") == 0) {
		zone = zone_open(value->text, why);
		result = zone == NULL ? -1 : 0;
		zone_free(zone);
	} else if (strcmp(column->name, "selection") == 0) {
		result = check_selection(value->text, why);
	} else if (strcmp(table, "devices") == 0 &&
	    strcmp(column->name, "address") == 0) {
		result = check_address(value->text, why);
	}
	if (result == -1)
		why->status = EXIT_REFUSED;
	return result;
}

/* The shortest text that reads back as the same number. */
static void
print_real(double value, struct buf *out)
{
	char text[40];

	if (!isfinite(value)) {
		buf_text(out, "null");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	buf_text(out, text);
}

void
row_value_print(const struct table_column *column, struct sql_query *query,
    int n, struct buf *out)
{
	const char *text;

	if (sql_column_type(query, n) == SQL_TYPE_NULL) {
		buf_text(out, "null");
		return;
	}
	if (sql_column_type(query, n) == SQL_TYPE_BLOB) {
		buf_text(out, ROW_SEALED);
		return;
	}
	switch (column->shape) {
	case TABLE_OBJECT:
	case TABLE_ARRAY:
	case TABLE_JSON:
		buf_text(out, sql_text(query, n));
		return;
	case TABLE_FLAG:
		buf_text(out, sql_integer(query, n) != 0 ? "true" : "false");
		return;
	case TABLE_TIME:
		buf_char(out, '"');
		buf_time(out, sql_integer(query, n));
		buf_char(out, '"');
		return;
	default:
		break;
	}
	switch (sql_column_type(query, n)) {
	case SQL_TYPE_INTEGER:
		buf_integer(out, sql_integer(query, n));
		break;
	case SQL_TYPE_REAL:
		print_real(sql_real(query, n), out);
		break;
	default:
		text = sql_text(query, n);
		json_put_text(out, text, strlen(text));
		break;
	}
}
