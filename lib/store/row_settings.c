#include "store/row_settings.h"

#include <stdbool.h>
#include <string.h>

#include "store/keep.h"

#define BUDGET_GB_MAX 1e9 /* what it is in bytes must be an integer */

static int
check_budget(const json_t *value, struct failure *why)
{
	if (json_is_number(value) && json_number_value(value) >= 0 &&
	    json_number_value(value) <= BUDGET_GB_MAX)
		return 0;
	return failure_set(why, EXIT_REFUSED,
	    "storage.budget_gb: is no number of GB from 0 to %.0f",
	    BUDGET_GB_MAX);
}

static int
check(const json_t *object, bool core, struct failure *why)
{
	const char *key =
	    json_string_value(json_object_get(object, "config_key"));
	const json_t *value = json_object_get(object, "config_value");
	bool retention = key != NULL && strcmp(key, "retention") == 0;
	bool budget =
	    core && key != NULL && strcmp(key, "storage.budget_gb") == 0;

	if (!retention && !budget)
		return 0;
	if (json_is_true(json_object_get(object, "is_sensitive")))
		return failure_set(why, EXIT_REFUSED,
		    "%s: cannot be sealed: programs read it without a key",
		    key);
	if (value == NULL)
		return 0;
	if (budget)
		return check_budget(value, why);
	if (keep_setting(value, core, why) == 0)
		return 0;
	why->status = EXIT_REFUSED;
	return -1;
}

int
row_settings_own(struct row_checks *checks, const json_t *object, int64_t id,
    struct failure *why)
{
	(void)checks, (void)id;
	return check(object, false, why);
}

int
row_settings_system(struct row_checks *checks, const json_t *object, int64_t id,
    struct failure *why)
{
	(void)checks, (void)id;
	return check(object, true, why);
}
