/* alert(5) lines; and the end of alerts whose rule is off or gone. */
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "store/alerts_parts.h"

enum {
	AT_UUID,
	AT_CODE,
	AT_BATTERY,
	AT_SEVERITY,
	AT_CATEGORY,
	AT_TITLE,
	AT_MESSAGE,
	AT_VALUE,
	AT_THRESHOLD,
	AT_UNIT,
	AT_FIRST,
	AT_LAST,
	AT_RESOLVED
};

static const char select_alert[] =
    "SELECT a.uuid, a.alert_code, b.slug, a.severity, a.category, a.title,"
    " a.message, a.trigger_value, a.threshold_value, a.unit,"
    " a.first_occurrence, a.last_occurrence, a.resolved_at"
    " FROM alerts a JOIN batteries b ON b.id = a.battery_id WHERE a.id = ?1";
static const char select_retired[] =
    "SELECT a.id FROM alerts a WHERE a.status <> 'resolved'"
    " AND NOT EXISTS (SELECT 1 FROM alert_rules r"
    "  WHERE r.code = a.alert_code AND r.is_enabled <> 0) ORDER BY a.id";
static const char retire_alert[] =
    "UPDATE alerts SET status = 'resolved', resolved_at = ?2,"
    " updated_at = ?2 WHERE id = ?1";
static const char retire_stand[] =
    "DELETE FROM alert_state WHERE rule_id IN"
    " (SELECT id FROM alert_rules WHERE is_enabled = 0)";

static void
put_text(struct buf *out, const char *name, struct sql_query *query, int n)
{
	const char *text = sql_text(query, n);

	if (text == NULL)
		return;
	json_put_name(out, name);
	json_put_text(out, text, strlen(text));
}

static void
put_real(struct buf *out, const char *name, struct sql_query *query, int n)
{
	if (sql_column_type(query, n) == SQL_TYPE_NULL)
		return;
	json_put_name(out, name);
	buf_print(out, "%.15g", sql_real(query, n));
}

static void
put_time(struct buf *out, const char *name, struct sql_query *query, int n)
{
	if (sql_column_type(query, n) == SQL_TYPE_NULL)
		return;
	json_put_name(out, name);
	buf_char(out, '"');
	buf_time(out, sql_integer(query, n));
	buf_char(out, '"');
}

static void
put_line(struct alerts *alerts, const char *word, int64_t time_ms,
    struct sql_query *query)
{
	struct buf *out = &alerts->lines;

	buf_text(out, "{\"kind\":\"alert\",\"time\":\"");
	buf_time(out, time_ms);
	buf_print(out, "\",\"event\":\"%s\",\"tenant\":\"%s\"", word,
	    tenant_slug(alerts->tenant));
	put_text(out, "battery", query, AT_BATTERY);
	put_text(out, "id", query, AT_UUID);
	put_text(out, "code", query, AT_CODE);
	put_text(out, "severity", query, AT_SEVERITY);
	put_text(out, "category", query, AT_CATEGORY);
	put_text(out, "title", query, AT_TITLE);
	put_text(out, "message", query, AT_MESSAGE);
	put_real(out, "trigger_value", query, AT_VALUE);
	put_real(out, "threshold_value", query, AT_THRESHOLD);
	put_text(out, "unit", query, AT_UNIT);
	put_time(out, "first_occurrence", query, AT_FIRST);
	put_time(out, "last_occurrence", query, AT_LAST);
	put_time(out, "resolved_at", query, AT_RESOLVED);
	buf_text(out, "}\n");
}

struct sql_query *
alerts_tell_prepare(struct sql *sql, struct failure *why)
{
	return sql_prepare(sql, select_alert, why);
}

int
alerts_tell(struct alerts *alerts, struct sql_query *told, const char *word,
    int64_t time_ms, int64_t alert_id, struct failure *why)
{
	int got;

	sql_bind_integer(told, 1, alert_id);
	got = sql_step(told, why);
	if (got == 1)
		put_line(alerts, word, time_ms, told);
	sql_reset(told);
	return got == -1 ? -1 : 0;
}

/* Ids first: what is walked must not change under the walk. */
static int
list_retired(
    struct alerts *alerts, int64_t **ids, size_t *count, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(tenant_sql(alerts->tenant), select_retired, why);
	size_t room = 0;
	int got = -1;

	*ids = NULL;
	*count = 0;
	while (query != NULL && (got = sql_step(query, why)) == 1) {
		if (*count == room) {
			room = room == 0 ? 16 : room * 2;
			*ids = mem_grow(*ids, room, sizeof(**ids));
		}
		(*ids)[(*count)++] = sql_integer(query, 0);
	}
	sql_query_free(query);
	return got;
}

static int
retire(struct alerts *alerts, const int64_t *ids, size_t count, int64_t now_ms,
    struct failure *why)
{
	struct sql *sql = tenant_sql(alerts->tenant);
	struct sql_query *update = sql_prepare(sql, retire_alert, why);
	struct sql_query *told =
	    update == NULL ? NULL : alerts_tell_prepare(sql, why);
	int result = told == NULL ? -1 : sql_run(sql, retire_stand, why);

	for (size_t i = 0; result == 0 && i < count; i++) {
		sql_bind_integer(update, 1, ids[i]);
		sql_bind_integer(update, 2, now_ms);
		result = sql_done(update, why);
		if (result == 0)
			result = alerts_tell(
			    alerts, told, "cleared", now_ms, ids[i], why);
		alerts->counts->cleared++;
	}
	sql_query_free(update);
	sql_query_free(told);
	return result;
}

int
alerts_retire(struct alerts *alerts, int64_t now_ms, struct failure *why)
{
	struct sql *sql = tenant_sql(alerts->tenant);
	int64_t *ids;
	size_t count;
	int result = list_retired(alerts, &ids, &count, why);

	if (result == 0 && count > 0) {
		result = sql_begin(sql, why);
		if (result == 0)
			result = retire(alerts, ids, count, now_ms, why);
		if (result == 0)
			result = sql_commit(sql, false, why);
		if (result == -1)
			sql_rollback(sql);
	}
	free(ids);
	return result;
}
