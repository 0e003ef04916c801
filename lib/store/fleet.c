/*
 * A battery's newest reading is kept as its line: the smallest form that
 * holds all, and it is parsed only when something is written.
 */
#include "store/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/ids.h"
#include "store/fleet_parts.h"
#include "store/readings.h"

#define FACTS_EVERY_MS 2000

static struct fleet_battery *
find(struct fleet *fleet, int64_t id)
{
	return ids_find(
	    fleet->battery, fleet->count, sizeof(*fleet->battery), id);
}

static void
hold(struct fleet_battery *battery, const struct reading *reading,
    const char *line, size_t size)
{
	buf_clear(&battery->line);
	buf_put(&battery->line, line, size);
	battery->kind = reading->kind;
	battery->time_ms = reading->time_ms;
	battery->fresh = true;
}

/* From a clock that is wrong: it would keep all others out. */
static bool
ahead(const struct fleet *fleet, const struct reading *reading)
{
	return reading->time_ms > fleet->now_ms + STATE_AHEAD_MAX_MS;
}

/* A battery that was not there before: its newest reading is stored. */
static int
look_up(struct fleet *fleet, struct fleet_battery *battery, struct failure *why)
{
	struct buf line = { NULL, 0, 0 };
	struct reading reading;
	int got;

	arena_reset(&fleet->scratch);
	got = readings_latest_before(fleet->tenant, battery->id,
	    fleet->now_ms + STATE_AHEAD_MAX_MS + 1, &fleet->scratch, &reading,
	    why);
	battery->fresh = true;
	if (got == 1) {
		reading.tenant = tenant_slug(fleet->tenant);
		reading.battery = battery->facts->slug;
		reading_print(&reading, &line);
		hold(battery, &reading, line.data, line.size - 1);
		buf_free(&line);
	}
	return got == -1 ? -1 : 0;
}

/* Move what is held of the batteries that are still there. */
static int
adopt(struct fleet *fleet, const struct state_facts *facts, size_t count,
    struct failure *why)
{
	struct fleet_battery *old = fleet->battery, *found;
	struct fleet_battery *fresh = mem_zero(count + 1, sizeof(*fresh));
	size_t old_count = fleet->count;
	int result = 0;

	for (size_t i = 0; i < count; i++) {
		found = find(fleet, facts[i].id);
		if (found != NULL) {
			fresh[i] = *found;
			found->line = (struct buf){ NULL, 0, 0 };
		}
		fresh[i].id = facts[i].id;
		fresh[i].facts = &facts[i];
		if (found == NULL && result == 0)
			result = look_up(fleet, &fresh[i], why);
	}
	for (size_t i = 0; i < old_count; i++)
		buf_free(&old[i].line);
	free(old);
	fleet->battery = fresh;
	fleet->count = count;
	return result;
}

/* Anything of it changes when a view or what it holds does (FNV-1a). */
static uint64_t
signature(const struct view *views, size_t count)
{
	uint64_t sum = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < count; i++) {
		for (const char *at = views[i].slug; *at != '\0'; at++)
			sum = (sum ^ (unsigned char)*at) *
			    UINT64_C(1099511628211);
		for (size_t k = 0; k < views[i].count; k++)
			sum = (sum ^ (uint64_t)views[i].battery[k]) *
			    UINT64_C(1099511628211);
	}
	return sum;
}

/* Facts and views go into the arena that is not in use. */
static int
load(struct fleet *fleet, struct failure *why)
{
	struct arena *arena = &fleet->arena[!fleet->turn];
	struct state_facts *facts;
	struct view *views;
	size_t count, view_count;

	arena_reset(arena);
	if (state_load(fleet->tenant, arena, &facts, &count, why) == -1 ||
	    view_list(fleet->tenant, arena, &views, &view_count, why) == -1 ||
	    adopt(fleet, facts, count, why) == -1 ||
	    fleet_names_load(fleet, arena, why) == -1)
		return -1;
	fleet->turn = !fleet->turn;
	fleet->all_fresh = fleet->all_fresh ||
	    signature(views, view_count) != fleet->signature;
	fleet->signature = signature(views, view_count);
	fleet->view = views;
	fleet->views = view_count;
	fleet->loaded_ms = clock_monotonic_ms();
	return 0;
}

struct fleet *
fleet_open(struct tenant *tenant, const char *root, int64_t now_ms,
    struct failure *why)
{
	struct fleet *fleet = mem_zero(1, sizeof(*fleet));

	fleet->tenant = tenant;
	fleet->root = root;
	fleet->now_ms = now_ms;
	fleet->all_fresh = true;
	if (load(fleet, why) == 0)
		return fleet;
	fleet_close(fleet);
	return NULL;
}

void
fleet_close(struct fleet *fleet)
{
	if (fleet == NULL)
		return;
	for (size_t i = 0; i < fleet->count; i++)
		buf_free(&fleet->battery[i].line);
	free(fleet->battery);
	free(fleet->name);
	buf_free(&fleet->text);
	arena_free(&fleet->arena[0]);
	arena_free(&fleet->arena[1]);
	arena_free(&fleet->scratch);
	free(fleet);
}

bool
fleet_take(struct fleet *fleet, const struct reading *reading, const char *line,
    size_t size)
{
	struct fleet_battery *battery;

	if (reading->kind == READING_STATUS || ahead(fleet, reading))
		return false;
	battery = find(fleet, fleet_battery_of(fleet, reading));
	if (battery == NULL)
		return false;
	if (battery->line.size > 0 &&
	    (reading->kind == battery->kind
		    ? reading->time_ms <= battery->time_ms
		    /* what a battery says of itself goes before its meter */
		    : battery->kind == READING_BATTERY))
		return false;
	hold(battery, reading, line, size);
	return true;
}

int
fleet_write(struct fleet *fleet, int64_t now_ms, struct failure *why)
{
	fleet->now_ms = now_ms;
	if (clock_monotonic_ms() - fleet->loaded_ms >= FACTS_EVERY_MS &&
	    load(fleet, why) == -1)
		return -1;
	if (fleet_files(fleet, now_ms, why) == -1)
		return -1;
	fleet->all_fresh = false;
	for (size_t i = 0; i < fleet->count; i++)
		fleet->battery[i].fresh = false;
	return 0;
}
