#include "store/keep.h"

#include <string.h>

#include "json/json.h"

#define DAYS_MAX 36525

static const struct {
	const char *word;
	int64_t days; /* by default */
} tiers[KEEP_TIERS] = {
	[KEEP_READINGS] = { "readings", 0 },
	[KEEP_HOURLY] = { "hourly", 0 },
	[KEEP_CELLS] = { "cells", 0 },
	[KEEP_DAILY] = { "daily", 0 },
	[KEEP_WEEKLY] = { "weekly", 0 },
	[KEEP_MONTHLY] = { "monthly", 0 },
	[KEEP_FAULTS] = { "faults", 0 },
	[KEEP_ALERTS] = { "alerts", 0 },
	[KEEP_ARCHIVE] = { "archive", 0 },
	[KEEP_COPIES] = { "copies", 30 },
	[KEEP_JOBS] = { "jobs", 90 },
};

void
keep_default(struct keep *keep)
{
	for (size_t i = 0; i < KEEP_TIERS; i++)
		keep->days[i] = tiers[i].days;
	keep->oldest = false;
}

static int
take_full(struct keep *keep, const json_t *value, struct failure *why)
{
	const char *word = json_string_value(value);

	if (word == NULL ||
	    (strcmp(word, "wait") != 0 && strcmp(word, "oldest") != 0))
		return failure_set(why, EXIT_WRONG,
		    "retention: when_full is neither wait nor oldest");
	keep->oldest = strcmp(word, "oldest") == 0;
	return 0;
}

static int
take(struct keep *keep, const char *name, const json_t *value,
    struct failure *why)
{
	if (strcmp(name, "when_full") == 0)
		return take_full(keep, value, why);
	for (size_t i = 0; i < KEEP_TIERS; i++) {
		if (strcmp(name, tiers[i].word) != 0)
			continue;
		if (!json_is_integer(value) || json_integer_value(value) < 0 ||
		    json_integer_value(value) > DAYS_MAX)
			return failure_set(why, EXIT_WRONG,
			    "retention: %s is no number of days (0 to %d)",
			    name, DAYS_MAX);
		keep->days[i] = json_integer_value(value);
		return 0;
	}
	return failure_set(
	    why, EXIT_WRONG, "retention: unknown member \"%.60s\"", name);
}

static int
take_all(struct keep *keep, const json_t *object, struct failure *why)
{
	void *at = json_object_iter((json_t *)(uintptr_t)object);
	int result = 0;

	if (!json_is_object(object))
		return failure_set(why, EXIT_WRONG, "retention: is no object");
	for (; result == 0 && at != NULL;
	     at = json_object_iter_next((json_t *)(uintptr_t)object, at))
		result = take(keep, json_object_iter_key(at),
		    json_object_iter_value(at), why);
	return result;
}

static int
take_text(struct keep *keep, const char *text, struct failure *why)
{
	json_t *object = json_read(text, strlen(text), why);
	int result = object == NULL ? -1 : take_all(keep, object, why);

	json_decref(object);
	return result;
}

int
keep_read(struct keep *keep, struct sql *sql, bool core, struct failure *why)
{
	struct sql_query *query = sql_prepare(sql,
	    core ? "SELECT config_value FROM system_config"
		   " WHERE config_key = 'retention'"
		 : "SELECT config_value FROM clients_config"
		   " WHERE config_key = 'retention'",
	    why);
	int got = query == NULL ? -1 : sql_step(query, why);

	if (got == 1)
		got = take_text(keep, sql_text(query, 0), why);
	sql_query_free(query);
	return got == -1 ? -1 : 0;
}

/* Is `longer` kept for at least as long as `shorter`? */
static int
check_order(const struct keep *keep, enum keep_tier shorter,
    enum keep_tier longer, struct failure *why)
{
	if (keep->days[longer] == KEEP_UNSAID ||
	    keep->days[shorter] == KEEP_UNSAID || keep->days[longer] == 0 ||
	    (keep->days[shorter] != 0 &&
		keep->days[shorter] <= keep->days[longer]))
		return 0;
	return failure_set(why, EXIT_WRONG,
	    "retention: %s is made of %s, and must be kept for as long at "
	    "least",
	    tiers[longer].word, tiers[shorter].word);
}

int
keep_check(const struct keep *keep, struct failure *why)
{
	if (keep->days[KEEP_READINGS] > 0 &&
	    keep->days[KEEP_READINGS] < KEEP_READINGS_LEAST)
		return failure_set(why, EXIT_WRONG,
		    "retention: readings are kept for %d days at least",
		    KEEP_READINGS_LEAST);
	return check_order(keep, KEEP_READINGS, KEEP_HOURLY, why) == -1 ||
		check_order(keep, KEEP_READINGS, KEEP_CELLS, why) == -1 ||
		check_order(keep, KEEP_HOURLY, KEEP_DAILY, why) == -1 ||
		check_order(keep, KEEP_DAILY, KEEP_WEEKLY, why) == -1 ||
		check_order(keep, KEEP_DAILY, KEEP_MONTHLY, why) == -1
	    ? -1
	    : 0;
}

int
keep_setting(const json_t *value, bool core, struct failure *why)
{
	struct keep keep;

	keep_default(&keep);
	for (size_t i = 0; !core && i < KEEP_TIERS; i++)
		keep.days[i] = KEEP_UNSAID;
	return take_all(&keep, value, why) == -1 ? -1 : keep_check(&keep, why);
}
