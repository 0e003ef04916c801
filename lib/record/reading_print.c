/* A reading as its canonical line. */
#include <string.h>

#include "json/json.h"
#include "record/reading_parts.h"

#define KEY(tag, name, ...) { ",\"" #name "\":", sizeof(#name) + 3 },
static const struct { const char *text; size_t size; } keys[] = {
	MEASUREMENTS(KEY)
};

#define PUT(out, literal) buf_put(out, literal, sizeof(literal) - 1)

static void
put_member(struct buf *out, const char *key, size_t size, const char *text)
{
	if (*text == '\0')
		return;
	buf_put(out, key, size);
	json_put_text(out, text, strlen(text));
}

#define PUT_MEMBER(out, key, text) \
	put_member(out, ",\"" key "\":", sizeof(key) + 3, text)

static void
put_list(struct buf *out, const union reading_value *value,
    unsigned decimals)
{
	char before = '[';

	for (uint32_t i = 0; i < value->list.count; i++) {
		buf_char(out, before);
		before = ',';
		if (value->list.item[i] == READING_ITEM_UNKNOWN)
			PUT(out, "null");
		else
			buf_scaled(out, value->list.item[i], decimals);
	}
	if (before == '[')
		buf_char(out, before);
	buf_char(out, ']');
}

static void
put_quoted_time(struct buf *out, int64_t time_ms)
{
	buf_char(out, '"');
	buf_time(out, time_ms);
	buf_char(out, '"');
}

static void
put_flag(struct buf *out, bool flag)
{
	if (flag)
		PUT(out, "true");
	else
		PUT(out, "false");
}

static void
put_value(struct buf *out, const struct measurement *row,
    const union reading_value *value)
{
	switch ((enum measurement_shape)row->shape) {
	case SHAPE_NUMBER:
		buf_scaled(out, value->number, row->decimals);
		break;
	case SHAPE_FLAG:
		put_flag(out, value->number != 0);
		break;
	case SHAPE_WORD:
		buf_char(out, '"');
		buf_text(out, row->words[value->number]);
		buf_char(out, '"');
		break;
	case SHAPE_TIME:
		put_quoted_time(out, value->number);
		break;
	case SHAPE_LIST:
		put_list(out, value, row->decimals);
		break;
	default:
		buf_put(out, value->text.json, value->text.size);
		break;
	}
}

void
reading_print(const struct reading *reading, struct buf *out)
{
	PUT(out, "{\"kind\":\"");
	buf_text(out, reading_kind_names[reading->kind]);
	PUT(out, "\",\"time\":");
	put_quoted_time(out, reading->time_ms);
	PUT_MEMBER(out, "tenant", reading->tenant);
	PUT_MEMBER(out, "device", reading->device);
	PUT_MEMBER(out, "profile", reading->profile);
	PUT_MEMBER(out, "battery", reading->battery);
	if (reading->gen != 0) {
		PUT(out, ",\"gen\":");
		buf_integer(out, reading->gen);
	}
	PUT_MEMBER(out, "error", reading->error);
	for (uint64_t left = reading->present; left != 0; left &= left - 1) {
		int id = __builtin_ctzll(left);

		buf_put(out, keys[id].text, keys[id].size);
		put_value(out, &measurement_table[id], &reading->value[id]);
	}
	PUT(out, "}\n");
}
