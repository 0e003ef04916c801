/* The record of a run. The child that writes it reads nothing else. */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/box.h"
#include "base/clock.h"
#include "base/err.h"
#include "job.h"
#include "store/tenant.h"

#define KEEP_MS (90 * DAY_MS)

/* In the child. Tells when the job failed too often. */
static int
record_in_box(const struct job *job)
{
	struct buf path = { 0 }, wal = { 0 }, shm = { 0 };
	struct box_path paths[3];
	struct job_state state;
	struct failure why;
	struct sql *core = core_open(job->root, SQL_WRITE, &why);

	buf_print(&path, "%s/core.db", job->root);
	buf_print(&wal, "%s-wal", path.data);
	buf_print(&shm, "%s-shm", path.data);
	paths[0] = (struct box_path){ path.data, BOX_WRITE };
	paths[1] = (struct box_path){ wal.data, BOX_WRITE };
	paths[2] = (struct box_path){ shm.data, BOX_WRITE };
	if (core == NULL ||
	    box_enter(paths, 3, BOX_NET_NONE, false, NULL, 0, &why) != 0 ||
	    (job->run.outcome == JOB_RUNNING
		    ? job_start(
			  core, &job->run, job->run.started_ms - KEEP_MS, &why)
		    : job_end(core, &job->run, &why)) != 0 ||
	    job_state(core, job->run.job, &state, &why) != 0) {
		warn("not recorded: %s", why.message);
		return EXIT_AGAIN;
	}
	sql_close(core);
	if (job_outcome_failed(job->run.outcome) &&
	    state.failures >= job->alarm)
		warn("job %s has failed %d times in a row", job->run.job,
		    state.failures);
	return EXIT_OK;
}

void
job_record(const struct job *job)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(record_in_box(job));
	if (pid < 0) {
		warn("not recorded:");
		return;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
}
