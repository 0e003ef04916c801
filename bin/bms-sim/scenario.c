/* The schedule that the --scenario options make. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "scenario.h"

const char *const scenario_names[SCENARIO_COUNT] = { "normal", "charge",
	"discharge", "imbalance", "fault", "silence" };

static int
set_span(char *text, struct schedule_entry *entry, struct failure *why)
{
	char *to = strstr(text, "..");

	if (to == NULL)
		return failure_set(
		    why, EXIT_WRONG, "\"%s\" is not FROM..TO", text);
	*to = '\0';
	to += 2;
	if (*text != '\0' && !clock_parse(text, strlen(text), &entry->from_ms))
		return failure_set(why, EXIT_WRONG, "\"%s\" is no time", text);
	if (*to != '\0' && !clock_parse(to, strlen(to), &entry->to_ms))
		return failure_set(why, EXIT_WRONG, "\"%s\" is no time", to);
	if (entry->from_ms >= entry->to_ms)
		return failure_set(why, EXIT_WRONG,
		    "it ends before it "
		    "begins");
	return 0;
}

static int
set_name(const char *name, struct schedule_entry *entry, struct failure *why)
{
	for (int i = 0; i < SCENARIO_COUNT; i++)
		if (strcmp(name, scenario_names[i]) == 0) {
			entry->scenario = (enum scenario)i;
			return 0;
		}
	return failure_set(why, EXIT_WRONG,
	    "\"%s\" is none of normal, "
	    "charge, discharge, imbalance, fault, silence",
	    name);
}

int
schedule_add(struct schedule *schedule, char *text, struct failure *why)
{
	struct schedule_entry entry = { .to_ms = CLOCK_MAX_MS };
	char *span = strchr(text, '@'), *name;

	if (span != NULL) {
		*span++ = '\0';
		if (set_span(span, &entry, why) != 0)
			return failure_prefix(why, "--scenario");
	}
	name = strchr(text, '=');
	if (name != NULL) {
		*name++ = '\0';
		entry.device = text;
	} else {
		name = text;
	}
	if (set_name(name, &entry, why) != 0)
		return failure_prefix(why, "--scenario");
	schedule->entry = mem_grow(
	    schedule->entry, schedule->count + 1, sizeof(*schedule->entry));
	schedule->entry[schedule->count++] = entry;
	return 0;
}

struct scenario_now
schedule_at(
    const struct schedule *schedule, const char *device, int64_t time_ms)
{
	struct scenario_now now = { SCENARIO_NORMAL, 0, CLOCK_MAX_MS };

	for (size_t i = 0; i < schedule->count; i++) {
		const struct schedule_entry *entry = &schedule->entry[i];

		if ((entry->device != NULL &&
			strcmp(entry->device, device) != 0) ||
		    time_ms < entry->from_ms || time_ms >= entry->to_ms)
			continue;
		now = (struct scenario_now){ entry->scenario, entry->from_ms,
			entry->to_ms };
	}
	return now;
}

void
schedule_free(struct schedule *schedule)
{
	free(schedule->entry);
	schedule->entry = NULL;
	schedule->count = 0;
}
