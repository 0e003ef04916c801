/* What state a battery is in: the one word that pages and live files show. */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/mem.h"
#include "record/reading.h"
#include "store/tenant.h"

/* In order of urgency; the number is `st` in data/live/fleet.json. */
enum state {
	STATE_FAULT,
	STATE_ATTENTION,
	STATE_SILENT,
	STATE_MAINTENANCE,
	STATE_OK,
	STATE_COUNT
};

/* "fault", "attention", "silent", "maintenance", "ok" */
const char *state_word(enum state state);

/* How bad the worst active alert is. */
enum severity {
	SEVERITY_NONE = -1,
	SEVERITY_INFO,
	SEVERITY_WARNING,
	SEVERITY_CRITICAL,
	SEVERITY_EMERGENCY
};
const char *severity_word(enum severity severity); /* not of NONE */
enum severity severity_find(const char *word); /* NONE if unknown */

/* What the state of a battery depends on, beside its newest reading. */
struct state_facts {
	int64_t id;
	const char *slug;
	int64_t every_ms; /* interval of its device; 0 unknown */
	double capacity_wh; /* of its type */
	bool away; /* maintenance or decommissioned */
	bool faulty; /* batteries.status = 'fault' */
	enum severity worst; /* active or acknowledged alerts, except
				 * those about communication */
};

/*
 * Facts of all batteries with is_active, in order of id, in the arena.
 * 0 or -1 with a failure.
 */
int state_load(struct tenant *tenant, struct arena *arena,
    struct state_facts **facts, size_t *count, struct failure *why);
/* The facts of a battery, or NULL. */
const struct state_facts *state_find(
    const struct state_facts *facts, size_t count, int64_t battery_id);

/*
 * After this long without a reading a battery is silent: 60 intervals, but
 * not more than the longer of 15 min and 3 intervals; 15 min where the
 * interval is unknown.
 */
int64_t state_silent_after_ms(int64_t every_ms);

/* A reading that is further ahead of the present has a wrong clock. */
#define STATE_AHEAD_MAX_MS HOUR_MS

/*
 * The state of a battery. `newest` is its newest reading with measurements
 * or NULL. The first that holds: maintenance; fault by a critical alert or
 * batteries.status; silent; fault by its own mode or fault codes; attention
 * by a warning, its own or an alert's; ok.
 */
enum state state_judge(const struct state_facts *facts,
    const struct reading *newest, int64_t now_ms);

#endif
