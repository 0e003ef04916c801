/* alerts, alert_state and alert_seen, and the lines that tell of them. */
#include <string.h>

#include "base/clock.h"
#include "json/json.h"
#include "store/alerts_parts.h"

struct statements {
	struct sql_query *raise, *seen, *clear, *told;
	struct sql_query *put_stand, *drop_stand, *put_seen;
};

/* An alert that was there already (its state was lost) is taken up again. */
static const char raise_alert[] =
    "INSERT INTO alerts (battery_id, severity, category, alert_code, title,"
    " message, description, trigger_value, threshold_value, current_value,"
    " unit, first_occurrence, last_occurrence, raw_data)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, ''), ?8, ?9, ?8,"
    " nullif(?10, ''), ?11, ?12, ?13)"
    " ON CONFLICT (battery_id, alert_code, first_occurrence) DO UPDATE SET"
    " status = CASE status WHEN 'resolved' THEN 'active' ELSE status END,"
    " resolved_at = NULL, last_occurrence = excluded.last_occurrence"
    " RETURNING id";
static const char see_alert[] =
    "UPDATE alerts SET last_occurrence = ?2,"
    " current_value = coalesce(?3, current_value) WHERE id = ?1"
    /* no more than once a minute */
    " AND last_occurrence / 60000 <> ?2 / 60000";
static const char clear_alert[] =
    "UPDATE alerts SET status = 'resolved', resolved_at = ?2,"
    " current_value = coalesce(?3, current_value), updated_at = ?2"
    " WHERE id = ?1 AND status <> 'resolved'";
static const char tell_alert[] =
    "SELECT uuid, severity, category, title, message, trigger_value,"
    " threshold_value, unit, first_occurrence, last_occurrence, resolved_at"
    " FROM alerts WHERE id = ?1";

static int
prepare(struct statements *all, struct sql *sql, struct failure *why)
{
	const struct {
		struct sql_query **query;
		const char *text;
	} list[] = {
		{ &all->raise, raise_alert },
		{ &all->seen, see_alert },
		{ &all->clear, clear_alert },
		{ &all->told, tell_alert },
		{ &all->put_stand,
		    "INSERT OR REPLACE INTO alert_state"
		    " (rule_id, battery_id, state, since_ms, clear_since_ms,"
		    " last_time_ms, alert_id) VALUES (?1, ?2, ?3, ?4,"
		    " nullif(?5, 0), ?6, nullif(?7, 0))" },
		{ &all->drop_stand,
		    "DELETE FROM alert_state"
		    " WHERE rule_id = ?1 AND battery_id = ?2" },
		{ &all->put_seen,
		    "INSERT OR REPLACE INTO alert_seen"
		    " (battery_id, time_ms) VALUES (?1, ?2)" },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		*list[i].query = sql_prepare(sql, list[i].text, why);
		if (*list[i].query == NULL)
			return -1;
	}
	return 0;
}

static void
free_all(struct statements *all)
{
	sql_query_free(all->raise);
	sql_query_free(all->seen);
	sql_query_free(all->clear);
	sql_query_free(all->told);
	sql_query_free(all->put_stand);
	sql_query_free(all->drop_stand);
	sql_query_free(all->put_seen);
}

static void
bind_known(struct sql_query *query, int n, bool known, double value)
{
	if (known)
		sql_bind_real(query, n, value);
	else
		sql_bind_null(query, n);
}

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
put_line(
    struct alerts *alerts, const struct event *event, struct sql_query *query)
{
	struct buf *out = &alerts->lines;
	const struct rule *rule = rules_get(alerts->rules, event->rule);

	buf_text(out, "{\"kind\":\"alert\",\"time\":\"");
	buf_time(out, event->time_ms);
	buf_print(out,
	    "\",\"event\":\"%s\",\"tenant\":\"%s\","
	    "\"battery\":\"%s\"",
	    event->event == STAND_RAISED ? "raised" : "cleared",
	    tenant_slug(alerts->tenant), event->watched->battery->slug);
	put_text(out, "id", query, 0);
	json_put_name(out, "code");
	json_put_text(out, rule->code, strlen(rule->code));
	put_text(out, "severity", query, 1);
	put_text(out, "category", query, 2);
	put_text(out, "title", query, 3);
	put_text(out, "message", query, 4);
	put_real(out, "trigger_value", query, 5);
	put_real(out, "threshold_value", query, 6);
	put_text(out, "unit", query, 7);
	put_time(out, "first_occurrence", query, 8);
	put_time(out, "last_occurrence", query, 9);
	put_time(out, "resolved_at", query, 10);
	buf_text(out, "}\n");
}

static int
tell(struct alerts *alerts, const struct statements *all,
    const struct event *event, int64_t alert_id, struct failure *why)
{
	int got;

	sql_bind_integer(all->told, 1, alert_id);
	got = sql_step(all->told, why);
	if (got == 1)
		put_line(alerts, event, all->told);
	sql_reset(all->told);
	return got == -1 ? -1 : 0;
}

static void
bind_raise(
    struct alerts *alerts, struct sql_query *query, const struct event *event)
{
	const struct rule *rule = rules_get(alerts->rules, event->rule);
	const struct rule_result *result = &event->result;

	buf_clear(&alerts->title);
	buf_clear(&alerts->message);
	alerts_fill(alerts, rule->title, rule, event, &alerts->title);
	alerts_fill(alerts, rule->message, rule, event, &alerts->message);
	sql_bind_integer(query, 1, event->watched->battery->id);
	sql_bind_text(query, 2, severity_word(rule->severity));
	sql_bind_text(query, 3, rule->category);
	sql_bind_text(query, 4, rule->code);
	sql_bind_text(query, 5, alerts->title.data);
	sql_bind_text(query, 6, alerts->message.data);
	sql_bind_text(query, 7, rule->description);
	bind_known(query, 8, result->has_value, result->value);
	bind_known(query, 9, result->has_threshold, result->threshold);
	sql_bind_text(query, 10, rule->unit);
	sql_bind_integer(query, 11, event->since_ms);
	sql_bind_integer(query, 12, event->time_ms);
	if (event->raw != NULL)
		sql_bind_text(query, 13, event->raw);
}

static int
store_raise(struct alerts *alerts, const struct statements *all,
    const struct event *event, struct failure *why)
{
	struct stand *stand = &event->watched->stand[event->rule];
	int got;

	bind_raise(alerts, all->raise, event);
	got = sql_step(all->raise, why);
	if (got == 1) {
		stand->alert_id = sql_integer(all->raise, 0);
		got = sql_step(all->raise, why);
	}
	sql_reset(all->raise);
	if (got == -1)
		return -1;
	alerts->counts->raised++;
	return tell(alerts, all, event, stand->alert_id, why);
}

static int
store_later(struct alerts *alerts, const struct statements *all,
    const struct event *event, struct failure *why)
{
	int64_t alert_id = event->watched->stand[event->rule].alert_id;
	struct sql_query *query =
	    event->event == STAND_CLEARED ? all->clear : all->seen;

	sql_bind_integer(query, 1, alert_id);
	sql_bind_integer(query, 2, event->time_ms);
	bind_known(query, 3, event->result.has_value, event->result.value);
	if (sql_done(query, why) == -1)
		return -1;
	if (event->event != STAND_CLEARED)
		return 0;
	alerts->counts->cleared++;
	return tell(alerts, all, event, alert_id, why);
}

static int
store_stand(const struct alerts *alerts, const struct statements *all,
    const struct watched *watched, size_t n, struct failure *why)
{
	const struct stand *stand = &watched->stand[n];
	struct sql_query *query =
	    stand->state == STAND_CLEAR ? all->drop_stand : all->put_stand;

	sql_bind_integer(query, 1, rules_get(alerts->rules, n)->id);
	sql_bind_integer(query, 2, watched->battery->id);
	if (stand->state != STAND_CLEAR) {
		sql_bind_text(query, 3,
		    stand->state == STAND_ACTIVE ? "active" : "pending");
		sql_bind_integer(query, 4, stand->since_ms);
		sql_bind_integer(query, 5, stand->clear_since_ms);
		sql_bind_integer(
		    query, 6, watched->seen_ms < 0 ? 0 : watched->seen_ms);
		sql_bind_integer(query, 7,
		    stand->state == STAND_ACTIVE ? stand->alert_id : 0);
	}
	return sql_done(query, why);
}

static int
store_watched(const struct alerts *alerts, const struct statements *all,
    const struct watched *watched, struct failure *why)
{
	for (size_t n = 0; n < rules_count(alerts->rules); n++)
		if (watched->changed[n] != 0 &&
		    store_stand(alerts, all, watched, n, why) == -1)
			return -1;
	if (!watched->moved)
		return 0;
	sql_bind_integer(all->put_seen, 1, watched->battery->id);
	sql_bind_integer(all->put_seen, 2, watched->seen_ms);
	return sql_done(all->put_seen, why);
}

static int
store_all(
    struct alerts *alerts, const struct statements *all, struct failure *why)
{
	for (size_t i = 0; i < alerts->events; i++) {
		const struct event *event = &alerts->event[i];
		int result = event->event == STAND_RAISED
		    ? store_raise(alerts, all, event, why)
		    : store_later(alerts, all, event, why);

		if (result == -1)
			return -1;
	}
	for (size_t i = 0; i < alerts->count; i++)
		if (store_watched(alerts, all, &alerts->watched[i], why) == -1)
			return -1;
	return 0;
}

int
alerts_store(struct alerts *alerts, struct failure *why)
{
	struct statements all = { NULL, NULL, NULL, NULL, NULL, NULL, NULL };
	int result = prepare(&all, tenant_sql(alerts->tenant), why);

	if (result == 0)
		result = store_all(alerts, &all, why);
	free_all(&all);
	return result;
}
