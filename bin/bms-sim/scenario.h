/* What happens to a simulated battery, and when. */
#ifndef BMS_SIM_SCENARIO_H
#define BMS_SIM_SCENARIO_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum scenario {
	SCENARIO_NORMAL, /* a day of sun and use */
	SCENARIO_CHARGE, /* 20 to 100 % again and again */
	SCENARIO_DISCHARGE, /* 100 to 20 % again and again */
	SCENARIO_IMBALANCE, /* one cell climbs away from the others */
	SCENARIO_FAULT, /* tripped: no current, a fault code */
	SCENARIO_SILENCE, /* no answer */
	SCENARIO_COUNT
};

extern const char *const scenario_names[SCENARIO_COUNT];

/* One --scenario: for one device or all, for a stretch of time or always. */
struct schedule_entry {
	const char *device; /* NULL for all */
	enum scenario scenario;
	int64_t from_ms, to_ms; /* from <= time < to */
};

struct schedule {
	struct schedule_entry *entry;
	size_t count;
};

/* What holds for a device at an instant; the last entry that fits wins. */
struct scenario_now {
	enum scenario scenario;
	int64_t from_ms, to_ms; /* 0 and CLOCK_MAX_MS where it is always */
};

/* [DEVICE=]NAME[@FROM..TO]; `text` is changed and must live. -1 with a
 * failure (EXIT_WRONG). */
int schedule_add(struct schedule *schedule, char *text, struct failure *why);
struct scenario_now schedule_at(
    const struct schedule *schedule, const char *device, int64_t time_ms);
void schedule_free(struct schedule *schedule);

#endif
