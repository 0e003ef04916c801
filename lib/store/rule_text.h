/*
 * The text of a rule: rules(5). An expression is read word by word before
 * SQLite sees it, so that nothing but numbers, strings, operators, a few
 * functions and the names below can be in it.
 */
#ifndef STORE_RULE_TEXT_H
#define STORE_RULE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "record/measurement.h"

/* Names beside those of the measurements; parameters follow theirs. */
enum rule_name {
	RULE_RATED_VOLTAGE = MEASUREMENT_COUNT,
	RULE_RATED_CAPACITY_AH,
	RULE_RATED_CAPACITY_WH,
	RULE_RATED_CELLS,
	RULE_LIMIT_VOLTAGE_MIN,
	RULE_LIMIT_VOLTAGE_MAX,
	RULE_LIMIT_TEMP_MIN,
	RULE_LIMIT_TEMP_MAX,
	RULE_LIMIT_CHARGE_CURRENT,
	RULE_LIMIT_DISCHARGE_CURRENT,
	RULE_SILENT_MINUTES,
	RULE_NAMES
};

/* Limits: an expression of 4096 bytes, parentheses 32 deep. */
#define RULE_TEXT_MAX 4096
#define RULE_DEPTH_MAX 32

/* What translating found. */
struct rule_text {
	struct buf sql; /* parameters ?1 … in place of names */
	/* the sides of its first comparison that is in no parentheses; empty
	 * where there is none */
	struct buf left, right;
	uint64_t names[2]; /* bit per name used */
	int first; /* the first name used, or -1 */
};

/* 0, or -1 with a failure (EXIT_WRONG) that says what and where. */
int rule_translate(
    const char *text, struct rule_text *out, struct failure *why);
void rule_text_free(struct rule_text *text);
/* May an expression call this function? (SQLite asks as well.) */
bool rule_function(const char *name, size_t size);

#endif
