/* Readings, as they are walked: nothing is held but the row in hand. */
#include <string.h>

#include "base/csv.h"
#include "json/json.h"
#include "store/export_parts.h"
#include "store/readings.h"

#define STOP_EVERY 1024

struct readings_export {
	struct export *export;
	struct export_names names;
	struct buf text;
	struct arena arena;
};

/* A text as JSON, without its quotes and escapes. */
static void
put_json_text(struct readings_export *work, const char *json, size_t size)
{
	struct failure why;
	struct buf *out = &work->export->out->buf;
	char *array = arena_print(&work->arena, "[%.*s]", (int)size, json);
	json_t *value = json_read(array, size + 2, &why);
	const char *text =
	    value == NULL ? NULL : json_string_value(json_array_get(value, 0));

	if (text == NULL)
		csv_text(out, json, size, work->export->guard);
	else
		csv_text(out, text, strlen(text), work->export->guard);
	json_decref(value);
	arena_reset(&work->arena);
}

/* Lists, codes and maps are their JSON in one cell. */
static void
put_as_json(struct readings_export *work, const struct reading *reading, int id)
{
	size_t head = (size_t)measurement_table[id].name_size + 4;

	buf_clear(&work->text);
	reading_print_one(reading, id, &work->text); /* ,"name": before */
	csv_text(&work->export->out->buf, work->text.data + head,
	    work->text.size - head, work->export->guard);
}

static void
put_cell(struct readings_export *work, const struct reading *reading, int id)
{
	const struct measurement *row = &measurement_table[id];
	const union reading_value *value = &reading->value[id];
	struct buf *out = &work->export->out->buf;

	switch ((enum measurement_shape)row->shape) {
	case SHAPE_NUMBER:
		buf_scaled(out, value->number, row->decimals);
		break;
	case SHAPE_FLAG:
		buf_char(out, value->number != 0 ? '1' : '0');
		break;
	case SHAPE_WORD:
		buf_text(out, row->words[value->number]);
		break;
	case SHAPE_TIME:
		buf_time(out, value->number);
		break;
	case SHAPE_TEXT:
		put_json_text(work, value->text.json, value->text.size);
		break;
	default:
		put_as_json(work, reading, id);
		break;
	}
}

static void
csv_row(struct readings_export *work, int64_t battery_id,
    const struct reading *reading)
{
	struct export *export = work->export;
	struct buf *out = &export->out->buf;

	buf_text(out, export_name(&work->names, battery_id));
	buf_char(out, ',');
	buf_time(out, reading->time_ms);
	if (export->local) {
		buf_char(out, ',');
		export_local_time(out,
		    zones_get(export->zones, battery_id).zone,
		    reading->time_ms);
	}
	buf_text(out, reading->kind == READING_ENERGY ? ",energy" : ",battery");
	for (int id = 0; id < MEASUREMENT_COUNT; id++) {
		buf_char(out, ',');
		if (reading_has(reading, id))
			put_cell(work, reading, id);
	}
	export_row_end(export);
}

static void
json_row(
    struct readings_export *work, int64_t battery_id, struct reading *reading)
{
	struct export *export = work->export;
	struct buf *out = &export->out->buf;

	reading->tenant = tenant_slug(export->tenant);
	reading->battery = export_name(&work->names, battery_id);
	reading_print(reading, out);
	out->size--;
	if (export->local) {
		out->size--;
		buf_text(out, ",\"time_local\":\"");
		export_local_time(out,
		    zones_get(export->zones, battery_id).zone,
		    reading->time_ms);
		buf_text(out, "\"}");
	}
	export_row_end(export);
}

static void
headings(struct export *export)
{
	export_heading(export, "battery", "");
	export_heading(export, "time", "UTC");
	if (export->local)
		export_heading(export, "time_local", "");
	export_heading(export, "kind", "");
	for (int id = 0; id < MEASUREMENT_COUNT; id++)
		export_heading(export, measurement_table[id].name,
		    measurement_table[id].unit);
	buf_char(&export->out->buf, '\n');
}

static int
walk(struct readings_export *work, int64_t battery_id, struct failure *why)
{
	struct export *export = work->export;
	struct readings_walk *walk = readings_walk_open(
	    export->tenant, battery_id, export->from_ms, export->to_ms, why);
	struct reading reading;
	int got = -1;

	while (walk != NULL &&
	    (got = readings_walk_next(walk, &battery_id, &reading, why)) == 1) {
		if (export->csv)
			csv_row(work, battery_id, &reading);
		else
			json_row(work, battery_id, &reading);
		if (export->out->error != 0 ||
		    (export->rows % STOP_EVERY == 0 && export->stop != NULL &&
			export->stop()))
			break;
	}
	readings_walk_close(walk);
	return got == -1 ? -1 : 0;
}

int
export_readings(struct export *export, struct failure *why)
{
	struct readings_export work = { .export = export };
	int result = export_names_load(&work.names, export->tenant, why);

	if (result == 0 && export->csv)
		headings(export);
	if (export->battery == NULL)
		for (size_t i = 0; result == 0 && i < work.names.count; i++)
			result = walk(&work, work.names.name[i].id, why);
	for (size_t i = 0; result == 0 && i < export->batteries; i++)
		result = walk(&work, export->battery[i], why);
	export_names_free(&work.names);
	buf_free(&work.text);
	arena_free(&work.arena);
	return result;
}
