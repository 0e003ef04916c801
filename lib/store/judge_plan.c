/*
 * What must be judged anew for what was touched. In steady state a battery
 * goes on where it stopped; where a late row came, or a long silence went
 * before, it starts anew two hours before what was touched, because that is
 * how far verdicts look: an hour for neighbours, and an hour to either side.
 * A change in the past is a stretch of its own that ends as far behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/judge_parts.h"

/* Hours as near as this to the settled row are no past of their own. */
#define BAND_HOURS 2
/* Past hours this near to each other are one stretch. */
#define MERGE_HOURS 6

struct stand {
	bool known, dirty;
	int64_t start_ms, context_ms, settled_ms, newest_ms;
	struct judge_hours hours;
};

static int64_t
hour_of(int64_t time_ms)
{
	return time_ms - time_ms % HOUR_MS;
}

static int64_t
hours_before(int64_t time_ms, int hours)
{
	return time_ms > hours * HOUR_MS ? time_ms - hours * HOUR_MS : 0;
}

static int
read_stand(struct sql_query *query, int64_t battery_id, struct stand *stand,
    struct failure *why)
{
	const void *data;
	size_t size;
	int got;

	*stand = (struct stand){ .known = false };
	sql_bind_integer(query, 1, battery_id);
	got = sql_step(query, why);
	if (got == 1) {
		stand->known = true;
		stand->start_ms = sql_integer(query, 0);
		stand->context_ms = sql_integer(query, 1);
		stand->settled_ms = sql_integer(query, 2);
		stand->newest_ms = sql_integer(query, 3);
		data = sql_blob(query, 5, &size);
		stand->dirty = sql_integer(query, 4) != 0 ||
		    !judge_hours_read(&stand->hours, data, size);
	}
	sql_reset(query);
	return got == -1 ? -1 : 0;
}

static struct judge_job *
add_job(struct judge_plan *plan, const struct limits *limits)
{
	struct judge_job *job;

	if (plan->jobs == plan->room) {
		plan->room = plan->room == 0 ? 64 : plan->room * 2;
		plan->job = mem_grow(plan->job, plan->room, sizeof(*plan->job));
	}
	job = &plan->job[plan->jobs++];
	memset(job, 0, sizeof(*job));
	job->battery_id = limits->battery_id;
	job->limits = limits;
	if (plan->jobs > 1 && job[-1].battery_id == job->battery_id)
		job->round = job[-1].round + 1;
	if (job->round >= plan->rounds)
		plan->rounds = job->round + 1;
	return job;
}

/* Judge from an hour before `hour_ms` on, with an hour of neighbours. */
static void
start_anew(struct judge_job *job, int64_t hour_ms)
{
	job->from_ms = job->hours_from_ms = hours_before(hour_ms, 1);
	job->walk_from_ms = hours_before(hour_ms, 2);
	job->start_ms = hour_ms;
	job->faults.from_ms = job->from_ms;
}

/* An old change: as far behind it as before it. */
static void
add_past(struct judge_plan *plan, const struct limits *limits, int64_t first_ms,
    int64_t last_ms)
{
	struct judge_job *job = add_job(plan, limits);

	start_anew(job, first_ms);
	job->to_ms = last_ms + 2 * HOUR_MS;
	job->walk_to_ms = last_ms + 3 * HOUR_MS;
	job->faults.enough_ms = last_ms + HOUR_MS;
}

static void
go_on(struct judge_job *job, const struct stand *stand)
{
	job->hours = stand->hours;
	job->walk_from_ms = stand->context_ms;
	job->settled_ms = stand->settled_ms;
	job->from_ms = stand->settled_ms + 1;
	job->hours_from_ms = hours_before(hour_of(stand->settled_ms), 1);
	job->start_ms = stand->start_ms;
	job->faults.from_ms = job->from_ms;
}

/* To the newest row: the hours from `first` on, which are not the past. */
static void
add_open(struct judge_plan *plan, const struct limits *limits,
    const struct stand *stand, const struct touched *first, size_t count)
{
	struct judge_job *job = add_job(plan, limits);
	int64_t hour_ms = first->hour_ms;

	if (!stand->known || stand->dirty || hour_ms < stand->start_ms ||
	    stand->context_ms < hours_before(hour_ms, 2))
		start_anew(job, hour_ms);
	else
		go_on(job, stand);
	job->open = true;
	job->to_ms = JUDGE_EVER;
	job->faults.enough_ms = JUDGE_EVER;
	job->walk_to_ms = first[count - 1].hour_ms + HOUR_MS;
	if (stand->known && stand->newest_ms >= job->walk_to_ms)
		job->walk_to_ms = stand->newest_ms + 1;
}

/* All touched hours of one battery. */
static void
plan_battery(struct judge_plan *plan, const struct limits *limits,
    const struct stand *stand, const struct touched *touched, size_t count)
{
	int64_t band_ms = 0;
	size_t past = 0, first = 0;

	if (stand->known)
		band_ms = hours_before(hour_of(stand->settled_ms), BAND_HOURS);
	while (past < count && touched[past].hour_ms < band_ms)
		past++;
	for (size_t i = 1; i <= past; i++) {
		if (i < past &&
		    touched[i].hour_ms - touched[i - 1].hour_ms <=
			MERGE_HOURS * HOUR_MS)
			continue;
		add_past(plan, limits, touched[first].hour_ms,
		    touched[i - 1].hour_ms);
		first = i;
	}
	if (past < count)
		add_open(plan, limits, stand, touched + past, count - past);
}

int
judge_plan_make(struct judge_plan *plan, struct tenant *tenant,
    const struct limits_table *limits, struct touched *touched, size_t count,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(tenant_sql(tenant),
	    "SELECT start, context, settled, newest, dirty, hours FROM judged"
	    " WHERE battery_id = ?1",
	    why);
	int result = query == NULL ? -1 : 0;
	size_t end;

	qsort(touched, count, sizeof(*touched), touched_compare);
	for (size_t i = 0; result == 0 && i < count; i = end) {
		int64_t id = touched[i].battery_id;
		const struct limits *mine = limits_find(limits, id);
		struct stand stand;

		for (end = i; end < count && touched[end].battery_id == id;)
			end++;
		if (mine == NULL)
			continue; /* a battery that is gone */
		result = read_stand(query, id, &stand, why);
		if (result == 0)
			plan_battery(plan, mine, &stand, touched + i, end - i);
	}
	sql_query_free(query);
	return result;
}

static bool
is_first_of(const struct judge_plan *plan, size_t i, int64_t battery_id)
{
	return i < plan->jobs && plan->job[i].battery_id == battery_id &&
	    (i == 0 || plan->job[i - 1].battery_id != battery_id);
}

size_t
judge_job_find(struct judge_plan *plan, int64_t battery_id)
{
	size_t low = 0, high = plan->jobs;

	if (is_first_of(plan, plan->guess, battery_id))
		return plan->guess;
	if (is_first_of(plan, plan->guess + 1, battery_id))
		return ++plan->guess;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (plan->job[middle].battery_id < battery_id)
			low = middle + 1;
		else
			high = middle;
	}
	plan->guess = low;
	return is_first_of(plan, low, battery_id) ? low : plan->jobs;
}

void
judge_plan_free(struct judge_plan *plan)
{
	for (size_t i = 0; i < plan->jobs; i++) {
		struct judge_job *job = &plan->job[i];

		judge_ring_free(&job->ring);
		judge_faults_free(&job->faults);
		free(job->steps.one);
		free(job->whole.one);
	}
	plan->jobs = 0;
	free(plan->job);
	*plan = (struct judge_plan){ .jobs = 0 };
}
