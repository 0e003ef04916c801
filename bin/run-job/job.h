/* One job of run-job: what to run, and what is known of its run. */
#ifndef RUN_JOB_H
#define RUN_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/jobs.h"

struct job {
	const char *root;
	const char *lock; /* name; the job's by default */
	int64_t timeout_ms; /* 0: none */
	int64_t retries, alarm;
	bool skip; /* running already: 0, not 111 */
	char **command;
	struct job_run run;
	struct buf tail;
	char host[256];
};

/* record.c: note the start (outcome JOB_RUNNING) or the end of the run in
 * core.db, in a boxed child; say when the job failed too often. */
void job_record(const struct job *job);

/* command.c */
void job_catch_signals(void);
bool job_told_to_stop(void);
/* One attempt; false when the command could not even be started. */
bool job_run_once(struct job *job);

#endif
