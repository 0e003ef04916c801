/*
 * Following the readings: what was touched is planned, walked once in order
 * of time and written with the cursor, all in one transaction: no row can
 * come in between, and no other run.
 */
#include "store/history.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/history_parts.h"
#include "store/history_plan.h"
#include "store/readings.h"
#include "store/stored.h"

#define FOLLOWER "rollup"
/* Touched hours in one step; at a time: about 8 MiB of sums at most. */
#define STEP 10000
#define PART 2500

struct follow {
	struct tenant *tenant;
	struct history_columns columns;
	struct bucket_plan lines;
	struct history_store *store;
	struct history_cells *cells;
	struct history_counters *counters;
	struct plan_job *job; /* whose readings are added */
	struct failure *failed; /* where adding it failed, or NULL */
	struct failure why; /* of that */
	struct zones *zones;
	struct plan_batteries batteries;
	struct plan plan;
	struct touched *touched;
	struct history_counts *counts;
};

/* The hours of a job, for what is stored beside them. */
static struct history_hours
hours_of(const struct follow *follow, const struct plan_job *job)
{
	return (struct history_hours){ .battery_id = job->battery->id,
		.bucket = &follow->plan.bucket[job->first],
		.count = job->count };
}

/* bucket_track.begin: the counters as they stood before an hour. */
static void
begin_hour(void *context, const struct bucket *bucket)
{
	struct follow *follow = context;
	struct plan_job *job = follow->job;
	struct history_hours hours = hours_of(follow, job);

	if (history_counters_load(follow->counters, &hours,
		(size_t)(bucket - hours.bucket), job->track.counter,
		&follow->why) == -1)
		follow->failed = &follow->why;
}

/* The job that the next readings are of, or NULL. */
static struct plan_job *
job_of(struct follow *follow, int64_t battery_id)
{
	struct plan_job *job =
	    plan_job_after(&follow->plan, follow->job, battery_id);

	if (job == NULL)
		return NULL;
	follow->job = job;
	job->track.begin = begin_hour;
	job->track.context = follow;
	return job;
}

static void
add_alike(struct follow *follow, struct plan_job *job)
{
	if (job->alike.count > 0)
		bucket_add_run(&follow->lines, &job->track,
		    &follow->plan.bucket[job->first], job->count,
		    job->alike.block, 0, job->alike.count);
	job->alike.count = 0;
}

/* What readings_walk_run told. */
static void
add_readings(struct follow *follow, struct plan_job *job, int got,
    const struct reading *reading, const struct readings_run *run)
{
	struct bucket *bucket = &follow->plan.bucket[job->first];

	/* twice: the second time it is the first of its like */
	for (int i = 0; i < 2; i++) {
		if (got == 1 &&
		    alike_add(&job->alike, reading, follow->lines.all,
			&follow->plan.arena))
			return;
		add_alike(follow, job);
	}
	if (got == 1)
		bucket_add(
		    &follow->lines, &job->track, bucket, job->count, reading);
	else
		bucket_add_run(&follow->lines, &job->track, bucket, job->count,
		    run->block, run->from, run->to);
}

/* Readings of one battery, or with 0 of all. */
static int
walk_window(struct follow *follow, int64_t battery_id,
    const struct plan_window *window, struct failure *why)
{
	struct readings_walk *walk = readings_walk_open(
	    follow->tenant, battery_id, window->from_ms, window->to_ms, why);
	struct reading reading;
	struct readings_run run;
	struct plan_job *job;
	int got = -1;

	if (walk != NULL && readings_walk_lean(walk, why) == -1) {
		readings_walk_close(walk);
		return -1;
	}
	while (walk != NULL && follow->failed == NULL &&
	    (got = readings_walk_run(walk, &battery_id, &reading, &run, why)) >
		0)
		if ((job = job_of(follow, battery_id)) != NULL)
			add_readings(follow, job, got, &reading, &run);
	readings_walk_close(walk);
	for (size_t i = 0; i < follow->plan.jobs && got == 0; i++) {
		follow->job = &follow->plan.job[i];
		add_alike(follow, follow->job);
	}
	if (follow->failed == NULL)
		return got;
	*why = follow->why;
	return -1;
}

/* Has a job hours that the readings of this window reach? */
static bool
is_within(const struct follow *follow, const struct plan_job *job,
    const struct plan_window *window)
{
	for (size_t i = job->first; i < job->first + job->count; i++)
		if (follow->plan.bucket[i].start_ms < window->to_ms &&
		    follow->plan.bucket[i].end_ms > window->from_ms)
			return true;
	return false;
}

static int
walk_all(struct follow *follow, bool blocks, struct failure *why)
{
	const struct plan *plan = &follow->plan;

	for (size_t i = 0; i < plan->windows; i++) {
		if (!blocks) {
			if (walk_window(follow, 0, &plan->window[i], why) == -1)
				return -1;
			continue;
		}
		for (size_t k = 0; k < plan->jobs; k++)
			if (is_within(
				follow, &plan->job[k], &plan->window[i]) &&
			    walk_window(follow, plan->job[k].battery->id,
				&plan->window[i], why) == -1)
				return -1;
	}
	return 0;
}

static int
put_hours(
    struct follow *follow, const struct plan_job *job, struct failure *why)
{
	struct history_row row = { .battery_id = job->battery->id,
		.period = PERIOD_HOUR,
		.zone = job->zone.name };

	for (size_t i = job->first; i < job->first + job->count; i++) {
		const struct bucket *bucket = &follow->plan.bucket[i];

		row.start_ms = bucket->start_ms;
		row.end_ms = bucket->end_ms;
		history_from_bucket(&follow->columns, &follow->lines, bucket,
		    job->battery->capacity_ah, &row);
		if (history_put(follow->store, &row, why) == -1 ||
		    history_cells_put(
			follow->cells, row.battery_id, bucket, why) == -1)
			return -1;
		follow->counts->rows++;
	}
	return 0;
}

/* Are all the shorter periods that it is made of still there? */
static bool
is_whole(const struct plan_battery *battery, enum period period, int64_t from)
{
	return from >= (period == PERIOD_DAY ? battery->hours_from_ms
					     : battery->days_from_ms);
}

/* The longer periods that the job's hours lie in, each once. */
static int
refold(struct follow *follow, const struct plan_job *job, enum period period,
    struct failure *why)
{
	int64_t start_ms = 0, end_ms = INT64_MIN;

	for (size_t i = job->first; i < job->first + job->count; i++) {
		if (follow->plan.bucket[i].start_ms < end_ms)
			continue;
		period_bounds(job->zone.zone, period,
		    follow->plan.bucket[i].start_ms, &start_ms, &end_ms);
		if (!is_whole(job->battery, period, start_ms))
			continue;
		if (history_refold(follow->store, job->battery->id, period,
			start_ms, end_ms, job->zone.name, why) == -1 ||
		    history_cells_refold(follow->cells, job->battery->id,
			period, start_ms, end_ms, why) == -1)
			return -1;
		follow->counts->rows++;
	}
	return 0;
}

static int
put_job(struct follow *follow, struct plan_job *job, struct failure *why)
{
	struct history_hours hours = hours_of(follow, job);

	bucket_track_end(&job->track);
	if (put_hours(follow, job, why) == -1 ||
	    history_counters_put(follow->counters, &hours, why) == -1)
		return -1;
	for (enum period period = PERIOD_DAY; period < PERIOD_COUNT; period++)
		if (refold(follow, job, period, why) == -1)
			return -1;
	return 0;
}

/* Entries that are not followed yet, up to `room` of them, or -1. */
static int
read_touched(struct follow *follow, int room, struct failure *why)
{
	int64_t cursor = cursor_get(follow->tenant, FOLLOWER, why);

	return cursor == -1 ? -1
			    : readings_touched(follow->tenant, cursor,
				  follow->touched, room, why);
}

static int
follow_part(struct follow *follow, struct touched *touched, size_t count,
    bool blocks, struct failure *why)
{
	plan_make(
	    &follow->plan, &follow->batteries, follow->zones, touched, count);
	follow->job = NULL;
	if (walk_all(follow, blocks, why) == -1)
		return -1;
	for (size_t i = 0; i < follow->plan.jobs; i++)
		if (put_job(follow, &follow->plan.job[i], why) == -1)
			return -1;
	return 0;
}

/*
 * Rows in blocks are read battery by battery, and a block that is opened
 * should be done with: then the parts are of some batteries each, for longer.
 * Without blocks all batteries are read at once, and the parts are of some
 * hours each.
 */
static int
follow_parts(struct follow *follow, size_t count, struct failure *why)
{
	int blocks =
	    stored_any_blocks(tenant_sql(follow->tenant), INT64_MIN, why);

	if (blocks == -1)
		return -1;
	if (blocks == 1)
		qsort(follow->touched, count, sizeof(*follow->touched),
		    touched_compare);
	for (size_t at = 0; at < count; at += PART)
		if (follow_part(follow, follow->touched + at,
			count - at < PART ? count - at : PART, blocks == 1,
			why) == -1)
			return -1;
	return 0;
}

/* Within the transaction: how many entries were followed, or -1. */
static int
follow_touched(struct follow *follow, struct failure *why)
{
	int count = read_touched(follow, STEP, why);
	int64_t cursor;

	if (count <= 0)
		return count;
	cursor = follow->touched[count - 1].seq;
	if (follow_parts(follow, (size_t)count, why) == -1 ||
	    cursor_set(follow->tenant, FOLLOWER, cursor, why) == -1)
		return -1;
	return count;
}

/* One step: 1 there may be more, 0 all is done, -1 with a failure. */
static int
step(struct follow *follow, struct failure *why)
{
	struct sql *sql = tenant_sql(follow->tenant);
	int count = read_touched(follow, 1, why);

	if (count <= 0)
		return count;
	if (sql_begin(sql, why) == -1)
		return -1;
	count = follow_touched(follow, why);
	if (count == -1 || sql_commit(sql, false, why) == -1) {
		sql_rollback(sql);
		return -1;
	}
	follow->counts->changes += count;
	return count > 0;
}

static int
forget_cursor(struct tenant *tenant, struct failure *why)
{
	struct sql *sql = tenant_sql(tenant);

	if (sql_begin(sql, why) == -1)
		return -1;
	if (cursor_set(tenant, FOLLOWER, 0, why) == 0 &&
	    sql_commit(sql, false, why) == 0)
		return 0;
	sql_rollback(sql);
	return -1;
}

static int
follow_open(struct follow *follow, struct tenant *tenant,
    const struct history_options *options, struct failure *why)
{
	follow->tenant = tenant;
	history_columns_fill(&follow->columns);
	bucket_plan_fill(&follow->lines);
	follow->touched = mem_zero(STEP, sizeof(*follow->touched));
	follow->store = history_store_open(tenant, &follow->columns, why);
	if (follow->store == NULL)
		return -1;
	follow->cells = history_cells_open(tenant_sql(tenant), why);
	if (follow->cells == NULL)
		return -1;
	follow->counters = history_counters_open(tenant_sql(tenant), why);
	if (follow->counters == NULL)
		return -1;
	follow->zones = zones_open(tenant, why);
	if (follow->zones == NULL)
		return -1;
	return plan_batteries_load(
	    tenant, options->gap_ms, &follow->batteries, why);
}

static void
follow_close(struct follow *follow)
{
	plan_free(&follow->plan);
	free(follow->batteries.battery);
	free(follow->touched);
	zones_close(follow->zones);
	history_store_close(follow->store);
	history_cells_close(follow->cells);
	history_counters_close(follow->counters);
}

int
history_follow(struct tenant *tenant, const struct history_options *options,
    bool (*stop)(void), struct history_counts *counts, struct failure *why)
{
	struct follow follow = { .counts = counts };
	int got = -1;

	*counts = (struct history_counts){ .changes = 0 };
	if ((!options->rebuild || forget_cursor(tenant, why) == 0) &&
	    touched_recall(tenant, FOLLOWER, why) == 0)
		got = follow_open(&follow, tenant, options, why);
	if (got == 0)
		do
			got = step(&follow, why);
		while (got == 1 && (stop == NULL || !stop()));
	follow_close(&follow);
	return got == -1 ? -1 : 0;
}
