/*
 * The parts of the content. What is derived is among them: that it is the
 * same whatever way the readings came is what the sum is taken for.
 */
#include "store/content.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "json/json.h"
#include "store/stored.h"

#define FLUSH_SIZE 65536

/* Of a battery's rows ?1 is its id: they come in order of its slug. */
struct source {
	struct content_part part;
	bool of_battery;
	const char *select; /* NULL: the readings */
};
static const struct source sources[] = {
	{ { "battery_types", false }, false,
	    "SELECT slug, name, chemistry, nominal_voltage, capacity_ah,"
	    " capacity_wh, cell_count, plausibility"
	    " FROM battery_types ORDER BY slug" },
	{ { "locations", false }, false,
	    "SELECT l.slug, l.name, p.slug, l.timezone FROM locations l"
	    " LEFT JOIN locations p ON p.id = l.parent_id ORDER BY l.slug" },
	{ { "batteries", false }, false,
	    "SELECT b.slug, b.serial_number, b.name, t.slug, l.slug, b.status,"
	    " b.plausibility, b.is_active FROM batteries b"
	    " JOIN battery_types t ON t.id = b.battery_type_id"
	    " JOIN locations l ON l.id = b.location_id ORDER BY b.slug" },
	{ { "devices", false }, false,
	    "SELECT d.device, d.profile, d.address, d.unit, l.valid_from,"
	    " b.slug, l.pinned FROM devices d"
	    " LEFT JOIN device_batteries l ON l.device_id = d.id"
	    " LEFT JOIN batteries b ON b.id = l.battery_id"
	    " ORDER BY d.device, l.valid_from" },
	{ { "readings", false }, true, NULL },
	{ { "corrections", false }, false,
	    "SELECT b.slug, c.kind, c.measurement, c.item, c.time, c.until,"
	    " c.action, c.value, c.scale, c.offset, c.reason, c.made_by,"
	    " c.withdrawn_reason, c.withdrawn_by FROM corrections c"
	    " JOIN batteries b ON b.id = c.battery_id ORDER BY c.id" },
	{ { "suspects", false }, true,
	    "SELECT time, until, reason, measurements FROM suspects"
	    " WHERE battery_id = ?1 ORDER BY time, reason" },
	{ { "fault_events", false }, true,
	    "SELECT kind, code, raised_at, cleared_at FROM fault_events"
	    " WHERE battery_id = ?1 ORDER BY raised_at, kind, code" },
	{ { "history", false }, true,
	    "SELECT * FROM bms_data_history"
	    " WHERE battery_id = ?1 ORDER BY period_type, period_start" },
	{ { "cell_history", false }, true,
	    "SELECT period_type, period_start, list, number, min, avg, max,"
	    " covered FROM bms_cell_history WHERE battery_id = ?1"
	    " ORDER BY period_type, period_start, list, number" },
	{ { "alerts", true }, true,
	    "SELECT alert_code, severity, first_occurrence FROM alerts"
	    " WHERE battery_id = ?1 AND withdrawn_at IS NULL"
	    " ORDER BY alert_code, first_occurrence" }
};
#define SOURCES (sizeof(sources) / sizeof(sources[0]))

const struct content_part *
content_part(size_t n)
{
	return n < SOURCES ? &sources[n].part : NULL;
}

struct content {
	struct sql *sql;
	int (*put)(void *context, const char *lines, size_t size);
	void *context;
	struct buf lines, packed;
	uint64_t *rows;
};

/* ---- lines ------------------------------------------------------------ */

static int
flush(struct content *content, size_t above)
{
	int result;

	if (content->lines.size <= above)
		return 0;
	result = content->put(
	    content->context, content->lines.data, content->lines.size);
	buf_clear(&content->lines);
	return result;
}

static int
end_line(struct content *content)
{
	char *last = &content->lines.data[content->lines.size - 1];

	if (*last == ',')
		*last = ']';
	else
		buf_char(&content->lines, ']');
	buf_char(&content->lines, '\n');
	++*content->rows;
	return flush(content, FLUSH_SIZE);
}

static void
put_slug(struct content *content, const char *slug)
{
	buf_char(&content->lines, '[');
	if (slug != NULL)
		buf_print(&content->lines, "\"%s\",", slug);
}

/* ---- rows of tables --------------------------------------------------- */

static bool
is_physical(const char *column)
{
	static const char *const names[] = { "id", "battery_id", "created_at",
		"updated_at" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(column, names[i]) == 0)
			return true;
	return false;
}

static void
put_value(struct buf *out, struct sql_query *query, int n)
{
	const char *text;
	const void *data;
	size_t size;

	switch (sql_column_type(query, n)) {
	case SQL_TYPE_INTEGER:
		buf_integer(out, sql_integer(query, n));
		break;
	case SQL_TYPE_REAL:
		buf_print(out, "%.17g", sql_real(query, n));
		break;
	case SQL_TYPE_TEXT:
		text = sql_text(query, n);
		json_put_text(out, text, strlen(text));
		break;
	case SQL_TYPE_BLOB:
		data = sql_blob(query, n, &size);
		buf_char(out, '"');
		buf_hex(out, data, size);
		buf_char(out, '"');
		break;
	default:
		buf_text(out, "null");
		break;
	}
	buf_char(out, ',');
}

static int
put_rows(struct content *content, const struct source *source, int64_t id,
    const char *slug, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(content->sql, source->select, why);
	int got, result = 0;

	if (query == NULL)
		return -1;
	if (source->of_battery)
		sql_bind_integer(query, 1, id);
	while (result == 0 && (got = sql_step(query, why)) != 0) {
		if (got == -1) {
			result = -1;
			break;
		}
		put_slug(content, slug);
		for (int n = 0; n < sql_columns(query); n++)
			if (!is_physical(sql_column_name(query, n)))
				put_value(&content->lines, query, n);
		result = end_line(content);
	}
	sql_query_free(query);
	return result;
}

/* ---- readings --------------------------------------------------------- */

/* The bytes are the same whether it is sealed or not: pack.h. */
static int
put_reading(
    struct content *content, const struct stored_row *row, const char *slug)
{
	struct buf *out = &content->lines;
	const void *packed = row->row.packed;
	size_t size = row->row.size;

	if (row->block != NULL) {
		buf_clear(&content->packed);
		block_packed(row->block, row->at, &content->packed);
		packed = content->packed.data;
		size = content->packed.size;
	}
	put_slug(content, slug);
	buf_integer(out, row->row.time_ms);
	buf_char(out, ',');
	buf_integer(out, row->row.kind);
	buf_char(out, ',');
	buf_integer(out, row->row.quality);
	buf_text(out, ",\"");
	buf_hex(out, packed, size);
	buf_char(out, '"');
	return end_line(content);
}

static int
put_readings(
    struct content *content, int64_t id, const char *slug, struct failure *why)
{
	struct stored *stored =
	    stored_open(content->sql, id, 0, INT64_MAX, false, why);
	struct stored_row row;
	int got = stored == NULL ? -1 : 1, result = 0;

	while (result == 0 && got == 1 &&
	    (got = stored_next(stored, &row, why)) == 1)
		result = put_reading(content, &row, slug);
	stored_close(stored);
	return got == -1 ? -1 : result;
}

/* ---- parts ------------------------------------------------------------ */

struct battery {
	int64_t id;
	char *slug;
};

static int
list_batteries(struct content *content, struct arena *arena,
    struct battery **list, size_t *count, struct failure *why)
{
	struct sql_query *query = sql_prepare(content->sql,
	    "SELECT id, slug, count(*) OVER () FROM batteries ORDER BY slug",
	    why);
	int got;

	*count = 0;
	if (query == NULL)
		return -1;
	while ((got = sql_step(query, why)) == 1) {
		const char *slug = sql_text(query, 1);

		if (*count == 0)
			*list = arena_alloc(arena,
			    (size_t)sql_integer(query, 2) * sizeof(**list));
		(*list)[(*count)++] = (struct battery){ sql_integer(query, 0),
			arena_text(arena, slug, strlen(slug)) };
	}
	sql_query_free(query);
	return got;
}

static int
put_batteries(
    struct content *content, const struct source *source, struct failure *why)
{
	struct arena arena = { 0 };
	struct battery *list = NULL;
	size_t count;
	int result = list_batteries(content, &arena, &list, &count, why);

	for (size_t i = 0; result == 0 && i < count; i++)
		result = source->select == NULL
		    ? put_readings(content, list[i].id, list[i].slug, why)
		    : put_rows(content, source, list[i].id, list[i].slug, why);
	arena_free(&arena);
	return result;
}

static const struct source *
find(const char *part)
{
	for (size_t i = 0; i < SOURCES; i++)
		if (strcmp(sources[i].part.name, part) == 0)
			return &sources[i];
	return NULL;
}

int
content_lines(struct tenant *tenant, const char *part,
    int (*put)(void *context, const char *lines, size_t size), void *context,
    uint64_t *rows, struct failure *why)
{
	struct content content = { .sql = tenant_sql(tenant),
		.put = put,
		.context = context,
		.rows = rows };
	const struct source *source = find(part);
	int result;

	*rows = 0;
	if (source == NULL)
		return failure_set(
		    why, EXIT_WRONG, "%s: is no part of the content", part);
	result = source->of_battery ? put_batteries(&content, source, why)
				    : put_rows(&content, source, 0, NULL, why);
	if (result == 0)
		result = flush(&content, 0);
	buf_free(&content.lines);
	buf_free(&content.packed);
	return result;
}
