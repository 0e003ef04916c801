/*
 * A touched hour may change its neighbours as well: a stretch between two
 * readings belongs to both hours that it lies in. So all local hours within
 * the gap limit of a touched one are made anew, and the readings that can
 * reach those are walked.
 */
#include "store/history_plan.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/ids.h"
#include "base/mem.h"
#include "base/num.h"
#include "store/limits.h"

static const char select_batteries[] =
    "SELECT b.id, t.capacity_ah, t.capacity_wh,"
    " (SELECT max(d.interval_ms) FROM device_batteries v JOIN devices d"
    "   ON d.id = v.device_id WHERE v.battery_id = b.id),"
    " (SELECT before FROM retained WHERE battery_id = b.id"
    "   AND tier = 'readings'),"
    " (SELECT before FROM retained WHERE battery_id = b.id"
    "   AND tier = 'hourly'),"
    " (SELECT before FROM retained WHERE battery_id = b.id"
    "   AND tier = 'daily')"
    " FROM batteries b JOIN battery_types t ON t.id = b.battery_type_id"
    " ORDER BY b.id";

static void *
more(void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return array;
	*room = *room == 0 ? 16 : *room * 2;
	return mem_grow(array, *room, size);
}

static int64_t
default_gap(int64_t interval_ms)
{
	return interval_ms > 5 * MINUTE_MS ? 3 * interval_ms : 15 * MINUTE_MS;
}

/* What counters can count in a day where nobody said it: a battery is filled
 * and emptied once an hour, cycles are counted wrong even so. */
#define DAY_FILLS 24
#define DAY_CYCLES 50
#define DAY_WH 1e6 /* of a meter or plant; more where its power shows it */

static void
set_counters(struct plan_battery *battery, double capacity_wh,
    const struct limits *limits)
{
	static const int ids[BUCKET_ENERGY] = { MEASUREMENT_charge_cycles,
		MEASUREMENT_total_charge_ah, MEASUREMENT_total_discharge_ah,
		MEASUREMENT_total_energy_charged_wh,
		MEASUREMENT_total_energy_discharged_wh };
	const double most[BUCKET_ENERGY] = { DAY_CYCLES,
		DAY_FILLS * battery->capacity_ah,
		DAY_FILLS * battery->capacity_ah, DAY_FILLS * capacity_wh,
		DAY_FILLS * capacity_wh };

	for (size_t i = 0; i < BUCKET_COUNTERS; i++) {
		bool own = i < BUCKET_ENERGY;
		int id = own ? ids[i] : MEASUREMENT_energy_wh_total;
		struct counter_limits *counter = &battery->counter[i];

		counter->unit = num_power10(measurement_table[id].decimals);
		counter->day = (own ? most[i] : DAY_WH) * (double)counter->unit;
		if (limits == NULL)
			continue;
		if (limits->step[id] > 0)
			counter->day = (double)limits->step[id];
		counter->modulus = limits->modulus[id];
	}
}

int
plan_batteries_load(struct tenant *tenant, int64_t gap_ms,
    struct plan_batteries *batteries, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(tenant_sql(tenant), select_batteries, why);
	struct limits_table limits = { .count = 0 };
	size_t room = 0;
	int got = -1;

	*batteries = (struct plan_batteries){ .count = 0 };
	if (query != NULL && limits_load(tenant, &limits, why) == -1) {
		sql_query_free(query);
		query = NULL;
	}
	while (query != NULL && (got = sql_step(query, why)) == 1) {
		struct plan_battery one = { .id = sql_integer(query, 0),
			.capacity_ah = sql_real(query, 1),
			.gap_ms = gap_ms,
			.readings_from_ms = sql_integer(query, 4),
			.hours_from_ms = sql_integer(query, 5),
			.days_from_ms = sql_integer(query, 6) };

		set_counters(
		    &one, sql_real(query, 2), limits_find(&limits, one.id));
		if (gap_ms == 0)
			one.gap_ms = default_gap(sql_integer(query, 3));
		batteries->battery = more(
		    batteries->battery, batteries->count, &room, sizeof(one));
		batteries->battery[batteries->count++] = one;
	}
	sql_query_free(query);
	limits_free(&limits);
	return got;
}

static int
compare_windows(const void *a, const void *b)
{
	const struct plan_window *left = a, *right = b;

	return (left->from_ms > right->from_ms) -
	    (left->from_ms < right->from_ms);
}

/* Can an hour still be made of the readings that are left? Those a gap
 * limit before it count as well. */
static bool
is_whole(const struct plan_battery *battery, int64_t start_ms)
{
	return battery->readings_from_ms == 0 ||
	    start_ms - battery->gap_ms >= battery->readings_from_ms;
}

/* The local hours that a touched one reaches, after those there are. */
static void
add_hours(struct plan *plan, struct plan_job *job, int64_t hour_ms)
{
	int64_t gap_ms = job->battery->gap_ms, now_ms = hour_ms - gap_ms;
	int64_t end_ms = hour_ms + HOUR_MS + gap_ms;

	if (now_ms < 0)
		now_ms = 0;
	if (job->count > 0 && plan->bucket[plan->buckets - 1].end_ms > now_ms)
		now_ms = plan->bucket[plan->buckets - 1].end_ms;
	while (now_ms < end_ms) {
		struct bucket *bucket;
		int64_t start_ms;

		period_bounds(
		    job->zone.zone, PERIOD_HOUR, now_ms, &start_ms, &now_ms);
		if (!is_whole(job->battery, start_ms))
			continue;
		plan->bucket = more(plan->bucket, plan->buckets,
		    &plan->bucket_room, sizeof(*plan->bucket));
		bucket = &plan->bucket[plan->buckets++];
		*bucket =
		    (struct bucket){ .start_ms = start_ms, .end_ms = now_ms };
		job->count++;
	}
}

static struct plan_job *
add_job(struct plan *plan, const struct plan_battery *battery,
    const struct zones *zones)
{
	struct plan_job *job;

	plan->job =
	    more(plan->job, plan->jobs, &plan->job_room, sizeof(*plan->job));
	job = &plan->job[plan->jobs++];
	job->battery = battery;
	job->zone = zones_get(zones, battery->id);
	job->first = plan->buckets;
	job->count = 0;
	job->alike = (struct alike){ .count = 0 };
	bucket_track_start(&job->track);
	job->track.gap_ms = battery->gap_ms;
	job->track.limits = battery->counter;
	job->track.arena = &plan->arena;
	return job;
}

static void
add_windows(struct plan *plan, const struct plan_job *job)
{
	int64_t gap_ms = job->battery->gap_ms;

	for (size_t i = job->first; i < job->first + job->count; i++) {
		plan->window = more(plan->window, plan->windows,
		    &plan->window_room, sizeof(*plan->window));
		plan->window[plan->windows++] =
		    (struct plan_window){ .from_ms =
					      plan->bucket[i].start_ms - gap_ms,
			    .to_ms = plan->bucket[i].end_ms + gap_ms };
	}
}

static void
merge_windows(struct plan *plan)
{
	size_t kept = 0;

	if (plan->windows == 0)
		return;
	qsort(plan->window, plan->windows, sizeof(*plan->window),
	    compare_windows);
	for (size_t i = 1; i < plan->windows; i++) {
		if (plan->window[i].from_ms > plan->window[kept].to_ms)
			plan->window[++kept] = plan->window[i];
		else if (plan->window[i].to_ms > plan->window[kept].to_ms)
			plan->window[kept].to_ms = plan->window[i].to_ms;
	}
	plan->windows = kept + 1;
}

void
plan_make(struct plan *plan, const struct plan_batteries *batteries,
    const struct zones *zones, struct touched *touched, size_t count)
{
	struct plan_job *job = NULL;

	plan->jobs = plan->buckets = plan->windows = 0;
	arena_reset(&plan->arena);
	qsort(touched, count, sizeof(*touched), touched_compare);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 ||
		    touched[i].battery_id != touched[i - 1].battery_id) {
			const struct plan_battery *battery = ids_find(
			    batteries->battery, batteries->count,
			    sizeof(*batteries->battery), touched[i].battery_id);

			/* a battery that is gone has no history */
			job = battery == NULL ? NULL
					      : add_job(plan, battery, zones);
		}
		if (job != NULL)
			add_hours(plan, job, touched[i].hour_ms);
	}
	for (size_t i = 0; i < plan->jobs; i++)
		add_windows(plan, &plan->job[i]);
	merge_windows(plan);
}

struct plan_job *
plan_job_after(
    const struct plan *plan, struct plan_job *job, int64_t battery_id)
{
	size_t low = 0, high = plan->jobs;

	if (job != NULL && job->battery->id != battery_id &&
	    job + 1 < plan->job + plan->jobs)
		job++;
	if (job != NULL && job->battery->id == battery_id)
		return job;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (plan->job[middle].battery->id < battery_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < plan->jobs && plan->job[low].battery->id == battery_id
	    ? &plan->job[low]
	    : NULL;
}

void
plan_free(struct plan *plan)
{
	free(plan->job);
	free(plan->bucket);
	free(plan->window);
	arena_free(&plan->arena);
	*plan = (struct plan){ .jobs = 0 };
}
