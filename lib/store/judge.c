/*
 * Following what was touched. A step looks at its rows and writes what it
 * found in one transaction: no row can come in between that nobody looks
 * at. append marks a battery (judged.dirty) of which a row came late.
 */
#include "store/judge.h"

#include <stdlib.h>
#include <string.h>

#include "store/judge_parts.h"

#define FOLLOWER "judge"
/* Touched hours in one step: about a second's work at most. */
#define STEP 8192

struct judge {
	struct tenant *tenant;
	struct limits_table limits;
	struct judge_checks checks;
	struct judge_store *store;
	struct judge_plan plan;
	struct touched *touched;
	struct judge_counts *counts;
};

/* ---- rows ------------------------------------------------------------- */

/* Row n has its neighbours now, or there are no more. */
static void
decide(const struct judge *judge, struct judge_job *job, uint64_t n,
    int64_t settled_ms)
{
	const struct judge_sample *sample = judge_row(&job->ring, n);
	uint64_t doubted;

	if (sample->time_ms > settled_ms)
		judge_hours_add(&job->hours, job->limits, sample,
		    job->hours_from_ms, &job->whole);
	if (sample->time_ms < job->from_ms || sample->time_ms >= job->to_ms)
		return;
	doubted = judge_vote(&job->ring, &judge->checks, job->limits, n);
	if (doubted != 0)
		judge_verdict_add(&job->steps,
		    &(struct judge_verdict){ sample->time_ms, sample->time_ms,
			SUSPECT_STEP, doubted });
}

/* A pack that says nothing but zeros is no neighbour of anything. */
static bool
is_void(const struct reading *reading)
{
	return reading->kind != READING_BATTERY ||
	    (reading_has(reading, MEASUREMENT_data_quality) &&
		reading->value[MEASUREMENT_data_quality].number ==
		    QUALITY_INVALID);
}

static void
add_row(const struct judge *judge, struct judge_job *job,
    const struct reading *reading)
{
	struct judge_ring *ring = &job->ring;

	if (reading->time_ms > job->newest_ms)
		job->newest_ms = reading->time_ms;
	judge_faults_add(&job->faults, reading);
	if (is_void(reading))
		return;
	judge_ring_put(ring, &judge->checks, job->limits, reading);
	if (ring->count - ring->decided <= JUDGE_NEAR)
		return;
	decide(judge, job, ring->decided++, job->settled_ms);
}

/*
 * Where to go on the next time: behind the last row that had its neighbours.
 * Where none had, the next time starts anew; where there were none to judge,
 * it goes on behind what was seen.
 */
static void
keep_place(struct judge_job *job)
{
	const struct judge_ring *ring = &job->ring;
	uint64_t oldest =
	    ring->count > JUDGE_RING ? ring->count - JUDGE_RING : 0;

	job->kept_hours = job->hours;
	job->last_ms = ring->count > 0
	    ? judge_row(ring, ring->count - 1)->time_ms
	    : job->newest_ms;
	if (ring->decided > 0) {
		job->settled_ms = judge_row(ring, ring->decided - 1)->time_ms;
		job->context_ms = judge_row(ring, oldest)->time_ms;
		return;
	}
	job->dirty = ring->count > 0;
	job->settled_ms = job->dirty ? job->from_ms - 1 : job->newest_ms;
	job->context_ms = job->dirty ? job->walk_from_ms : job->newest_ms;
}

static void
end_rows(const struct judge *judge, struct judge_job *job)
{
	struct judge_ring *ring = &job->ring;
	struct judge_verdicts *whole = &job->whole;
	int64_t settled_ms = job->settled_ms;

	keep_place(job);
	for (; ring->decided < ring->count; ring->decided++)
		decide(judge, job, ring->decided, settled_ms);
	judge_hours_end(&job->hours, job->limits, job->hours_from_ms, whole);
	while (whole->count > 0 &&
	    whole->one[whole->count - 1].time_ms >= job->to_ms)
		whole->count--;
}

/* ---- walking ---------------------------------------------------------- */

static bool
is_of(const struct judge_job *job, int round, int64_t time_ms)
{
	return job->round == round && time_ms >= job->walk_from_ms &&
	    time_ms < job->walk_to_ms;
}

static bool
want(void *context, int64_t battery_id, int64_t time_ms)
{
	struct judge_plan *plan = context;

	for (size_t i = judge_job_find(plan, battery_id);
	     i < plan->jobs && plan->job[i].battery_id == battery_id; i++)
		if (is_of(&plan->job[i], plan->round, time_ms))
			return true;
	return false;
}

static int
walk(struct judge *judge, int64_t from_ms, int64_t to_ms, struct failure *why)
{
	struct judge_plan *plan = &judge->plan;
	struct readings_walk *rows = readings_walk_open(judge->tenant,
	    plan->jobs == 1 ? plan->job[0].battery_id : 0, from_ms, to_ms, why);
	struct reading reading;
	int64_t battery_id;
	int got = -1;

	if (rows == NULL)
		return -1;
	readings_walk_bare(rows, want, plan);
	if (readings_walk_lean(rows, why) == -1) {
		readings_walk_close(rows);
		return -1;
	}
	while (
	    (got = readings_walk_next(rows, &battery_id, &reading, why)) == 1)
		for (size_t i = judge_job_find(plan, battery_id);
		     i < plan->jobs && plan->job[i].battery_id == battery_id;
		     i++)
			if (is_of(&plan->job[i], plan->round, reading.time_ms))
				add_row(judge, &plan->job[i], &reading);
	readings_walk_close(rows);
	return got;
}

/* The codes that end a past stretch may stand far behind it. */
static int
walk_for_faults(struct judge *judge, struct judge_job *job, struct failure *why)
{
	struct readings_walk *rows;
	struct reading reading;
	int64_t battery_id;
	int got = 0;

	if (!judge_faults_want(&job->faults))
		return 0;
	rows = readings_walk_open(
	    judge->tenant, job->battery_id, job->walk_to_ms, JUDGE_EVER, why);
	if (rows == NULL)
		return -1;
	while (judge_faults_want(&job->faults) &&
	    (got = readings_walk_next(rows, &battery_id, &reading, why)) == 1)
		judge_faults_add(&job->faults, &reading);
	readings_walk_close(rows);
	return got == -1 ? -1 : 0;
}

struct window {
	int64_t from_ms, to_ms;
};

static int
compare_windows(const void *a, const void *b)
{
	const struct window *left = a, *right = b;

	return (left->from_ms > right->from_ms) -
	    (left->from_ms < right->from_ms);
}

/* All rows that some job wants, each stretch of time once. */
static int
walk_all(struct judge *judge, struct failure *why)
{
	const struct judge_plan *plan = &judge->plan;
	struct window *window = mem_alloc((plan->jobs + 1) * sizeof(*window));
	size_t count = 0;
	struct window now;
	int result = 0;

	for (size_t i = 0; i < plan->jobs; i++)
		if (plan->job[i].round == plan->round)
			window[count++] =
			    (struct window){ plan->job[i].walk_from_ms,
				    plan->job[i].walk_to_ms };
	qsort(window, count, sizeof(*window), compare_windows);
	for (size_t i = 0; result == 0 && i < count;) {
		now = window[i++];
		while (i < count && window[i].from_ms <= now.to_ms) {
			if (window[i].to_ms > now.to_ms)
				now.to_ms = window[i].to_ms;
			i++;
		}
		result = walk(judge, now.from_ms, now.to_ms, why);
	}
	free(window);
	return result;
}

/* ---- steps ------------------------------------------------------------ */

static int
judge_round(struct judge *judge, struct failure *why)
{
	struct judge_plan *plan = &judge->plan;

	for (size_t i = 0; i < plan->jobs; i++)
		if (plan->job[i].round == plan->round &&
		    judge_faults_load(&plan->job[i].faults, judge->tenant,
			plan->job[i].battery_id, why) == -1)
			return -1;
	if (walk_all(judge, why) == -1)
		return -1;
	for (size_t i = 0; i < plan->jobs; i++) {
		struct judge_job *job = &plan->job[i];

		if (job->round != plan->round)
			continue;
		end_rows(judge, job);
		if (walk_for_faults(judge, job, why) == -1 ||
		    judge_store_job(judge->store, job, judge->counts, why) ==
			-1)
			return -1;
	}
	return 0;
}

static int
judge_jobs(struct judge *judge, struct failure *why)
{
	struct judge_plan *plan = &judge->plan;

	for (plan->round = 0; plan->round < plan->rounds; plan->round++)
		if (judge_round(judge, why) == -1)
			return -1;
	return 0;
}

/* Within the transaction: the count of entries followed, or -1. */
static int
follow(struct judge *judge, struct failure *why)
{
	int64_t cursor = cursor_get(judge->tenant, FOLLOWER, why);
	int count = cursor == -1 ? -1
				 : readings_touched(judge->tenant, cursor,
				       judge->touched, STEP, why);

	if (count <= 0)
		return count;
	cursor = judge->touched[count - 1].seq;
	if (judge_plan_make(&judge->plan, judge->tenant, &judge->limits,
		judge->touched, (size_t)count, why) == -1 ||
	    judge_jobs(judge, why) == -1 ||
	    cursor_set(judge->tenant, FOLLOWER, cursor, why) == -1)
		return -1;
	return count;
}

/* Is there anything to do? Asked without a lock. */
static int
is_behind(struct judge *judge, struct failure *why)
{
	int64_t cursor = cursor_get(judge->tenant, FOLLOWER, why);

	return cursor == -1
	    ? -1
	    : readings_touched(judge->tenant, cursor, judge->touched, 1, why);
}

static int
step(struct judge *judge, struct failure *why)
{
	struct sql *sql = tenant_sql(judge->tenant);
	int count = is_behind(judge, why);

	if (count <= 0)
		return count;
	if (sql_begin(sql, why) == -1)
		return -1;
	count = follow(judge, why);
	judge_plan_free(&judge->plan);
	if (count == -1 || sql_commit(sql, false, why) == -1) {
		sql_rollback(sql);
		return -1;
	}
	judge->counts->changes += count;
	return count > 0;
}

/* What was found in readings that retention took away stays. */
#define LEFT(time)                                                             \
	" WHERE " time " >= ifnull((SELECT before FROM retained r WHERE"       \
	" r.battery_id = f.battery_id AND r.tier = 'readings'), 0)"

static int
forget(struct tenant *tenant, struct failure *why)
{
	struct sql *sql = tenant_sql(tenant);

	if (sql_begin(sql, why) == -1)
		return -1;
	if (sql_run(sql,
		"INSERT OR REPLACE INTO touched (battery_id, hour)"
		" SELECT DISTINCT battery_id, time - time % 3600000"
		" FROM suspects;"
		"DELETE FROM suspects AS f" LEFT(
		    "time") ";"
			    "DELETE FROM fault_events AS f" LEFT(
				"raised_at") ";"
					     "DELETE FROM judged",
		why) == 0 &&
	    cursor_set(tenant, FOLLOWER, 0, why) == 0 &&
	    sql_commit(sql, false, why) == 0)
		return 0;
	sql_rollback(sql);
	return -1;
}

static int
run(struct judge *judge, bool (*stop)(void), struct failure *why)
{
	int got = -1;

	judge_checks_fill(&judge->checks);
	if (limits_load(judge->tenant, &judge->limits, why) == 0 &&
	    (judge->store = judge_store_open(judge->tenant, why)) != NULL)
		do
			got = step(judge, why);
		while (got == 1 && (stop == NULL || !stop()));
	judge_store_close(judge->store);
	limits_free(&judge->limits);
	return got;
}

int
judge_follow(struct tenant *tenant, bool rebuild, bool (*stop)(void),
    struct judge_counts *counts, struct failure *why)
{
	struct judge judge = { .tenant = tenant, .counts = counts };
	int got = -1;

	*counts = (struct judge_counts){ .changes = 0 };
	judge.touched = mem_zero(STEP, sizeof(*judge.touched));
	if ((!rebuild || forget(tenant, why) == 0) &&
	    touched_recall(tenant, FOLLOWER, why) == 0)
		got = is_behind(&judge, why);
	if (got == 1) /* else there is nothing to prepare for */
		got = run(&judge, stop, why);
	free(judge.touched);
	return got == -1 ? -1 : 0;
}
