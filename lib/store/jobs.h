/* What run-job has run: the table job_runs of core.db. */
#ifndef STORE_JOBS_H
#define STORE_JOBS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/sql.h"

/* How a run ended; the words of the column `outcome`. */
enum job_outcome {
	JOB_RUNNING,
	JOB_DONE,
	JOB_REFUSED,
	JOB_WRONG,
	JOB_AGAIN,
	JOB_LATE,
	JOB_KILLED,
	JOB_SKIPPED,
	JOB_OUTCOME_COUNT
};
const char *job_outcome_word(enum job_outcome outcome);
/* wrong, again, late or killed. */
int job_outcome_failed(enum job_outcome outcome);

struct job_run {
	const char *job;
	const char *host;
	const char *output; /* tail of standard error; "" for none */
	int64_t started_ms, ended_ms, duration_ms;
	int64_t pid;
	int attempt; /* from 1 */
	int exit_status; /* -1: none, see signal */
	int signal; /* 0: none */
	enum job_outcome outcome;
};

/* Note a start. Runs of the same job that still say "running" are called
 * killed (the caller holds the job's lock); runs before keep_ms go. */
int job_start(struct sql *core, const struct job_run *run, int64_t keep_ms,
    struct failure *why);
/* Note the end of the run of that start and attempt, or all of a skipped
 * one. */
int job_end(struct sql *core, const struct job_run *run, struct failure *why);

/* A job as health sees it. */
struct job_state {
	const char *job;
	enum job_outcome outcome; /* of the last run that ended */
	int64_t ended_ms, duration_ms;
	int64_t running_ms; /* since when it runs, 0: it does not */
	int failures; /* runs in a row, at most 100 */
};
/* All jobs, by name, in the arena. */
int job_states(struct sql *core, struct arena *arena, struct job_state **states,
    size_t *count, struct failure *why);
/* One job; outcome JOB_SKIPPED where it never ended. */
int job_state(struct sql *core, const char *job, struct job_state *state,
    struct failure *why);

#endif
