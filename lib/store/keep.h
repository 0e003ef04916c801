/* For how long each kind of data is kept: settings of the system and of a
 * tenant. */
#ifndef STORE_KEEP_H
#define STORE_KEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "json/json.h"
#include "store/sql.h"

enum keep_tier {
	KEEP_READINGS,
	KEEP_HOURLY,
	KEEP_CELLS, /* each of them by hour; longer periods as the battery's */
	KEEP_DAILY,
	KEEP_WEEKLY,
	KEEP_MONTHLY,
	KEEP_FAULTS, /* that have ended, as alerts */
	KEEP_ALERTS,
	KEEP_ARCHIVE, /* raw frames; beside the keep time of the spool */
	KEEP_COPIES, /* that a migration made */
	KEEP_JOBS, /* of the system only */
	KEEP_TIERS
};

/* Readings are kept for as long at least: what the archive of the spool
 * still has can be replayed among them. */
#define KEEP_READINGS_LEAST 31

/* Of a setting by itself: others say it. */
#define KEEP_UNSAID INT64_C(-1)

struct keep {
	int64_t days[KEEP_TIERS]; /* 0: for ever; KEEP_UNSAID */
	/* Where there is no room any more the oldest readings go. */
	bool oldest;
};

void keep_default(struct keep *keep);
/*
 * What the row "retention" of system_config or clients_config says, laid
 * over: {"readings": days, ..., "when_full": "wait" | "oldest"}; members
 * that are absent stay. 0, or -1 with a failure (EXIT_WRONG).
 */
int keep_read(
    struct keep *keep, struct sql *sql, bool core, struct failure *why);
/* Is each kept for at least as long as what is made of it is made from? */
int keep_check(const struct keep *keep, struct failure *why);
/* Both for one setting that is to be stored; what a tenant's leaves out, the
 * system may say. */
int keep_setting(const json_t *value, bool core, struct failure *why);

#endif
