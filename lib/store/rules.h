/* The rules of a tenant, compiled into one statement: rules(5). */
#ifndef STORE_RULES_H
#define STORE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/reading.h"
#include "store/state.h"
#include "store/tenant.h"

/* More in one statement SQLite does not take. */
#define RULES_MAX 480

struct rule {
	int64_t id;
	const char *code, *category, *title, *message, *description;
	const char *unit; /* "" where it has none */
	enum severity severity;
	enum reading_kind kind;
	int64_t for_ms, clear_for_ms;
	bool has_threshold;
	double threshold;
	const int64_t *battery; /* ids, ascending; NULL: all */
	size_t batteries;
	unsigned decimals; /* of what it measures */
	const char *broken; /* why it cannot be used, or NULL */
};

struct rules;

/*
 * Load and compile all rules with is_enabled. One that does not compile
 * has `broken` set and never fires. NULL with a failure.
 */
struct rules *rules_open(struct tenant *tenant, struct failure *why);
void rules_close(struct rules *rules);
size_t rules_count(const struct rules *rules);
const struct rule *rules_get(const struct rules *rules, size_t n);
bool rule_watches(const struct rule *rule, int64_t battery_id);

#define RULE_EXTRAS 10

/* A battery, and what its type and its own limits give to the names. */
struct rule_battery {
	int64_t id;
	const char *slug, *name;
	bool alerts; /* batteries.alerts_enabled, not away */
	bool critical_only;
	unsigned known; /* bit per value */
	double value[RULE_EXTRAS];
};
/* One battery with is_active, or NULL. */
const struct rule_battery *rules_battery(
    const struct rules *rules, int64_t battery_id);
/* All of them, in order of id. */
const struct rule_battery *rules_batteries(
    const struct rules *rules, size_t *count);

enum truth { TRUTH_UNKNOWN, TRUTH_FALSE, TRUTH_TRUE };
struct rule_result {
	enum truth fires, clears;
	bool has_value, has_threshold;
	double value, threshold;
};
/*
 * Evaluate all rules over a reading; with silent_ms (not -1) instead of a
 * reading over how long the battery has been silent. Then ask for each
 * rule's result, until the next evaluation. A rule that fails over a value
 * is broken from then on, and the others go on. 0, or -1 with a failure.
 */
int rules_evaluate(struct rules *rules, const struct rule_battery *battery,
    const struct reading *reading, int64_t silent_ms, struct failure *why);
struct rule_result rules_result(const struct rules *rules, size_t n);

#endif
