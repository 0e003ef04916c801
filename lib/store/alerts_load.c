/* How rules stand with batteries, from the last time, and what they may ask
 * of a reading. */
#include <string.h>

#include "store/alerts_parts.h"

/* An array with something in it is longer than "[]". */
static uint64_t
codes_of(const struct reading *reading, int id)
{
	return reading_has(reading, id) && reading->value[id].text.size > 2
	    ? UINT64_C(1) << id
	    : 0;
}

/*
 * What rules may ask of a reading; the rest is unknown to them, so that it
 * neither fires nor clears. Of one that is poor because of a value that was
 * out of range they see all others; of one that is invalid, faults.
 */
uint64_t
alerts_believed(const struct reading *reading)
{
	if (reading_has(reading, MEASUREMENT_data_quality) &&
	    reading->value[MEASUREMENT_data_quality].number == QUALITY_INVALID)
		return UINT64_C(1) << MEASUREMENT_data_quality |
		    UINT64_C(1) << MEASUREMENT_communication_errors |
		    UINT64_C(1) << MEASUREMENT_signal_strength |
		    codes_of(reading, MEASUREMENT_fault_codes) |
		    codes_of(reading, MEASUREMENT_warning_codes);
	return ~reading->suspect;
}

static size_t
rule_number(const struct rules *rules, int64_t id)
{
	size_t low = 0, high = rules_count(rules);

	while (low < high) { /* rules are in order of id */
		size_t middle = low + (high - low) / 2;

		if (rules_get(rules, middle)->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < rules_count(rules) && rules_get(rules, low)->id == id
	    ? low
	    : SIZE_MAX;
}

static enum stand_state
state_of(const char *word)
{
	if (strcmp(word, "active") == 0)
		return STAND_ACTIVE;
	return strcmp(word, "pending") == 0 ? STAND_PENDING : STAND_CLEAR;
}

static int
load_stands(struct alerts *alerts, struct sql_query *query,
    struct watched *watched, struct failure *why)
{
	int got;

	sql_reset(query);
	sql_bind_integer(query, 1, watched->battery->id);
	while ((got = sql_step(query, why)) == 1) {
		size_t n = rule_number(alerts->rules, sql_integer(query, 0));

		if (n == SIZE_MAX)
			continue; /* of a rule that is off now */
		watched->stand[n].state = state_of(sql_text(query, 1));
		watched->stand[n].since_ms = sql_integer(query, 2);
		watched->stand[n].clear_since_ms = sql_integer(query, 3);
		watched->stand[n].alert_id = sql_integer(query, 4);
	}
	return got;
}

static int
load_seen(struct sql_query *query, struct watched *watched, struct failure *why)
{
	int got;

	sql_reset(query);
	sql_bind_integer(query, 1, watched->battery->id);
	got = sql_step(query, why);
	if (got == 1 && sql_column_type(query, 0) != SQL_TYPE_NULL)
		watched->seen_ms = sql_integer(query, 0);
	if (got == 1 && sql_column_type(query, 1) != SQL_TYPE_NULL)
		watched->judged_ms = sql_integer(query, 1);
	return got == -1 ? -1 : 0;
}

int
alerts_load(struct alerts *alerts, struct failure *why)
{
	struct sql *sql = tenant_sql(alerts->tenant);
	struct sql_query *stands = sql_prepare(sql,
	    "SELECT rule_id, state,"
	    " since_ms, clear_since_ms, alert_id FROM alert_state"
	    " WHERE battery_id = ?1",
	    why);
	struct sql_query *seen = stands == NULL
	    ? NULL
	    : sql_prepare(sql,
		  "SELECT (SELECT time_ms FROM alert_seen"
		  "  WHERE battery_id = ?1), (SELECT newest FROM judged"
		  "  WHERE battery_id = ?1)",
		  why);
	int result = seen == NULL ? -1 : 0;

	for (size_t i = 0; result == 0 && i < alerts->count; i++) {
		struct watched *watched = &alerts->watched[i];

		result = load_stands(alerts, stands, watched, why);
		if (result == 0)
			result = load_seen(seen, watched, why);
	}
	sql_query_free(stands);
	sql_query_free(seen);
	return result;
}
