/* How far values of a battery may step, by its type and its own word. */
#ifndef STORE_LIMITS_H
#define STORE_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/json.h"
#include "record/measurement.h"
#include "store/tenant.h"

struct limits {
	int64_t battery_id;
	int64_t capacity; /* of its type, mAh */
	int64_t step[MEASUREMENT_COUNT]; /* scaled; 0 never doubted */
	/* of a counter the step is the most in a day, 0 not told; where it
	 * goes round, scaled, 0 not told */
	int64_t modulus[MEASUREMENT_COUNT];
	bool stuck, sign; /* are these looked for? */
};
struct limits_table {
	struct limits *one; /* in order of battery_id */
	size_t count;
};
/* All batteries of a tenant. 0 or -1 with a failure. */
int limits_load(
    struct tenant *tenant, struct limits_table *table, struct failure *why);
/* NULL for a battery that is gone. */
const struct limits *limits_find(
    const struct limits_table *table, int64_t battery_id);
void limits_free(struct limits_table *table);

/* Is it an object of steps and of "stuck" and "sign"? -1 with a failure
 * (EXIT_REFUSED) that says what is wrong; else `limits` has it. */
int limits_read(
    const json_t *object, struct limits *limits, struct failure *why);

#endif
