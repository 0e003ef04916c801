/* The tables alerts, alert_state and alert_seen. */
#include <string.h>

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
	all->told = alerts_tell_prepare(sql, why);
	return all->told == NULL ? -1 : 0;
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
	return alerts_tell(
	    alerts, all->told, "raised", event->time_ms, stand->alert_id, why);
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
	return alerts_tell(
	    alerts, all->told, "cleared", event->time_ms, alert_id, why);
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
