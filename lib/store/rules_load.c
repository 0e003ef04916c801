/* alert_rules with what they select, and the limits of batteries. */
#include <stdlib.h>
#include <string.h>

#include "store/rules_parts.h"
#include "store/view.h"

static const char select_rules[] =
    "SELECT id, code, severity, category, title, message, description,"
    " unit, kind, for_ms, clear_for_ms, threshold, expression,"
    " clear_expression, value_expression, selection FROM alert_rules"
    " WHERE is_enabled <> 0 ORDER BY id";
enum {
	AT_ID,
	AT_CODE,
	AT_SEVERITY,
	AT_CATEGORY,
	AT_TITLE,
	AT_MESSAGE,
	AT_DESCRIPTION,
	AT_UNIT,
	AT_KIND,
	AT_FOR,
	AT_CLEAR_FOR,
	AT_THRESHOLD,
	AT_EXPRESSION,
	AT_CLEAR,
	AT_VALUE,
	AT_SELECTION
};

/* In order of enum rule_name. */
static const char select_batteries[] =
    "SELECT b.id, t.nominal_voltage, t.capacity_ah, t.capacity_wh,"
    " t.cell_count, b.custom_voltage_min, b.custom_voltage_max,"
    " coalesce(b.custom_temp_min, t.operating_temp_min),"
    " coalesce(b.custom_temp_max, t.operating_temp_max),"
    " coalesce(b.custom_current_charge_max, t.max_charge_current),"
    " coalesce(b.custom_current_discharge_max, t.max_discharge_current),"
    " b.slug, b.name, b.alerts_enabled <> 0 AND b.status NOT IN"
    "  ('maintenance', 'decommissioned'), b.critical_alerts_only"
    " FROM batteries b JOIN battery_types t ON t.id = b.battery_type_id"
    " WHERE b.is_active <> 0 ORDER BY b.id";

/* A copy, or NULL for NULL. */
static const char *
keep(struct rules *rules, struct sql_query *query, int n)
{
	const char *text = sql_text(query, n);

	return text == NULL ? NULL
			    : arena_text(&rules->arena, text, strlen(text));
}

static const char *
keep_or_empty(struct rules *rules, struct sql_query *query, int n)
{
	const char *text = keep(rules, query, n);

	return text == NULL ? "" : text;
}

static enum reading_kind
kind_of(const char *word)
{
	return strcmp(word, "energy") == 0 ? READING_ENERGY
	    : strcmp(word, "status") == 0  ? READING_STATUS
					   : READING_BATTERY;
}

/* Only what a view of this selection would hold; {} costs nothing. */
static int
select_for(struct rules *rules, struct tenant *tenant, struct rule *rule,
    const char *selection)
{
	struct view view;
	struct failure why;

	if (strcmp(selection, "{}") == 0)
		return 0;
	if (view_resolve(tenant, selection, &rules->arena, &view, &why) == -1) {
		rule->broken =
		    arena_text(&rules->arena, why.message, strlen(why.message));
		return -1;
	}
	rule->battery = view.count > 0
	    ? view.battery
	    : arena_alloc(&rules->arena, sizeof(*view.battery));
	rule->batteries = view.count;
	return 0;
}

static void
read_rule(struct rules *rules, struct sql_query *query, struct compiled *one)
{
	struct rule *rule = &one->rule;

	rule->id = sql_integer(query, AT_ID);
	rule->code = keep(rules, query, AT_CODE);
	rule->severity = severity_find(sql_text(query, AT_SEVERITY));
	rule->category = keep(rules, query, AT_CATEGORY);
	rule->title = keep(rules, query, AT_TITLE);
	rule->message = keep(rules, query, AT_MESSAGE);
	rule->description = keep_or_empty(rules, query, AT_DESCRIPTION);
	rule->unit = keep_or_empty(rules, query, AT_UNIT);
	rule->kind = kind_of(sql_text(query, AT_KIND));
	rule->for_ms = sql_integer(query, AT_FOR);
	rule->clear_for_ms = sql_integer(query, AT_CLEAR_FOR);
	rule->has_threshold =
	    sql_column_type(query, AT_THRESHOLD) != SQL_TYPE_NULL;
	rule->threshold = sql_real(query, AT_THRESHOLD);
	one->text = keep(rules, query, AT_EXPRESSION);
	one->clear_text = keep(rules, query, AT_CLEAR);
	one->value_text = keep(rules, query, AT_VALUE);
}

static int
load_rules(struct rules *rules, struct tenant *tenant, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(tenant_sql(tenant), select_rules, why);
	struct compiled *one;
	int got = -1;

	while (query != NULL && (got = sql_step(query, why)) == 1) {
		if (rules->count == RULES_MAX) {
			got = failure_set(
			    why, EXIT_WRONG, "more than %d rules", RULES_MAX);
			break;
		}
		rules->one =
		    mem_grow(rules->one, rules->count + 1, sizeof(*rules->one));
		one = &rules->one[rules->count++];
		*one = (struct compiled){ .column = 0 };
		read_rule(rules, query, one);
		select_for(
		    rules, tenant, &one->rule, sql_text(query, AT_SELECTION));
	}
	sql_query_free(query);
	return got;
}

static void
read_battery(
    struct rules *rules, struct sql_query *query, struct rule_battery *one)
{
	*one = (struct rule_battery){ .id = sql_integer(query, 0) };
	for (int n = 0; n < RULE_EXTRAS; n++) {
		if (sql_column_type(query, n + 1) == SQL_TYPE_NULL)
			continue;
		one->value[n] = sql_real(query, n + 1);
		one->known |= 1U << n;
	}
	one->slug = keep(rules, query, RULE_EXTRAS + 1);
	one->name = keep(rules, query, RULE_EXTRAS + 2);
	one->alerts = sql_integer(query, RULE_EXTRAS + 3) != 0;
	one->critical_only = sql_integer(query, RULE_EXTRAS + 4) != 0;
}

static int
load_batteries(struct rules *rules, struct tenant *tenant, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(tenant_sql(tenant), select_batteries, why);
	int got = -1;

	while (query != NULL && (got = sql_step(query, why)) == 1) {
		if ((rules->batteries & (rules->batteries - 1)) == 0)
			rules->battery = mem_grow(rules->battery,
			    rules->batteries == 0 ? 1 : rules->batteries * 2,
			    sizeof(*rules->battery));
		read_battery(rules, query, &rules->battery[rules->batteries++]);
	}
	sql_query_free(query);
	return got;
}

int
rules_load(struct rules *rules, struct tenant *tenant, struct failure *why)
{
	if (load_rules(rules, tenant, why) == -1)
		return -1;
	return load_batteries(rules, tenant, why);
}
