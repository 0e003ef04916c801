/*
 * The statement runs on a database of its own in memory that holds nothing,
 * under an authorizer that allows no more than a few functions; so even an
 * expression that got past the scanner of rule_text could reach no data.
 */
#include "store/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "store/rules_parts.h"

/* Steps of SQLite's machine between two looks, and looks that one
 * evaluation may take for each rule. */
#define STEPS_PER_LOOK 1000
#define LOOKS_EACH 20

static int
authorize(void *data, int action, const char *first, const char *second,
    const char *database, const char *trigger)
{
	(void)data;
	(void)first;
	(void)database;
	(void)trigger;
	if (action == SQLITE_SELECT)
		return SQLITE_OK;
	if (action == SQLITE_FUNCTION && second != NULL &&
	    rule_function(second, strlen(second)))
		return SQLITE_OK;
	return SQLITE_DENY;
}

static int
too_long(void *data)
{
	struct rules *rules = data;

	return ++rules->looks > LOOKS_EACH * (rules->count + 1);
}

static sqlite3 *
open_empty(struct failure *why)
{
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(":memory:", &db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK) {
		failure_set(why, EXIT_AGAIN, "rules: %s",
		    db == NULL ? "no memory" : sqlite3_errmsg(db));
		sqlite3_close(db);
		return NULL;
	}
	sqlite3_set_authorizer(db, authorize, NULL);
	sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, 100);
	sqlite3_limit(db, SQLITE_LIMIT_FUNCTION_ARG, 16);
	sqlite3_limit(db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1 << 20);
	sqlite3_limit(db, SQLITE_LIMIT_VARIABLE_NUMBER, RULE_NAMES);
	return db;
}

/* The expressions of one rule, in order of `enum rule_column`. */
static void
print_rule(const struct compiled *one, struct buf *sql)
{
	const struct rule_text *fires = &one->fires;

	buf_print(sql, "(%s)", fires->sql.data);
	if (one->has_clears)
		buf_print(sql, ",(%s)", one->clears.sql.data);
	else
		buf_print(sql, ",NOT(%s)", fires->sql.data);
	if (one->has_value)
		buf_print(sql, ",(%s)", one->value.sql.data);
	else if (fires->left.size > 0)
		buf_print(sql, ",(%s)", fires->left.data);
	else if (fires->first >= 0)
		buf_print(sql, ",?%d", fires->first + 1);
	else
		buf_text(sql, ",NULL");
	if (fires->right.size > 0)
		buf_print(sql, ",(%s)", fires->right.data);
	else
		buf_text(sql, ",NULL");
}

static sqlite3_stmt *
prepare(sqlite3 *db, const struct buf *sql, struct failure *why)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v3(db, sql->data, (int)sql->size,
		SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) {
		failure_set(why, EXIT_WRONG, "%s", sqlite3_errmsg(db));
		return NULL;
	}
	return statement;
}

sqlite3_stmt *
rule_alone(struct rules *rules, const struct compiled *one, struct failure *why)
{
	struct buf sql = { NULL, 0, 0 };
	sqlite3_stmt *statement;

	buf_text(&sql, "SELECT ");
	print_rule(one, &sql);
	statement = prepare(rules->db, &sql, why);
	buf_free(&sql);
	return statement;
}

/* By itself first, so that a bad one spoils no other. */
static int
try_rule(struct rules *rules, struct compiled *one, struct failure *why)
{
	sqlite3_stmt *statement = rule_alone(rules, one, why);
	int columns;

	if (statement == NULL)
		return -1;
	columns = sqlite3_column_count(statement);
	sqlite3_finalize(statement);
	if (columns != RULE_COLUMNS)
		return failure_set(why, EXIT_WRONG, "not one expression");
	return 0;
}

static int
compile_one(struct rules *rules, struct compiled *one, struct failure *why)
{
	if (rule_translate(one->text, &one->fires, why) == -1)
		return failure_prefix(why, "expression");
	one->has_clears = one->clear_text != NULL;
	if (one->has_clears &&
	    rule_translate(one->clear_text, &one->clears, why) == -1)
		return failure_prefix(why, "clear_expression");
	one->has_value = one->value_text != NULL;
	if (one->has_value &&
	    rule_translate(one->value_text, &one->value, why) == -1)
		return failure_prefix(why, "value_expression");
	return try_rule(rules, one, why);
}

static void
add_names(struct rules *rules, const struct rule_text *text)
{
	rules->names[0] |= text->names[0];
	rules->names[1] |= text->names[1];
}

void
rule_break(struct rules *rules, struct compiled *one, const char *reason)
{
	one->rule.broken = arena_text(&rules->arena, reason, strlen(reason));
}

/* What the text of a rule says about the value that it watches. */
static void
describe(struct compiled *one)
{
	int name = one->has_value ? one->value.first : one->fires.first;

	one->rule.decimals = name == RULE_SILENT_MINUTES ? 0 : 3;
	if (name >= 0 && name < MEASUREMENT_COUNT) {
		one->rule.decimals = measurement_table[name].decimals;
		if (*one->rule.unit == '\0')
			one->rule.unit = measurement_table[name].unit;
	}
}

static void
compile_all(struct rules *rules)
{
	struct failure why;

	for (size_t i = 0; i < rules->count; i++) {
		struct compiled *one = &rules->one[i];

		if (one->rule.broken == NULL &&
		    compile_one(rules, one, &why) == -1)
			rule_break(rules, one, why.message);
		if (one->rule.broken == NULL)
			describe(one);
	}
}

int
rules_join(struct rules *rules, struct failure *why)
{
	struct buf sql = { NULL, 0, 0 };

	sqlite3_finalize(rules->statement);
	rules->names[0] = rules->names[1] = 0;
	rules->columns = 1;
	buf_text(&sql, "SELECT 1");
	for (size_t i = 0; i < rules->count; i++) {
		struct compiled *one = &rules->one[i];

		if (one->rule.broken != NULL)
			continue;
		one->column = rules->columns;
		rules->columns += RULE_COLUMNS;
		buf_char(&sql, ',');
		print_rule(one, &sql);
		add_names(rules, &one->fires);
		add_names(rules, &one->clears);
		add_names(rules, &one->value);
	}
	rules->statement = prepare(rules->db, &sql, why);
	buf_free(&sql);
	return rules->statement == NULL ? -1 : 0;
}

struct rules *
rules_open(struct tenant *tenant, struct failure *why)
{
	struct rules *rules = mem_zero(1, sizeof(*rules));

	rules->db = open_empty(why);
	if (rules->db != NULL && rules_load(rules, tenant, why) == 0) {
		compile_all(rules);
		if (rules_join(rules, why) == -1) {
			rules_close(rules);
			return NULL;
		}
		sqlite3_progress_handler(
		    rules->db, STEPS_PER_LOOK, too_long, rules);
		return rules;
	}
	rules_close(rules);
	return NULL;
}

void
rules_close(struct rules *rules)
{
	if (rules == NULL)
		return;
	for (size_t i = 0; i < rules->count; i++) {
		rule_text_free(&rules->one[i].fires);
		rule_text_free(&rules->one[i].clears);
		rule_text_free(&rules->one[i].value);
	}
	sqlite3_finalize(rules->statement);
	sqlite3_close(rules->db);
	buf_free(&rules->text);
	free(rules->one);
	free(rules->battery);
	arena_free(&rules->arena);
	free(rules);
}

size_t
rules_count(const struct rules *rules)
{
	return rules->count;
}

const struct rule *
rules_get(const struct rules *rules, size_t n)
{
	return &rules->one[n].rule;
}

bool
rule_watches(const struct rule *rule, int64_t battery_id)
{
	return rule->battery == NULL ||
	    ids_find(rule->battery, rule->batteries, sizeof(*rule->battery),
		battery_id) != NULL;
}
