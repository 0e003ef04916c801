/* Verdicts in place of those that stood there; only what differs is
 * written, and its hour touched. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/judge_parts.h"
#include "store/suspects.h"

struct judge_store {
	struct tenant *tenant;
	struct sql_query *steps, *whole, *insert, *remove, *touch, *keep;
};

#define LOOK "SELECT time, until, reason, measurements FROM suspects"

static const struct sql_text texts[] = {
	{ offsetof(struct judge_store, steps),
	    LOOK " WHERE battery_id = ?1 AND time >= ?2 AND time < ?3"
		 " AND reason = 'step' ORDER BY time" },
	{ offsetof(struct judge_store, whole),
	    LOOK " WHERE battery_id = ?1 AND time >= ?2 AND time < ?3"
		 " AND reason <> 'step' ORDER BY time, reason" },
	{ offsetof(struct judge_store, insert),
	    "INSERT INTO suspects (battery_id, time, until, reason,"
	    " measurements) VALUES (?1, ?2, ?3, ?4, ?5)" },
	{ offsetof(struct judge_store, remove),
	    "DELETE FROM suspects WHERE battery_id = ?1 AND time = ?2"
	    " AND reason = ?3" },
	{ offsetof(struct judge_store, touch),
	    "INSERT OR REPLACE INTO touched (battery_id, hour)"
	    " VALUES (?1, ?2)" },
	{ offsetof(struct judge_store, keep),
	    "INSERT OR REPLACE INTO judged (battery_id, start, context,"
	    " settled, last, newest, dirty, hours)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)" },
};

#define TEXTS (sizeof(texts) / sizeof(*texts))

struct judge_store *
judge_store_open(struct tenant *tenant, struct failure *why)
{
	struct judge_store *store = mem_zero(1, sizeof(*store));

	store->tenant = tenant;
	if (sql_prepare_all(tenant_sql(tenant), store, texts, TEXTS, why) == 0)
		return store;
	judge_store_close(store);
	return NULL;
}

void
judge_store_close(struct judge_store *store)
{
	if (store == NULL)
		return;
	sql_free_all(store, texts, TEXTS);
	free(store);
}

void
judge_verdict_add(
    struct judge_verdicts *list, const struct judge_verdict *verdict)
{
	if (list->count == list->room) {
		list->room = list->room == 0 ? 16 : list->room * 2;
		list->one = mem_grow(list->one, list->room, sizeof(*list->one));
	}
	list->one[list->count++] = *verdict;
}

/* ---- one verdict ------------------------------------------------------ */

static int
touch(struct judge_store *store, int64_t battery_id, int64_t time_ms,
    struct failure *why)
{
	sql_bind_integer(store->touch, 1, battery_id);
	sql_bind_integer(store->touch, 2, time_ms - time_ms % HOUR_MS);
	return sql_done(store->touch, why);
}

static int
insert(struct judge_store *store, int64_t battery_id,
    const struct judge_verdict *verdict, struct failure *why)
{
	struct buf names = { NULL, 0, 0 };
	int result;

	suspects_names(verdict->measurements, &names);
	sql_bind_integer(store->insert, 1, battery_id);
	sql_bind_integer(store->insert, 2, verdict->time_ms);
	sql_bind_integer(store->insert, 3, verdict->until_ms);
	sql_bind_text(store->insert, 4, suspects_reason_words[verdict->reason]);
	sql_bind_text(store->insert, 5, names.data);
	result = sql_done(store->insert, why);
	buf_free(&names);
	return result == -1 ? -1
			    : touch(store, battery_id, verdict->time_ms, why);
}

static int
take_away(struct judge_store *store, int64_t battery_id,
    const struct judge_verdict *verdict, struct failure *why)
{
	sql_bind_integer(store->remove, 1, battery_id);
	sql_bind_integer(store->remove, 2, verdict->time_ms);
	sql_bind_text(store->remove, 3, suspects_reason_words[verdict->reason]);
	return sql_done(store->remove, why) == -1
	    ? -1
	    : touch(store, battery_id, verdict->time_ms, why);
}

/* ---- all of a job ----------------------------------------------------- */

static int
load(struct sql_query *query, int64_t battery_id, int64_t from_ms,
    int64_t to_ms, struct judge_verdicts *list, struct failure *why)
{
	int got;

	sql_bind_integer(query, 1, battery_id);
	sql_bind_integer(query, 2, from_ms);
	sql_bind_integer(query, 3, to_ms);
	while ((got = sql_step(query, why)) == 1)
		judge_verdict_add(list,
		    &(struct judge_verdict){ sql_integer(query, 0),
			sql_integer(query, 1),
			suspects_reason(sql_text(query, 2)),
			suspects_mask(sql_text(query, 3)) });
	sql_reset(query);
	return got;
}

static int
compare(const struct judge_verdict *a, const struct judge_verdict *b)
{
	if (a->time_ms != b->time_ms)
		return a->time_ms < b->time_ms ? -1 : 1;
	return (a->reason > b->reason) - (a->reason < b->reason);
}

/* Both lists are in order: what only one has, or has differently, changes. */
static int
merge(struct judge_store *store, int64_t battery_id,
    const struct judge_verdicts *old, const struct judge_verdicts *new,
    int64_t *changed, struct failure *why)
{
	size_t i = 0, k = 0;

	while (i < old->count || k < new->count) {
		int order = i == old->count ? 1
		    : k == new->count       ? -1
				      : compare(&old->one[i], &new->one[k]);
		bool same = order == 0 &&
		    old->one[i].measurements == new->one[k].measurements;

		if (!same && order <= 0 &&
		    take_away(store, battery_id, &old->one[i], why) == -1)
			return -1;
		if (!same && order >= 0 &&
		    insert(store, battery_id, &new->one[k], why) == -1)
			return -1;
		*changed += !same;
		i += order <= 0;
		k += order >= 0;
	}
	return 0;
}

static int
put_list(struct judge_store *store, struct sql_query *query,
    const struct judge_job *job, int64_t from_ms,
    const struct judge_verdicts *list, int64_t *changed, struct failure *why)
{
	struct judge_verdicts old = { NULL, 0, 0 };
	int result =
	    load(query, job->battery_id, from_ms, job->to_ms, &old, why);

	if (result == 0)
		result =
		    merge(store, job->battery_id, &old, list, changed, why);
	free(old.one);
	return result;
}

static int
keep(
    struct judge_store *store, const struct judge_job *job, struct failure *why)
{
	uint8_t hours[JUDGE_HOURS_SIZE];

	judge_hours_pack(&job->kept_hours, hours);
	sql_bind_integer(store->keep, 1, job->battery_id);
	sql_bind_integer(store->keep, 2, job->start_ms);
	sql_bind_integer(store->keep, 3, job->context_ms);
	sql_bind_integer(store->keep, 4, job->settled_ms);
	sql_bind_integer(store->keep, 5, job->last_ms);
	sql_bind_integer(store->keep, 6, job->newest_ms);
	sql_bind_integer(store->keep, 7, job->dirty);
	sql_bind_blob(store->keep, 8, hours, sizeof(hours));
	return sql_done(store->keep, why);
}

int
judge_store_job(struct judge_store *store, struct judge_job *job,
    struct judge_counts *counts, struct failure *why)
{
	if (put_list(store, store->steps, job, job->from_ms, &job->steps,
		&counts->suspects, why) == -1 ||
	    put_list(store, store->whole, job, job->hours_from_ms, &job->whole,
		&counts->suspects, why) == -1 ||
	    judge_faults_store(&job->faults, store->tenant, job->battery_id,
		&counts->events, why) == -1)
		return -1;
	return job->open ? keep(store, job, why) : 0;
}
