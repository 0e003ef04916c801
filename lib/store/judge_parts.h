/* Private to judge: what a step works on. */
#ifndef STORE_JUDGE_PARTS_H
#define STORE_JUDGE_PARTS_H

#include "base/mem.h"
#include "store/judge.h"
#include "store/limits.h"
#include "store/readings.h"
#include "store/suspects.h"

#define JUDGE_EVER INT64_MAX
#define JUDGE_RING (2 * JUDGE_NEAR + 1)
#define JUDGE_NUMBERS 16 /* measurements with steps, at most */
#define JUDGE_LISTS 2
#define JUDGE_HOURS 3

/* What is not believed from time_ms to until_ms, both included. */
struct judge_verdict {
	int64_t time_ms, until_ms;
	enum suspects_reason reason;
	uint64_t measurements; /* bit per id */
};
struct judge_verdicts {
	struct judge_verdict *one;
	size_t count, room;
};
void judge_verdict_add(
    struct judge_verdicts *list, const struct judge_verdict *verdict);

/* Which measurements have steps. */
struct judge_checks {
	size_t numbers, lists;
	uint8_t number[JUDGE_NUMBERS], list[JUDGE_LISTS];
	uint64_t mask; /* of all of them */
};
void judge_checks_fill(struct judge_checks *checks);

/* ---- steps: judge_vote.c ---------------------------------------------- */

struct judge_list {
	int32_t *item;
	size_t count, room;
};
/* What is kept of a row until its neighbours behind it are there. */
struct judge_sample {
	int64_t time_ms;
	uint64_t present;
	int64_t number[JUDGE_NUMBERS];
	struct judge_list list[JUDGE_LISTS];
	int64_t current, soc, voltage, capacity;
	uint64_t cells; /* a hash of them */
	bool calm; /* so near to the row before that, where all are, no two
		    * of a ring contradict each other */
};
/* The last rows; row n is in place n % JUDGE_RING. */
struct judge_ring {
	struct judge_sample sample[JUDGE_RING];
	uint64_t count; /* rows that came */
	uint64_t decided; /* rows that were judged */
};
void judge_ring_put(struct judge_ring *ring, const struct judge_checks *checks,
    const struct limits *limits, const struct reading *reading);
/* Measurements of row n that its neighbours contradict; bit per id. */
uint64_t judge_vote(const struct judge_ring *ring,
    const struct judge_checks *checks, const struct limits *limits, uint64_t n);
static inline const struct judge_sample *
judge_row(const struct judge_ring *ring, uint64_t n)
{
	return &ring->sample[n % JUDGE_RING];
}
void judge_ring_free(struct judge_ring *ring);

/* ---- hours: judge_hour.c ---------------------------------------------- */

/* Sums of the rows in one UTC hour; all zero: there are none. */
enum judge_sum {
	SUM_HOUR, /* its start, ms; 0 none */
	SUM_LAST_TIME,
	SUM_LAST_CURRENT, /* mA; counts where its time is not 0 */
	SUM_LAST_CURRENT_TIME,
	SUM_CHARGE, /* 2 mA ms, positive charges */
	SUM_COVERED, /* ms */
	SUM_SOC_ROWS,
	SUM_SOC_FIRST,
	SUM_SOC_LAST,
	SUM_SOC_LOW,
	SUM_SOC_HIGH,
	SUM_SOC_JUMP, /* greatest step between two rows */
	SUM_VOLTAGE_ROWS,
	SUM_VOLTAGE_LOW,
	SUM_VOLTAGE_HIGH,
	SUM_CELLS_ROWS,
	SUM_CELLS, /* their hash */
	SUM_CELLS_CHANGED,
	SUM_CAPACITY, /* mAh, as the device tells it */
	SUM_COUNT
};
struct judge_hour {
	int64_t sum[SUM_COUNT];
};
/* The newest hour is hour[JUDGE_HOURS - 1]. */
struct judge_hours {
	struct judge_hour hour[JUDGE_HOURS];
};
/* Add a row, which is later than all before it; when it opens another hour
 * the verdicts on those that are complete are added to the list. */
void judge_hours_add(struct judge_hours *hours, const struct limits *limits,
    const struct judge_sample *sample, int64_t from_ms,
    struct judge_verdicts *list);
/* The rest of the verdicts: nothing more comes. */
void judge_hours_end(struct judge_hours *hours, const struct limits *limits,
    int64_t from_ms, struct judge_verdicts *list);
#define JUDGE_HOURS_SIZE ((size_t)JUDGE_HOURS * SUM_COUNT * 8)
void judge_hours_pack(
    const struct judge_hours *hours, uint8_t out[JUDGE_HOURS_SIZE]);
bool judge_hours_read(struct judge_hours *hours, const void *data, size_t size);

/* ---- faults: judge_fault.c -------------------------------------------- */

enum { JUDGE_FAULT, JUDGE_WARNING, JUDGE_CODE_KINDS };

struct judge_event {
	const char *code;
	int kind;
	int64_t raised_ms, cleared_ms; /* JUDGE_EVER: it lasts */
	int64_t id; /* of its row; 0 none */
	bool seen;
};
struct judge_events {
	struct judge_event *one;
	size_t count, room;
};
struct judge_faults {
	struct arena arena;
	struct judge_events old; /* as stored, not over before from_ms */
	struct judge_events new; /* in order of raised_ms */
	size_t *lasting; /* places of those in it that are not cleared */
	size_t lasting_count, lasting_room;
	struct buf last[JUDGE_CODE_KINDS]; /* codes as last told */
	bool known[JUDGE_CODE_KINDS];
	int64_t from_ms; /* what is stored before it stands */
	int64_t enough_ms; /* from here on the next codes are the end ... */
	int64_t end_ms[JUDGE_CODE_KINDS]; /* ... which was here */
};
int judge_faults_load(struct judge_faults *faults, struct tenant *tenant,
    int64_t battery_id, struct failure *why);
void judge_faults_add(
    struct judge_faults *faults, const struct reading *reading);
/* Must rows behind those walked be looked at, for the end? */
bool judge_faults_want(const struct judge_faults *faults);
int judge_faults_store(struct judge_faults *faults, struct tenant *tenant,
    int64_t battery_id, int64_t *changed, struct failure *why);
void judge_faults_free(struct judge_faults *faults);

/* ---- jobs: judge_plan.c ----------------------------------------------- */

/* A stretch of one battery's rows that is judged anew. */
struct judge_job {
	int64_t battery_id;
	const struct limits *limits;
	int round; /* which of the battery's jobs it is */
	int64_t walk_from_ms, walk_to_ms; /* rows to look at */
	int64_t from_ms, to_ms; /* of which these are judged */
	int64_t hours_from_ms; /* verdicts on whole hours, up to to_ms */
	bool open; /* to the newest row: what it ends with is kept */
	int64_t start_ms; /* open: as judged.start */
	int64_t newest_ms, last_ms, settled_ms, context_ms;
	bool dirty; /* open: start anew the next time */
	struct judge_ring ring;
	struct judge_hours hours, kept_hours;
	struct judge_faults faults;
	struct judge_verdicts steps, whole;
};
/* A battery's jobs are done one after the other, round by round: an event
 * that spans two of them must be in place before the second begins. */
struct judge_plan {
	struct judge_job *job; /* in order of battery, then of time */
	size_t jobs, room;
	int rounds, round;
	size_t guess; /* the job found last: rows come battery by battery */
};
/* Jobs for what was touched, which is put into order. */
int judge_plan_make(struct judge_plan *plan, struct tenant *tenant,
    const struct limits_table *limits, struct touched *touched, size_t count,
    struct failure *why);
/* The first job of a battery; plan->jobs where there is none. Most rows are
 * of the battery of the one before, or of the next. */
size_t judge_job_find(struct judge_plan *plan, int64_t battery_id);
void judge_plan_free(struct judge_plan *plan);

/* ---- writing: judge_store.c ------------------------------------------- */

struct judge_store;
struct judge_store *judge_store_open(
    struct tenant *tenant, struct failure *why);
void judge_store_close(struct judge_store *store);
/* Put a job's result in place; counts what changed. In a transaction. */
int judge_store_job(struct judge_store *store, struct judge_job *job,
    struct judge_counts *counts, struct failure *why);

#endif
