/*
 * How a rule stands with a battery: clear, pending (true, but not yet for
 * long enough) or active. Time is that of the readings; no clock is asked.
 */
#ifndef STORE_STAND_H
#define STORE_STAND_H

#include <stdbool.h>
#include <stdint.h>

#include "store/rules.h"

enum stand_state { STAND_CLEAR, STAND_PENDING, STAND_ACTIVE };

struct stand {
	enum stand_state state;
	int64_t since_ms; /* pending, active: true since */
	int64_t clear_since_ms; /* active: over since; 0 it is not */
	int64_t alert_id; /* active: the row in alerts */
	int64_t told_ms; /* active: last noted as seen */
};

enum stand_event {
	STAND_NOTHING,
	STAND_CHANGED, /* the stand changed; no alert did */
	STAND_RAISED,
	STAND_SEEN, /* active, and true once more */
	STAND_CLEARED
};

/*
 * What a result at this time does. Unknown neither fires nor clears, and
 * does not interrupt a duration either; false does.
 */
enum stand_event stand_step(struct stand *stand, const struct rule *rule,
    const struct rule_result *result, int64_t time_ms);

#endif
