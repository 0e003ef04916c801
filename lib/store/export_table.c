/*
 * The small tables, each by a statement of its own that puts slugs in the
 * place of ids. What holds secrets or the audit is not among them.
 */
#include <string.h>

#include "base/csv.h"
#include "json/json.h"
#include "store/export_parts.h"

/* ?1 and ?2 are from and to; ?3 is a battery's slug or NULL. A column
 * whose name ends in _ms is a time; the ending is left out. */
static const struct {
	const char *name, *select;
} tables[] = {
	{ "alert_rules",
	    "SELECT code, severity, category, kind, expression,"
	    " for_ms / 1000.0 AS for_s, clear_expression,"
	    " clear_for_ms / 1000.0 AS clear_for_s, value_expression,"
	    " threshold, unit, title, message, description, selection,"
	    " is_enabled FROM alert_rules ORDER BY code" },
	{ "alerts",
	    "SELECT a.uuid, b.slug AS battery, a.alert_code,"
	    " a.severity, a.category, a.status, a.title, a.message,"
	    " a.trigger_value, a.threshold_value, a.current_value, a.unit,"
	    " a.first_occurrence AS first_occurrence_ms,"
	    " a.last_occurrence AS last_occurrence_ms,"
	    " a.acknowledged_at AS acknowledged_at_ms,"
	    " a.resolved_at AS resolved_at_ms, a.resolution_notes"
	    " FROM alerts a JOIN batteries b ON b.id = a.battery_id"
	    " WHERE a.first_occurrence >= ?1 AND a.first_occurrence < ?2"
	    " AND (?3 IS NULL OR b.slug = ?3)"
	    " ORDER BY a.first_occurrence, a.id" },
	{ "batteries",
	    "SELECT b.slug, b.serial_number, b.internal_id,"
	    " b.name, t.slug AS battery_type, l.slug AS location, b.status,"
	    " b.health_score, b.installation_date, b.commissioning_date,"
	    " b.purchase_date, b.warranty_start_date, b.warranty_end_date,"
	    " b.last_maintenance_date, b.next_maintenance_date, b.notes,"
	    " b.last_data_received AS last_data_received_ms, b.is_active"
	    " FROM batteries b JOIN battery_types t"
	    " ON t.id = b.battery_type_id JOIN locations l"
	    " ON l.id = b.location_id WHERE ?3 IS NULL OR b.slug = ?3"
	    " ORDER BY b.slug" },
	{ "battery_types",
	    "SELECT slug, name, chemistry, nominal_voltage,"
	    " capacity_ah, capacity_wh, max_charge_current,"
	    " max_discharge_current, operating_temp_min, operating_temp_max,"
	    " cell_count, parallel_strings, manufacturer, model, cycle_life,"
	    " is_active FROM battery_types ORDER BY slug" },
	/* row by row in the order of its keys: there may be many */
	{ "cell_history",
	    "SELECT b.slug AS battery, h.period_type AS period,"
	    " h.period_start AS start_ms, h.list, h.number, h.min, h.avg,"
	    " h.max, h.covered"
	    " FROM batteries b CROSS JOIN bms_cell_history h"
	    " ON h.battery_id = b.id WHERE h.period_start >= ?1"
	    " AND h.period_start < ?2 AND (?3 IS NULL OR b.slug = ?3)" },
	{ "corrections",
	    "SELECT b.slug AS battery, c.measurement, c.item,"
	    " c.time AS from_ms, c.until AS until_ms, c.action, c.value,"
	    " c.scale, c.offset, c.reason, c.made_by,"
	    " c.made_at AS made_at_ms, c.withdrawn_reason, c.withdrawn_by,"
	    " c.withdrawn_at AS withdrawn_at_ms"
	    " FROM corrections c JOIN batteries b ON b.id = c.battery_id"
	    " WHERE c.until >= ?1 AND c.time < ?2"
	    " AND (?3 IS NULL OR b.slug = ?3) ORDER BY c.id" },
	{ "custom_field_values",
	    "SELECT b.slug AS battery, f.field_name,"
	    " f.field_label, v.field_value FROM custom_field_values v"
	    " JOIN custom_fields f ON f.id = v.custom_field_id"
	    " JOIN batteries b ON b.id = v.entity_id"
	    " WHERE v.entity_type = 'battery' AND (?3 IS NULL OR b.slug = ?3)"
	    " ORDER BY b.slug, f.display_order, f.field_name" },
	{ "fault_events",
	    "SELECT b.slug AS battery, e.kind, e.code,"
	    " e.raised_at AS raised_at_ms, e.cleared_at AS cleared_at_ms"
	    " FROM fault_events e JOIN batteries b ON b.id = e.battery_id"
	    " WHERE e.raised_at >= ?1 AND e.raised_at < ?2"
	    " AND (?3 IS NULL OR b.slug = ?3)"
	    " ORDER BY e.raised_at, b.slug, e.kind, e.code" },
	{ "locations",
	    "SELECT l.slug, l.name, p.slug AS parent, l.timezone,"
	    " l.address, l.city, l.province, l.postal_code, l.country,"
	    " l.latitude, l.longitude, l.environment_type, l.is_active"
	    " FROM locations l LEFT JOIN locations p ON p.id = l.parent_id"
	    " ORDER BY l.slug" },
	{ "maintenance_logs",
	    "SELECT b.slug AS battery,"
	    " m.performed_at AS performed_at_ms, m.kind, m.title,"
	    " m.description, m.status, m.performed_by, m.duration_minutes,"
	    " m.cost, m.currency, m.next_due_date FROM maintenance_logs m"
	    " JOIN batteries b ON b.id = m.battery_id"
	    " WHERE m.performed_at >= ?1 AND m.performed_at < ?2"
	    " AND (?3 IS NULL OR b.slug = ?3)"
	    " ORDER BY m.performed_at, m.id" },
	{ "suspects",
	    "SELECT b.slug AS battery, s.time AS from_ms, s.until AS until_ms,"
	    " s.reason, s.measurements FROM suspects s"
	    " JOIN batteries b ON b.id = s.battery_id"
	    " WHERE s.time >= ?1 AND s.time < ?2"
	    " AND (?3 IS NULL OR b.slug = ?3)"
	    " ORDER BY s.time, b.slug, s.reason" },
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

const char *const *
export_tables(void)
{
	static const char *const names[] = { "alert_rules", "alerts",
		"batteries", "battery_types", "cell_history", "corrections",
		"custom_field_values", "fault_events", "locations",
		"maintenance_logs", "suspects", NULL };

	_Static_assert(sizeof(names) / sizeof(names[0]) == TABLES + 1,
	    "a name for each table");
	return names;
}

static bool
is_time(const char *column, size_t *size)
{
	*size = strlen(column);
	if (*size < 3 || strcmp(column + *size - 3, "_ms") != 0)
		return false;
	*size -= 3;
	return true;
}

static void
put_number(struct buf *out, struct sql_query *query, int n)
{
	if (sql_column_type(query, n) == SQL_TYPE_INTEGER)
		buf_integer(out, sql_integer(query, n));
	else
		buf_print(out, "%.15g", sql_real(query, n));
}

static void
csv_cell(struct export *export, struct sql_query *query, int n)
{
	struct buf *out = &export->out->buf;
	const char *text;
	size_t size;

	if (sql_column_type(query, n) == SQL_TYPE_NULL)
		return;
	if (sql_column_type(query, n) == SQL_TYPE_TEXT) {
		text = sql_text(query, n);
		csv_text(out, text, strlen(text), export->guard);
	} else if (is_time(sql_column_name(query, n), &size)) {
		buf_time(out, sql_integer(query, n));
	} else {
		put_number(out, query, n);
	}
}

static void
json_cell(struct export *export, struct sql_query *query, int n)
{
	struct buf *out = &export->out->buf;
	const char *name = sql_column_name(query, n), *text;
	size_t size;
	bool time = is_time(name, &size);

	if (sql_column_type(query, n) == SQL_TYPE_NULL)
		return;
	buf_print(out, ",\"%.*s\":", (int)size, name);
	if (sql_column_type(query, n) == SQL_TYPE_TEXT) {
		text = sql_text(query, n);
		json_put_text(out, text, strlen(text));
	} else if (time) {
		buf_char(out, '"');
		buf_time(out, sql_integer(query, n));
		buf_char(out, '"');
	} else {
		put_number(out, query, n);
	}
}

static void
headings(struct export *export, struct sql_query *query)
{
	char name[64];
	size_t size;

	for (int n = 0; n < sql_columns(query); n++) {
		bool time = is_time(sql_column_name(query, n), &size);

		if (size >= sizeof(name))
			size = sizeof(name) - 1;
		memcpy(name, sql_column_name(query, n), size);
		name[size] = '\0';
		export_heading(export, name, time ? "UTC" : "");
	}
	buf_char(&export->out->buf, '\n');
}

static void
put_row(struct export *export, const char *table, struct sql_query *query)
{
	if (!export->csv)
		buf_print(&export->out->buf, "{\"kind\":\"%s\"", table);
	for (int n = 0; n < sql_columns(query); n++) {
		if (!export->csv) {
			json_cell(export, query, n);
			continue;
		}
		if (n > 0)
			buf_char(&export->out->buf, ',');
		csv_cell(export, query, n);
	}
	if (!export->csv)
		buf_char(&export->out->buf, '}');
	export_row_end(export);
}

/* Bind what the statement has: not all look at times or batteries. */
static int
rows(struct export *export, const char *table, struct sql_query *query,
    const char *slug, struct failure *why)
{
	int got;

	sql_reset(query);
	sql_bind_integer(query, 1, export->from_ms);
	sql_bind_integer(query, 2, export->to_ms);
	if (slug != NULL)
		sql_bind_text(query, 3, slug);
	while ((got = sql_step(query, why)) == 1) {
		put_row(export, table, query);
		if (export->out->error != 0)
			break;
	}
	return got == -1 ? -1 : 0;
}

int
export_table(struct export *export, const char *name, struct failure *why)
{
	struct sql_query *query = NULL;
	int result = 0;

	for (size_t i = 0; i < TABLES && query == NULL; i++)
		if (strcmp(tables[i].name, name) == 0) {
			query = sql_prepare(
			    tenant_sql(export->tenant), tables[i].select, why);
			if (query == NULL)
				return -1;
		}
	if (query == NULL)
		return failure_set(why, EXIT_WRONG, "%s: no such table", name);
	if (export->csv)
		headings(export, query);
	if (export->battery == NULL)
		result = rows(export, name, query, NULL, why);
	for (size_t i = 0; result == 0 && i < export->batteries; i++)
		result = rows(export, name, query, export->slug[i], why);
	sql_query_free(query);
	return result;
}
