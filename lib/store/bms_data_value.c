/* Measurements as SQL columns and values. */
#include "store/bms_data_value.h"

#include "base/num.h"
#include "json/json.h"

static const char *
column_type(const struct measurement *measurement)
{
	switch (measurement->shape) {
	case SHAPE_NUMBER:
		return measurement->decimals > 0 ? "REAL" : "INTEGER";
	case SHAPE_FLAG:
	case SHAPE_TIME:
		return "INTEGER";
	default:
		return "TEXT";
	}
}

void
bms_data_columns(struct buf *text)
{
	for (int id = 0; id < MEASUREMENT_COUNT; id++)
		buf_print(text, ", \"%s\" %s", measurement_table[id].name,
		    column_type(&measurement_table[id]));
}

static void
result_list(sqlite3_context *context, struct buf *text,
    const union reading_value *value, unsigned decimals)
{
	buf_clear(text);
	buf_char(text, '[');
	for (uint32_t i = 0; i < value->list.count; i++) {
		if (i > 0)
			buf_char(text, ',');
		if (value->list.item[i] == READING_ITEM_UNKNOWN)
			buf_text(text, "null");
		else
			buf_scaled(text, value->list.item[i], decimals);
	}
	buf_char(text, ']');
	sqlite3_result_text(
	    context, text->data, (int)text->size, SQLITE_TRANSIENT);
}

/* A text is kept as JSON; SQL sees it without quotes and escapes. */
static void
result_plain(sqlite3_context *context, const union reading_value *value)
{
	struct failure why;
	json_t *text = json_read(value->text.json, value->text.size, &why);

	if (json_is_string(text))
		sqlite3_result_text(
		    context, json_string_value(text), -1, SQLITE_TRANSIENT);
	else
		sqlite3_result_text(context, value->text.json,
		    (int)value->text.size, SQLITE_TRANSIENT);
	json_decref(text);
}

void
bms_data_value(sqlite3_context *context, const struct reading *reading, int id,
    struct buf *text)
{
	const struct measurement *measurement = &measurement_table[id];
	const union reading_value *value = &reading->value[id];

	switch (measurement->shape) {
	case SHAPE_LIST:
		result_list(context, text, value, measurement->decimals);
		break;
	case SHAPE_WORD:
		sqlite3_result_text(context, measurement->words[value->number],
		    -1, SQLITE_STATIC);
		break;
	case SHAPE_TEXT:
		result_plain(context, value);
		break;
	case SHAPE_CODES:
	case SHAPE_MAP:
		sqlite3_result_text(context, value->text.json,
		    (int)value->text.size, SQLITE_TRANSIENT);
		break;
	default:
		if (measurement->decimals == 0)
			sqlite3_result_int64(context, value->number);
		else
			sqlite3_result_double(context,
			    (double)value->number /
				(double)num_power10(measurement->decimals));
		break;
	}
}
