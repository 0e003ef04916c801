#include "store/status.h"

#include <string.h>

static const struct {
	const char *word;
	bool lets[STATUS_ACTS];
} statuses[STATUS_COUNT] = {
	/* poll, store, watch, tell, show, change */
	[STATUS_ACTIVE] = { "active", { true, true, true, true, true, true } },
	[STATUS_TRIAL] = { "trial", { true, true, true, true, true, true } },
	[STATUS_SUSPENDED] = { "suspended",
	    { true, true, true, false, false, true } },
	[STATUS_ARCHIVED] = { "archived",
	    { false, false, false, false, false, false } },
};

static const char *const denied[STATUS_ACTS] = {
	[STATUS_POLL] = "its devices are not polled",
	[STATUS_STORE] = "it takes no new data",
	[STATUS_WATCH] = "its rules are not evaluated",
	[STATUS_TELL] = "its alerts are not told",
	[STATUS_SHOW] = "it has no pages",
	[STATUS_CHANGE] = "nothing of it is changed",
};

const char *
status_word(enum status status)
{
	return statuses[status].word;
}

bool
status_lets(enum status status, enum status_act act)
{
	return statuses[status].lets[act];
}

int
status_read(struct tenant *tenant, enum status *status, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(tenant_sql(tenant), "SELECT status FROM client", why);
	int got = query == NULL ? -1 : sql_step(query, why);

	*status = STATUS_ACTIVE;
	for (enum status one = 0; got == 1 && one < STATUS_COUNT; one++)
		if (strcmp(sql_text(query, 0), statuses[one].word) == 0)
			*status = one;
	sql_query_free(query);
	return got == -1 ? -1 : 0;
}

int
status_look(struct tenant *tenant, enum status_act act, struct failure *why)
{
	enum status status;

	if (status_read(tenant, &status, why) == -1)
		return -1;
	if (status_lets(status, act))
		return 1;
	failure_set(why, EXIT_REFUSED, "tenant %s is %s: %s",
	    tenant_slug(tenant), status_word(status), denied[act]);
	return 0;
}
