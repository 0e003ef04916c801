/* Facts come in one query; the judgement itself touches no database. */
#include "store/state.h"

#include <string.h>

#include "base/clock.h"
#include "base/ids.h"

static const char *const state_words[STATE_COUNT] = { "fault", "attention",
	"silent", "maintenance", "ok" };
static const char *const severity_words[] = { "info", "warning", "critical",
	"emergency" };

#define SEVERITIES (sizeof(severity_words) / sizeof(severity_words[0]))

static const char select_facts[] =
    "SELECT b.id, b.slug, t.capacity_wh, b.status,"
    " (SELECT d.interval_ms FROM device_batteries v JOIN devices d"
    "   ON d.id = v.device_id WHERE v.battery_id = b.id"
    "   ORDER BY v.valid_from DESC LIMIT 1),"
    " (SELECT max(CASE a.severity WHEN 'emergency' THEN 3"
    "    WHEN 'critical' THEN 2 WHEN 'warning' THEN 1 ELSE 0 END)"
    "   FROM alerts a WHERE a.battery_id = b.id"
    "   AND a.status IN ('active', 'acknowledged')"
    "   AND a.category <> 'communication')"
    " FROM batteries b JOIN battery_types t ON t.id = b.battery_type_id"
    " WHERE b.is_active <> 0 ORDER BY b.id";

const char *
state_word(enum state state)
{
	return state_words[state];
}

const char *
severity_word(enum severity severity)
{
	return severity_words[severity];
}

enum severity
severity_find(const char *word)
{
	for (size_t i = 0; i < SEVERITIES; i++)
		if (strcmp(word, severity_words[i]) == 0)
			return (enum severity)i;
	return SEVERITY_NONE;
}

static struct state_facts *
next_facts(struct arena *arena, struct state_facts **facts, size_t count)
{
	struct state_facts *grown;

	if ((count & (count - 1)) == 0) {
		grown = arena_alloc(
		    arena, (count == 0 ? 1 : count * 2) * sizeof(*grown));
		if (count > 0)
			memcpy(grown, *facts, count * sizeof(*grown));
		*facts = grown;
	}
	return *facts + count;
}

static void
read_facts(
    struct sql_query *query, struct arena *arena, struct state_facts *one)
{
	const char *slug = sql_text(query, 1), *status = sql_text(query, 3);

	one->id = sql_integer(query, 0);
	one->slug = arena_text(arena, slug, strlen(slug));
	one->capacity_wh = sql_real(query, 2);
	one->away = strcmp(status, "maintenance") == 0 ||
	    strcmp(status, "decommissioned") == 0;
	one->faulty = strcmp(status, "fault") == 0;
	one->every_ms = sql_integer(query, 4);
	one->worst = sql_column_type(query, 5) == SQL_TYPE_NULL
	    ? SEVERITY_NONE
	    : (enum severity)sql_integer(query, 5);
}

int
state_load(struct tenant *tenant, struct arena *arena,
    struct state_facts **facts, size_t *count, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(tenant_sql(tenant), select_facts, why);
	int got = -1;

	*count = 0;
	*facts = NULL;
	while (query != NULL && (got = sql_step(query, why)) == 1) {
		read_facts(query, arena, next_facts(arena, facts, *count));
		++*count;
	}
	sql_query_free(query);
	return got;
}

const struct state_facts *
state_find(const struct state_facts *facts, size_t count, int64_t battery_id)
{
	return ids_find(facts, count, sizeof(*facts), battery_id);
}

int64_t
state_silent_after_ms(int64_t every_ms)
{
	int64_t patient =
	    every_ms * 3 > 15 * MINUTE_MS ? every_ms * 3 : 15 * MINUTE_MS;

	if (every_ms <= 0 || every_ms * 60 > patient)
		return patient;
	return every_ms * 60;
}

/* Is there a list of codes with at least one in it? */
static bool
has_codes(const struct reading *reading, int id)
{
	return reading_has(reading, id) &&
	    reading->value[id].text.size > sizeof("[]") - 1;
}

static bool
in_fault(const struct reading *newest)
{
	return has_codes(newest, MEASUREMENT_fault_codes) ||
	    (reading_has(newest, MEASUREMENT_operation_mode) &&
		newest->value[MEASUREMENT_operation_mode].number == MODE_FAULT);
}

enum state
state_judge(const struct state_facts *facts, const struct reading *newest,
    int64_t now_ms)
{
	if (facts->away)
		return STATE_MAINTENANCE;
	if (facts->faulty || facts->worst >= SEVERITY_CRITICAL)
		return STATE_FAULT;
	if (newest == NULL || newest->time_ms > now_ms + STATE_AHEAD_MAX_MS ||
	    now_ms - newest->time_ms > state_silent_after_ms(facts->every_ms))
		return STATE_SILENT;
	if (in_fault(newest))
		return STATE_FAULT;
	if (facts->worst == SEVERITY_WARNING ||
	    has_codes(newest, MEASUREMENT_warning_codes))
		return STATE_ATTENTION;
	return STATE_OK;
}
