/*
 * Alerts of which the readings have changed: corrected by a person, or made
 * anew by a replay. One that they do not say any more is withdrawn, and one
 * that was withdrawn and that they say again is not. None is raised for the
 * past: people are told of what is.
 */
#include <string.h>

#include "store/alerts_parts.h"
#include "store/readings.h"

struct doubt {
	int64_t id, first_ms;
	size_t rule;
	bool withdrawn, open; /* open: not resolved */
};

struct again {
	struct alerts *alerts;
	const struct rule_battery *battery;
	int64_t hour_ms, seen_ms;
	struct doubt *doubt;
	size_t count;
};

static const struct {
	const char *language, *text;
} notes[] = { { "fr", "Retirée : les mesures ont été corrigées." },
	{ "en", "Withdrawn: the readings were corrected." },
	{ "es", "Retirada: las medidas fueron corregidas." },
	{ "pt", "Retirado: as medições foram corrigidas." } };

static const char *
note_of(const char *language)
{
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (strcmp(notes[i].language, language) == 0)
			return notes[i].text;
	return notes[0].text;
}

/* ---- which ------------------------------------------------------------ */

static size_t
rule_of(const struct rules *rules, const char *code)
{
	size_t count = rules_count(rules);

	for (size_t n = 0; n < count; n++)
		if (strcmp(rules_get(rules, n)->code, code) == 0 &&
		    rules_get(rules, n)->kind != READING_STATUS &&
		    rules_get(rules, n)->broken == NULL)
			return n;
	return count;
}

/* Those that were there when the readings were what they are no more. A
 * rule that is another one by now says nothing of them. */
static int
load(struct again *again, struct failure *why)
{
	struct alerts *alerts = again->alerts;
	struct sql_query *query = sql_prepare(tenant_sql(alerts->tenant),
	    "SELECT a.id, a.alert_code, a.first_occurrence,"
	    " a.withdrawn_at IS NOT NULL, a.status <> 'resolved',"
	    " count(*) OVER (), s.time_ms FROM alerts a"
	    " JOIN alert_seen s ON s.battery_id = a.battery_id"
	    " JOIN alert_rules r ON r.code = a.alert_code"
	    " AND r.updated_at <= a.created_at + 1000"
	    " WHERE a.battery_id = ?1 AND a.last_occurrence >= ?2"
	    " AND a.first_occurrence <= s.time_ms ORDER BY a.id",
	    why);
	int got;

	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, again->battery->id);
	sql_bind_integer(query, 2, again->hour_ms);
	while ((got = sql_step(query, why)) == 1) {
		size_t rule = rule_of(alerts->rules, sql_text(query, 1));

		if (again->doubt == NULL)
			again->doubt = arena_alloc(&alerts->arena,
			    (size_t)sql_integer(query, 5) *
				sizeof(*again->doubt));
		again->seen_ms = sql_integer(query, 6);
		if (rule < rules_count(alerts->rules))
			again->doubt[again->count++] =
			    (struct doubt){ sql_integer(query, 0),
				    sql_integer(query, 2), rule,
				    sql_integer(query, 3) != 0,
				    sql_integer(query, 4) != 0 };
	}
	sql_query_free(query);
	return got;
}

/* ---- does it stand? ---------------------------------------------------- */

/* One reading: 1 it stands, 0 it does not, 2 not known yet. */
static int
look(struct again *again, const struct doubt *doubt, struct stand *stand,
    struct reading *reading, struct failure *why)
{
	const struct rule *rule = rules_get(again->alerts->rules, doubt->rule);
	struct rule_result result;

	if (rule->kind != reading->kind)
		return 2;
	reading->present &= alerts_believed(reading);
	if (rules_evaluate(
		again->alerts->rules, again->battery, reading, -1, why) == -1)
		return -1;
	result = rules_result(again->alerts->rules, doubt->rule);
	if (stand_step(stand, rule, &result, reading->time_ms) == STAND_RAISED)
		return stand->since_ms == doubt->first_ms;
	return stand->state == STAND_PENDING &&
		stand->since_ms == doubt->first_ms
	    ? 2
	    : 0;
}

/* From the time since which it is said to be so. */
static int
stands(struct again *again, const struct doubt *doubt, struct failure *why)
{
	struct readings_walk *walk = readings_walk_open(again->alerts->tenant,
	    again->battery->id, doubt->first_ms, again->seen_ms + 1, why);
	struct stand stand = { .state = STAND_CLEAR };
	struct reading reading;
	int64_t battery_id;
	int got, found = 2;

	if (walk == NULL)
		return -1;
	while (found == 2 &&
	    (got = readings_walk_next(walk, &battery_id, &reading, why)) != 0)
		found =
		    got == -1 ? -1 : look(again, doubt, &stand, &reading, why);
	readings_walk_close(walk);
	return found == 2 ? 0 : found;
}

/* ---- what comes of it ------------------------------------------------- */

static int
mark_withdrawn(struct alerts *alerts, int64_t id, struct failure *why)
{
	struct sql_query *query = sql_prepare(tenant_sql(alerts->tenant),
	    "UPDATE alerts SET withdrawn_at = ?2, status = 'resolved',"
	    " resolved_at = coalesce(resolved_at, ?2), updated_at = ?2,"
	    " resolution_notes = coalesce(resolution_notes, ?3)"
	    " WHERE id = ?1",
	    why);
	int result;

	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, id);
	sql_bind_integer(query, 2, alerts->now_ms);
	sql_bind_text(query, 3, note_of(alerts->language));
	result = sql_done(query, why);
	sql_query_free(query);
	return result;
}

/* Whoever was told of it is told that it is over. */
static int
withdraw(struct again *again, const struct doubt *doubt, struct failure *why)
{
	struct alerts *alerts = again->alerts;
	struct sql *sql = tenant_sql(alerts->tenant);
	struct sql_query *told;
	int result;

	if (mark_withdrawn(alerts, doubt->id, why) == -1 ||
	    sql_run_with(sql, "DELETE FROM alert_state WHERE alert_id = ?1",
		&doubt->id, 1, why) == -1)
		return -1;
	if (!doubt->open)
		return 0;
	told = alerts_tell_prepare(sql, why);
	if (told == NULL)
		return -1;
	alerts->counts->cleared++;
	result = alerts_tell(
	    alerts, told, "cleared", alerts->now_ms, doubt->id, why);
	sql_query_free(told);
	return result;
}

static int
settle(struct again *again, struct failure *why)
{
	for (size_t i = 0; i < again->count; i++) {
		const struct doubt *doubt = &again->doubt[i];
		int found = stands(again, doubt, why);

		if (found == -1)
			return -1;
		if (found == 0 && !doubt->withdrawn &&
		    withdraw(again, doubt, why) == -1)
			return -1;
		if (found == 1 && doubt->withdrawn &&
		    sql_run_with(tenant_sql(again->alerts->tenant),
			"UPDATE alerts SET withdrawn_at = NULL,"
			" resolution_notes = NULL WHERE id = ?1",
			&doubt->id, 1, why) == -1)
			return -1;
	}
	return 0;
}

/* ---- battery by battery ----------------------------------------------- */

/* The next that judge has looked at: 1, 0 there is none, -1 a failure. */
static int
next(struct alerts *alerts, int64_t *battery_id, int64_t *hour_ms,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(tenant_sql(alerts->tenant),
	    "SELECT a.battery_id, a.hour FROM alert_again a"
	    " WHERE NOT EXISTS (SELECT 1 FROM touched t WHERE t.seq >"
	    " (SELECT seq FROM cursors WHERE follower = 'judge')"
	    " AND t.battery_id = a.battery_id) LIMIT 1",
	    why);
	int got;

	if (query == NULL)
		return -1;
	got = sql_step(query, why);
	if (got == 1) {
		*battery_id = sql_integer(query, 0);
		*hour_ms = sql_integer(query, 1);
	}
	sql_query_free(query);
	return got;
}

static int
take(struct alerts *alerts, int64_t battery_id, int64_t hour_ms,
    struct failure *why)
{
	struct again again = { .alerts = alerts,
		.battery = rules_battery(alerts->rules, battery_id),
		.hour_ms = hour_ms };

	arena_reset(&alerts->arena);
	if (again.battery != NULL &&
	    (load(&again, why) == -1 || settle(&again, why) == -1))
		return -1;
	return sql_run_with(tenant_sql(alerts->tenant),
	    "DELETE FROM alert_again WHERE battery_id = ?1", &battery_id, 1,
	    why);
}

/* Within the transaction: what others add meanwhile waits for it. */
static int
step(struct alerts *alerts, struct failure *why)
{
	struct sql *sql = tenant_sql(alerts->tenant);
	int64_t battery_id, hour_ms;
	int got = next(alerts, &battery_id, &hour_ms, why);

	if (got != 1)
		return got;
	if (sql_begin(sql, why) == -1)
		return -1;
	got = next(alerts, &battery_id, &hour_ms, why);
	if (got == 1 && take(alerts, battery_id, hour_ms, why) == -1)
		got = -1;
	if (got == -1 || sql_commit(sql, false, why) == -1) {
		sql_rollback(sql);
		return -1;
	}
	return got;
}

int
alerts_again(struct alerts *alerts, bool (*stop)(void), struct failure *why)
{
	int got;

	do
		got = step(alerts, why);
	while (got == 1 && (stop == NULL || !stop()));
	return got == -1 ? -1 : 0;
}
