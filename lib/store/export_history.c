/* History rows; the columns are those of the measurements table. */
#include <string.h>

#include "base/csv.h"
#include "json/json.h"
#include "store/export_parts.h"
#include "store/history.h"

enum { AT_BATTERY, AT_SLUG, AT_PERIOD, AT_START, AT_END, AT_ZONE, AT_FIRST };

static struct sql_query *
prepare(const struct export *export, const struct history_columns *columns,
    struct failure *why)
{
	struct buf text = { NULL, 0, 0 };
	struct sql_query *query;

	buf_text(&text,
	    "SELECT h.battery_id, b.slug, h.period_type,"
	    " h.period_start, h.period_end, h.zone");
	for (size_t i = 0; i < columns->count; i++)
		buf_print(&text, ", h.%s", columns->column[i].name);
	buf_text(&text,
	    " FROM bms_data_history h"
	    " JOIN batteries b ON b.id = h.battery_id"
	    " WHERE h.period_start >= ?1 AND h.period_start < ?2"
	    " AND (?3 IS NULL OR h.period_type = ?3)"
	    " AND (?4 IS NULL OR h.battery_id = ?4)"
	    " ORDER BY h.battery_id, h.period_type, h.period_start");
	query = sql_prepare(tenant_sql(export->tenant), text.data, why);
	buf_free(&text);
	return query;
}

static void
headings(struct export *export, const struct history_columns *columns)
{
	export_heading(export, "battery", "");
	export_heading(export, "period", "");
	export_heading(export, "start", "UTC");
	export_heading(export, "end", "UTC");
	if (export->local)
		export_heading(export, "start_local", "");
	export_heading(export, "zone", "");
	for (size_t i = 0; i < columns->count; i++)
		export_heading(
		    export, columns->column[i].name, columns->column[i].unit);
	buf_char(&export->out->buf, '\n');
}

static void
put_value(struct buf *out, const struct history_column *column,
    struct sql_query *query, int n)
{
	if (column->fold == FOLD_TIME)
		buf_time(out, sql_integer(query, n));
	else
		export_real(out, sql_real(query, n), column->decimals);
}

static void
csv_row(struct export *export, const struct history_columns *columns,
    struct sql_query *query)
{
	struct buf *out = &export->out->buf;
	int64_t start_ms = sql_integer(query, AT_START);
	const char *zone = sql_text(query, AT_ZONE);

	buf_print(out, "%s,%s,", sql_text(query, AT_SLUG),
	    sql_text(query, AT_PERIOD));
	buf_time(out, start_ms);
	buf_char(out, ',');
	buf_time(out, sql_integer(query, AT_END));
	if (export->local) {
		buf_char(out, ',');
		export_local_time(out,
		    zones_get(export->zones, sql_integer(query, AT_BATTERY))
			.zone,
		    start_ms);
	}
	buf_char(out, ',');
	csv_text(out, zone, strlen(zone), export->guard);
	for (size_t i = 0; i < columns->count; i++) {
		int n = AT_FIRST + (int)i;

		buf_char(out, ',');
		if (sql_column_type(query, n) != SQL_TYPE_NULL)
			put_value(out, &columns->column[i], query, n);
	}
	export_row_end(export);
}

static void
json_row(struct export *export, const struct history_columns *columns,
    struct sql_query *query)
{
	struct buf *out = &export->out->buf;
	int64_t start_ms = sql_integer(query, AT_START);
	const char *zone = sql_text(query, AT_ZONE);

	buf_print(out,
	    "{\"kind\":\"rollup\",\"tenant\":\"%s\","
	    "\"battery\":\"%s\",\"period\":\"%s\",\"start\":\"",
	    tenant_slug(export->tenant), sql_text(query, AT_SLUG),
	    sql_text(query, AT_PERIOD));
	buf_time(out, start_ms);
	buf_text(out, "\",\"end\":\"");
	buf_time(out, sql_integer(query, AT_END));
	if (export->local) {
		buf_text(out, "\",\"start_local\":\"");
		export_local_time(out,
		    zones_get(export->zones, sql_integer(query, AT_BATTERY))
			.zone,
		    start_ms);
	}
	buf_text(out, "\",\"zone\":");
	json_put_text(out, zone, strlen(zone));
	for (size_t i = 0; i < columns->count; i++) {
		const char *quote;
		int n = AT_FIRST + (int)i;

		if (sql_column_type(query, n) == SQL_TYPE_NULL)
			continue;
		quote = columns->column[i].fold == FOLD_TIME ? "\"" : "";
		buf_print(out, ",\"%s\":%s", columns->column[i].name, quote);
		put_value(out, &columns->column[i], query, n);
		buf_text(out, quote);
	}
	buf_char(out, '}');
	export_row_end(export);
}

/* One battery, or with 0 all. */
static int
rows(struct export *export, const struct history_columns *columns,
    struct sql_query *query, int64_t battery_id, struct failure *why)
{
	int got;

	sql_reset(query);
	sql_bind_integer(query, 1, export->from_ms);
	sql_bind_integer(query, 2, export->to_ms);
	if (export->period != NULL)
		sql_bind_text(query, 3, export->period);
	if (battery_id != 0)
		sql_bind_integer(query, 4, battery_id);
	while ((got = sql_step(query, why)) == 1) {
		if (export->csv)
			csv_row(export, columns, query);
		else
			json_row(export, columns, query);
		if (export->out->error != 0)
			break;
	}
	return got == -1 ? -1 : 0;
}

int
export_history(struct export *export, struct failure *why)
{
	struct history_columns columns;
	struct sql_query *query;
	int result = 0;

	history_columns_fill(&columns);
	query = prepare(export, &columns, why);
	if (query == NULL)
		return -1;
	if (export->csv)
		headings(export, &columns);
	if (export->battery == NULL)
		result = rows(export, &columns, query, 0, why);
	for (size_t i = 0; result == 0 && i < export->batteries; i++)
		result = rows(export, &columns, query, export->battery[i], why);
	sql_query_free(query);
	return result;
}
