/* One step: what was touched, walked in order of time through the rules. */
#include "store/alerts.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/alerts_parts.h"
#include "store/judge.h"
#include "store/readings.h"

#define FOLLOWER "alert-eval"
#define STEP 2048
/* An active alert is noted as seen no more often. */
#define SEEN_EVERY_MS INT64_C(60000)

static struct watched *
find(const struct alerts *alerts, int64_t battery_id)
{
	size_t low = 0, high = alerts->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (alerts->watched[middle].battery->id < battery_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < alerts->count &&
		alerts->watched[low].battery->id == battery_id
	    ? &alerts->watched[low]
	    : NULL;
}

static void
add_event(struct alerts *alerts, const struct event *event)
{
	if (alerts->events == alerts->event_room) {
		alerts->event_room =
		    alerts->event_room == 0 ? 64 : alerts->event_room * 2;
		alerts->event = mem_grow(
		    alerts->event, alerts->event_room, sizeof(*alerts->event));
	}
	alerts->event[alerts->events++] = *event;
}

/* The reading as a line, kept with the alert that it raised. */
static const char *
raw_line(struct alerts *alerts, const struct reading *reading)
{
	struct buf line = { NULL, 0, 0 };
	const char *kept;

	if (reading == NULL)
		return NULL;
	reading_print(reading, &line);
	kept = arena_text(&alerts->arena, line.data, line.size - 1);
	buf_free(&line);
	return kept;
}

static bool
may_raise(const struct rule_battery *battery, const struct rule *rule)
{
	return battery->alerts &&
	    (!battery->critical_only || rule->severity >= SEVERITY_CRITICAL);
}

static void
apply(struct alerts *alerts, struct watched *watched, size_t n,
    const struct reading *reading, int64_t time_ms)
{
	const struct rule *rule = rules_get(alerts->rules, n);
	struct stand *stand = &watched->stand[n], before = *stand;
	struct event event = {
		.rule = n, .watched = watched, .time_ms = time_ms
	};

	if (stand->state != STAND_ACTIVE && !may_raise(watched->battery, rule))
		return;
	event.result = rules_result(alerts->rules, n);
	event.event = stand_step(stand, rule, &event.result, time_ms);
	if (stand->state != before.state ||
	    stand->since_ms != before.since_ms ||
	    stand->clear_since_ms != before.clear_since_ms)
		watched->changed[n] = 1;
	if (event.event == STAND_SEEN &&
	    time_ms - stand->told_ms < SEEN_EVERY_MS)
		return;
	if (event.event == STAND_NOTHING || event.event == STAND_CHANGED)
		return;
	stand->told_ms = time_ms;
	event.since_ms = stand->since_ms;
	if (event.event == STAND_RAISED)
		event.raw = raw_line(alerts, reading);
	add_event(alerts, &event);
}

static int
look(struct alerts *alerts, struct watched *watched, struct reading *reading,
    struct failure *why)
{
	uint64_t present = reading->present;
	int result;

	reading->present &= alerts_believed(reading);
	result =
	    rules_evaluate(alerts->rules, watched->battery, reading, -1, why);
	reading->present = present;
	if (result == -1)
		return -1;
	reading->battery = watched->battery->slug;
	for (size_t n = 0; n < rules_count(alerts->rules); n++) {
		const struct rule *rule = rules_get(alerts->rules, n);

		if (rule->kind == reading->kind &&
		    rule_watches(rule, watched->battery->id))
			apply(alerts, watched, n, reading, reading->time_ms);
	}
	watched->seen_ms = reading->time_ms;
	watched->moved = true;
	alerts->counts->readings++;
	return 0;
}

static int
walk(struct alerts *alerts, int64_t from_ms, int64_t to_ms, struct failure *why)
{
	int64_t battery_id =
	    alerts->count == 1 ? alerts->watched[0].battery->id : 0;
	struct readings_walk *walk =
	    readings_walk_open(alerts->tenant, battery_id, from_ms, to_ms, why);
	struct reading reading;
	int got = -1;

	while (walk != NULL &&
	    (got = readings_walk_next(walk, &battery_id, &reading, why)) == 1) {
		struct watched *watched = find(alerts, battery_id);

		/* one from a wrong clock would keep out all that come */
		if (watched != NULL && reading.time_ms >= watched->from_ms &&
		    reading.time_ms <= watched->judged_ms &&
		    reading.time_ms <= alerts->now_ms + STATE_AHEAD_MAX_MS &&
		    look(alerts, watched, &reading, why) == -1) {
			got = -1;
			break;
		}
	}
	readings_walk_close(walk);
	return got;
}

/* ---- what a step looks at --------------------------------------------- */

static void
watch(struct alerts *alerts, const struct rule_battery *battery)
{
	struct watched *watched = &alerts->watched[alerts->count++];
	size_t rules = rules_count(alerts->rules);

	*watched = (struct watched){ .battery = battery,
		.seen_ms = INT64_MIN,
		.from_ms = INT64_MAX,
		.judged_ms = INT64_MAX };
	watched->stand =
	    arena_alloc(&alerts->arena, (rules + 1) * sizeof(*watched->stand));
	memset(watched->stand, 0, (rules + 1) * sizeof(*watched->stand));
	watched->changed = arena_alloc(&alerts->arena, rules + 1);
	memset(watched->changed, 0, rules + 1);
}

/* Each battery once, from its first touched hour on. */
static void
watch_touched(struct alerts *alerts, struct touched *touched, size_t count)
{
	const struct rule_battery *battery;

	alerts->watched =
	    arena_alloc(&alerts->arena, (count + 1) * sizeof(*alerts->watched));
	qsort(touched, count, sizeof(*touched), touched_compare);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && touched[i].battery_id == touched[i - 1].battery_id)
			continue;
		battery = rules_battery(alerts->rules, touched[i].battery_id);
		if (battery == NULL)
			continue;
		watch(alerts, battery);
		alerts->watched[alerts->count - 1].from_ms = touched[i].hour_ms;
	}
}

static void
step_start(struct alerts *alerts)
{
	arena_reset(&alerts->arena);
	buf_clear(&alerts->lines);
	alerts->count = alerts->events = 0;
}

static int
store(struct alerts *alerts, int64_t cursor, struct failure *why)
{
	struct sql *sql = tenant_sql(alerts->tenant);

	if (sql_begin(sql, why) == -1)
		return -1;
	if (alerts_store(alerts, why) == 0 &&
	    (cursor == -1 ||
		cursor_set(alerts->tenant, FOLLOWER, cursor, why) == 0) &&
	    sql_commit(sql, false, why) == 0)
		return 0;
	sql_rollback(sql);
	return -1;
}

/* What was touched since the last time and has been judged; its count. */
static int
read_touched(
    struct alerts *alerts, struct touched *touched, struct failure *why)
{
	int64_t cursor = cursor_get(alerts->tenant, FOLLOWER, why);
	int64_t judged =
	    cursor == -1 ? -1 : cursor_get(alerts->tenant, "judge", why);
	int count = judged == -1
	    ? -1
	    : readings_touched(alerts->tenant, cursor, touched, STEP, why);

	while (count > 0 && touched[count - 1].seq > judged)
		count--;
	return count;
}

/* 1 there may be more, 0 all is done. */
static int
step(struct alerts *alerts, struct touched *touched, struct failure *why)
{
	int64_t cursor, from_ms = INT64_MAX, to_ms = 0;
	int count = read_touched(alerts, touched, why);

	if (count <= 0)
		return count;
	cursor = touched[count - 1].seq;
	for (int i = 0; i < count; i++)
		if (touched[i].hour_ms + HOUR_MS > to_ms)
			to_ms = touched[i].hour_ms + HOUR_MS;
	step_start(alerts);
	watch_touched(alerts, touched, (size_t)count);
	if (alerts_load(alerts, why) == -1)
		return -1;
	for (size_t i = 0; i < alerts->count; i++) {
		struct watched *watched = &alerts->watched[i];

		/* later than what was looked at: time runs one way */
		if (watched->seen_ms >= watched->from_ms)
			watched->from_ms = watched->seen_ms + 1;
		if (watched->from_ms < from_ms)
			from_ms = watched->from_ms;
	}
	if (from_ms < to_ms && walk(alerts, from_ms, to_ms, why) == -1)
		return -1;
	return store(alerts, cursor, why) == -1 ? -1 : 1;
}

/* ---- silence ----------------------------------------------------------- */

static bool
any_status_rule(const struct rules *rules)
{
	for (size_t n = 0; n < rules_count(rules); n++)
		if (rules_get(rules, n)->kind == READING_STATUS)
			return true;
	return false;
}

static int
look_silent(struct alerts *alerts, struct watched *watched, int64_t now_ms,
    struct failure *why)
{
	/* one that never spoke is not silent, it is not there yet */
	if (watched->seen_ms == INT64_MIN)
		return 0;
	if (rules_evaluate(alerts->rules, watched->battery, NULL,
		now_ms > watched->seen_ms ? now_ms - watched->seen_ms : 0,
		why) == -1)
		return -1;
	for (size_t n = 0; n < rules_count(alerts->rules); n++) {
		const struct rule *rule = rules_get(alerts->rules, n);

		if (rule->kind == READING_STATUS &&
		    rule_watches(rule, watched->battery->id))
			apply(alerts, watched, n, NULL, now_ms);
	}
	return 0;
}

static bool
anything_changed(const struct alerts *alerts)
{
	for (size_t i = 0; i < alerts->count; i++)
		if (memchr(alerts->watched[i].changed, 1,
			rules_count(alerts->rules)) != NULL)
			return true;
	return alerts->events > 0;
}

static int
silence(struct alerts *alerts, int64_t now_ms, struct failure *why)
{
	size_t count;
	const struct rule_battery *batteries =
	    rules_batteries(alerts->rules, &count);

	step_start(alerts);
	if (!any_status_rule(alerts->rules))
		return 0;
	alerts->watched =
	    arena_alloc(&alerts->arena, (count + 1) * sizeof(*alerts->watched));
	for (size_t i = 0; i < count; i++)
		watch(alerts, &batteries[i]);
	if (alerts_load(alerts, why) == -1)
		return -1;
	for (size_t i = 0; i < alerts->count; i++)
		if (look_silent(alerts, &alerts->watched[i], now_ms, why) == -1)
			return -1;
	return anything_changed(alerts) ? store(alerts, -1, why) : 0;
}

static void
tell(struct alerts *alerts, struct io_writer *out)
{
	io_writer_put(out, alerts->lines.data, alerts->lines.size);
	io_writer_check(out);
	buf_clear(&alerts->lines);
}

int
alerts_follow(struct tenant *tenant, struct rules *rules, int64_t now_ms,
    bool all, bool (*stop)(void), struct io_writer *out,
    struct alerts_counts *counts, struct failure *why)
{
	struct alerts alerts = { .tenant = tenant,
		.rules = rules,
		.now_ms = now_ms,
		.counts = counts };
	struct touched *touched = mem_zero(STEP, sizeof(*touched));
	struct judge_counts judged;
	int got = alerts_language(tenant, alerts.language, why);

	if (got == 0 &&
	    (got = judge_follow(tenant, false, stop, &judged, why)) == 0)
		got = touched_recall(tenant, FOLLOWER, why);
	if (got == 0 && (got = alerts_again(&alerts, stop, why)) == 0)
		tell(&alerts, out);
	if (got == 0)
		do {
			got = step(&alerts, touched, why);
			if (got == 1)
				tell(&alerts, out);
		} while (got == 1 && (stop == NULL || !stop()));
	if (got == 0 && all) {
		got = silence(&alerts, now_ms, why);
		if (got == 0)
			got = alerts_retire(&alerts, now_ms, why);
		if (got == 0)
			tell(&alerts, out);
	}
	free(touched);
	free(alerts.event);
	arena_free(&alerts.arena);
	buf_free(&alerts.lines);
	buf_free(&alerts.title);
	buf_free(&alerts.message);
	return got == -1 ? -1 : 0;
}
