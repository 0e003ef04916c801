#include "store/stand.h"

static enum stand_event
fire(struct stand *stand, const struct rule *rule, int64_t time_ms)
{
	enum stand_event event = STAND_NOTHING;

	if (stand->state == STAND_CLEAR) {
		stand->state = STAND_PENDING;
		stand->since_ms = time_ms;
		event = STAND_CHANGED;
	}
	if (time_ms - stand->since_ms < rule->for_ms)
		return event;
	stand->state = STAND_ACTIVE;
	stand->clear_since_ms = 0;
	return STAND_RAISED;
}

/* An active one: is it over, and for long enough? */
static enum stand_event
watch(struct stand *stand, const struct rule *rule,
    const struct rule_result *result, int64_t time_ms)
{
	enum stand_event event =
	    result->fires == TRUTH_TRUE ? STAND_SEEN : STAND_NOTHING;

	if (result->clears == TRUTH_FALSE && stand->clear_since_ms != 0) {
		stand->clear_since_ms = 0;
		return event == STAND_SEEN ? STAND_SEEN : STAND_CHANGED;
	}
	if (result->clears != TRUTH_TRUE)
		return event;
	if (stand->clear_since_ms == 0) {
		stand->clear_since_ms = time_ms;
		event = STAND_CHANGED;
	}
	if (time_ms - stand->clear_since_ms < rule->clear_for_ms)
		return event;
	stand->state = STAND_CLEAR;
	return STAND_CLEARED;
}

enum stand_event
stand_step(struct stand *stand, const struct rule *rule,
    const struct rule_result *result, int64_t time_ms)
{
	if (stand->state == STAND_ACTIVE)
		return watch(stand, rule, result, time_ms);
	if (result->fires == TRUTH_TRUE)
		return fire(stand, rule, time_ms);
	if (result->fires == TRUTH_FALSE && stand->state == STAND_PENDING) {
		stand->state = STAND_CLEAR;
		return STAND_CHANGED;
	}
	return STAND_NOTHING;
}
