/* Binding a reading to the statement: only names that some rule uses. */
#include <string.h>

#include "base/ids.h"
#include "base/num.h"
#include "store/rules_parts.h"

const struct rule_battery *
rules_battery(const struct rules *rules, int64_t battery_id)
{
	return ids_find(rules->battery, rules->batteries,
	    sizeof(*rules->battery), battery_id);
}

const struct rule_battery *
rules_batteries(const struct rules *rules, size_t *count)
{
	*count = rules->batteries;
	return rules->battery;
}

static bool
used(const struct rules *rules, int name)
{
	return (rules->names[name / 64] >> name % 64 & 1) != 0;
}

/* Lists are their JSON, so that json_array_length and such take them. */
static void
bind_json(struct rules *rules, const struct reading *reading, int id)
{
	size_t head = (size_t)measurement_table[id].name_size + 4;

	buf_clear(&rules->text);
	reading_print_one(reading, id, &rules->text); /* ,"name": before */
	sqlite3_bind_text(rules->statement, id + 1, rules->text.data + head,
	    (int)(rules->text.size - head), SQLITE_TRANSIENT);
}

static void
bind_measurement(struct rules *rules, const struct reading *reading, int id)
{
	const struct measurement *row = &measurement_table[id];
	int64_t number = reading->value[id].number;

	switch ((enum measurement_shape)row->shape) {
	case SHAPE_NUMBER:
		sqlite3_bind_double(rules->statement, id + 1,
		    (double)number / (double)num_power10(row->decimals));
		break;
	case SHAPE_FLAG:
	case SHAPE_TIME:
		sqlite3_bind_int64(rules->statement, id + 1, number);
		break;
	case SHAPE_WORD:
		sqlite3_bind_text(rules->statement, id + 1, row->words[number],
		    -1, SQLITE_STATIC);
		break;
	default:
		bind_json(rules, reading, id);
		break;
	}
}

static void
bind_battery(struct rules *rules, const struct rule_battery *battery)
{
	for (int n = 0; n < RULE_EXTRAS; n++)
		if (used(rules, MEASUREMENT_COUNT + n) &&
		    (battery->known >> n & 1) != 0)
			sqlite3_bind_double(rules->statement,
			    MEASUREMENT_COUNT + n + 1, battery->value[n]);
}

/* What one evaluation looks at. */
struct subject {
	const struct rule_battery *battery;
	const struct reading *reading;
	int64_t silent_ms;
};

static int
run(struct rules *rules, const struct subject *subject)
{
	uint64_t left = subject->reading == NULL
	    ? 0
	    : subject->reading->present & rules->names[0];

	rules->looks = 0;
	sqlite3_reset(rules->statement);
	sqlite3_clear_bindings(rules->statement);
	bind_battery(rules, subject->battery);
	for (; left != 0; left &= left - 1)
		bind_measurement(
		    rules, subject->reading, __builtin_ctzll(left));
	if (subject->silent_ms >= 0 && used(rules, RULE_SILENT_MINUTES))
		sqlite3_bind_double(rules->statement, RULE_SILENT_MINUTES + 1,
		    (double)subject->silent_ms / 60000);
	return sqlite3_step(rules->statement);
}

/* Does this rule fail by itself? It is broken then. */
static bool
fails_alone(
    struct rules *rules, struct compiled *one, const struct subject *subject)
{
	sqlite3_stmt *all = rules->statement;
	struct failure why;
	bool failed;

	rules->statement = rule_alone(rules, one, &why);
	failed = rules->statement == NULL || run(rules, subject) != SQLITE_ROW;
	if (failed)
		rule_break(rules, one, sqlite3_errmsg(rules->db));
	sqlite3_finalize(rules->statement);
	rules->statement = all;
	return failed;
}

int
rules_evaluate(struct rules *rules, const struct rule_battery *battery,
    const struct reading *reading, int64_t silent_ms, struct failure *why)
{
	struct subject subject = { battery, reading, silent_ms };
	bool found = false;

	if (run(rules, &subject) == SQLITE_ROW)
		return 0;
	failure_set(why, EXIT_WRONG, "rules: %s", sqlite3_errmsg(rules->db));
	for (size_t i = 0; i < rules->count; i++)
		if (rules->one[i].rule.broken == NULL)
			found = fails_alone(rules, &rules->one[i], &subject) ||
			    found;
	if (!found || rules_join(rules, why) == -1)
		return -1;
	return run(rules, &subject) == SQLITE_ROW
	    ? 0
	    : failure_set(
		  why, EXIT_WRONG, "rules: %s", sqlite3_errmsg(rules->db));
}

static enum truth
truth(sqlite3_stmt *statement, int column)
{
	if (sqlite3_column_type(statement, column) == SQLITE_NULL)
		return TRUTH_UNKNOWN;
	return sqlite3_column_double(statement, column) != 0 ? TRUTH_TRUE
							     : TRUTH_FALSE;
}

static bool
number(sqlite3_stmt *statement, int column, double *value)
{
	int type = sqlite3_column_type(statement, column);

	if (type != SQLITE_INTEGER && type != SQLITE_FLOAT)
		return false;
	*value = sqlite3_column_double(statement, column);
	return true;
}

struct rule_result
rules_result(const struct rules *rules, size_t n)
{
	const struct compiled *one = &rules->one[n];
	sqlite3_stmt *statement = rules->statement;
	struct rule_result result = { .fires = TRUTH_UNKNOWN };

	if (one->rule.broken != NULL)
		return result;
	result.fires = truth(statement, one->column + RULE_FIRES);
	result.clears = truth(statement, one->column + RULE_CLEARS);
	result.has_value =
	    number(statement, one->column + RULE_VALUE, &result.value);
	result.has_threshold =
	    number(statement, one->column + RULE_THRESHOLD, &result.threshold);
	if (one->rule.has_threshold) {
		result.has_threshold = true;
		result.threshold = one->rule.threshold;
	}
	return result;
}

_Static_assert(RULE_EXTRAS == RULE_SILENT_MINUTES - MEASUREMENT_COUNT,
    "a value of the battery for each name");
