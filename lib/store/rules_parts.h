/* Private to rules: what is loaded, and what is compiled of it. */
#ifndef STORE_RULES_PARTS_H
#define STORE_RULES_PARTS_H

#include <sqlite3.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/rule_text.h"
#include "store/rules.h"

/* Columns of the statement for each rule. */
enum rule_column {
	RULE_FIRES,
	RULE_CLEARS,
	RULE_VALUE,
	RULE_THRESHOLD,
	RULE_COLUMNS
};

struct compiled {
	struct rule rule;
	const char *text, *clear_text, *value_text; /* NULL: not given */
	struct rule_text fires, clears, value;
	bool has_clears, has_value;
	int column; /* of the first of its columns */
};

struct rules {
	sqlite3 *db;
	sqlite3_stmt *statement;
	struct compiled *one;
	size_t count;
	int columns;
	size_t looks; /* of the progress handler, this evaluation */
	uint64_t names[2]; /* bit per name that is used at all */
	struct rule_battery *battery; /* in order of id */
	size_t batteries;
	struct arena arena;
	struct buf text;
};

/* Read alert_rules and batteries. */
int rules_load(struct rules *rules, struct tenant *tenant, struct failure *why);
/* Make the one statement of all rules that are not broken. */
int rules_join(struct rules *rules, struct failure *why);
/* The statement of one rule alone; the caller finalizes it. */
sqlite3_stmt *rule_alone(
    struct rules *rules, const struct compiled *one, struct failure *why);
void rule_break(struct rules *rules, struct compiled *one, const char *reason);

#endif
