#include "store/jobs.h"

#include <string.h>

static const char *const words[JOB_OUTCOME_COUNT] = { "running", "done",
	"refused", "wrong", "again", "late", "killed", "skipped" };

const char *
job_outcome_word(enum job_outcome outcome)
{
	return words[outcome];
}

int
job_outcome_failed(enum job_outcome outcome)
{
	return outcome == JOB_WRONG || outcome == JOB_AGAIN ||
	    outcome == JOB_LATE || outcome == JOB_KILLED;
}

static enum job_outcome
find_word(const char *word)
{
	int i;

	for (i = 0; word != NULL && i < JOB_OUTCOME_COUNT; i++)
		if (strcmp(words[i], word) == 0)
			return (enum job_outcome)i;
	return JOB_WRONG;
}

/* ---- writing ---------------------------------------------------------- */

static void
bind_text(struct sql_query *query, int n, const char *text)
{
	if (text == NULL || text[0] == '\0')
		sql_bind_null(query, n);
	else
		sql_bind_text(query, n, text);
}

static int
clean_up(
    struct sql *core, const char *job, int64_t keep_ms, struct failure *why)
{
	static const char *const texts[] = {
		"UPDATE job_runs SET outcome = 'killed'"
		" WHERE job = ?1 AND outcome = 'running' AND ?2 >= 0",
		"DELETE FROM job_runs WHERE job = ?1 AND started_at < ?2"
	};
	struct sql_query *query;
	int status = 0;
	size_t i;

	for (i = 0; status == 0 && i < 2; i++) {
		query = sql_prepare(core, texts[i], why);
		if (query == NULL)
			return -1;
		sql_bind_text(query, 1, job);
		sql_bind_integer(query, 2, keep_ms);
		status = sql_done(query, why);
		sql_query_free(query);
	}
	return status;
}

static int
insert(struct sql *core, const struct job_run *run, struct failure *why)
{
	struct sql_query *query = sql_prepare(core,
	    "INSERT INTO job_runs (job, started_at, attempt, outcome, host,"
	    " pid) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	    why);
	int status;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, run->job);
	sql_bind_integer(query, 2, run->started_ms);
	sql_bind_integer(query, 3, run->attempt);
	sql_bind_text(query, 4, words[run->outcome]);
	bind_text(query, 5, run->host);
	sql_bind_integer(query, 6, run->pid);
	status = sql_done(query, why);
	sql_query_free(query);
	return status;
}

static int
update(struct sql *core, const struct job_run *run, struct failure *why)
{
	struct sql_query *query = sql_prepare(core,
	    "UPDATE job_runs SET outcome = ?4, ended_at = ?5,"
	    " duration_ms = ?6, exit_status = ?7, signal = ?8, output = ?9"
	    " WHERE job = ?1 AND started_at = ?2 AND attempt = ?3",
	    why);
	int status;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, run->job);
	sql_bind_integer(query, 2, run->started_ms);
	sql_bind_integer(query, 3, run->attempt);
	sql_bind_text(query, 4, words[run->outcome]);
	sql_bind_integer(query, 5, run->ended_ms);
	sql_bind_integer(query, 6, run->duration_ms);
	if (run->exit_status >= 0)
		sql_bind_integer(query, 7, run->exit_status);
	if (run->signal > 0)
		sql_bind_integer(query, 8, run->signal);
	bind_text(query, 9, run->output);
	status = sql_done(query, why);
	sql_query_free(query);
	return status;
}

static int
finish(struct sql *core, int status, struct failure *why)
{
	if (status == 0)
		return sql_commit(core, false, why);
	sql_rollback(core);
	return -1;
}

int
job_start(struct sql *core, const struct job_run *run, int64_t keep_ms,
    struct failure *why)
{
	int status;

	if (sql_begin(core, why) != 0)
		return -1;
	status = clean_up(core, run->job, keep_ms, why);
	if (status == 0)
		status = insert(core, run, why);
	return finish(core, status, why);
}

int
job_end(struct sql *core, const struct job_run *run, struct failure *why)
{
	int status;

	if (sql_begin(core, why) != 0)
		return -1;
	status = update(core, run, why);
	/* Its start may not have been noted: the database was away then. */
	if (status == 0 && sql_changes(core) == 0)
		status =
		    insert(core, run, why) == 0 ? update(core, run, why) : -1;
	return finish(core, status, why);
}

/* ---- reading ---------------------------------------------------------- */

/* Newest first; attempts of one run count once, by the first. */
static int
read_runs(struct sql_query *query, struct job_state *state, struct failure *why)
{
	int status, rows = 0;

	while ((status = sql_step(query, why)) == 1) {
		enum job_outcome outcome = find_word(sql_text(query, 0));

		if (outcome == JOB_RUNNING) {
			if (state->running_ms == 0)
				state->running_ms = sql_integer(query, 1);
			continue;
		}
		if (rows++ == 0) {
			state->outcome = outcome;
			state->ended_ms = sql_integer(query, 2);
			state->duration_ms = sql_integer(query, 3);
		}
		if (!job_outcome_failed(outcome))
			break;
		state->failures += sql_integer(query, 4) == 1;
	}
	return status < 0 ? -1 : 0;
}

int
job_state(struct sql *core, const char *job, struct job_state *state,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(core,
	    "SELECT outcome, started_at, ended_at, duration_ms, attempt"
	    " FROM job_runs WHERE job = ?1 AND outcome != 'skipped'"
	    " ORDER BY started_at DESC, attempt DESC LIMIT 100",
	    why);
	int status;

	*state = (struct job_state){ .job = job, .outcome = JOB_SKIPPED };
	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, job);
	status = read_runs(query, state, why);
	sql_query_free(query);
	return status;
}

int
job_states(struct sql *core, struct arena *arena, struct job_state **states,
    size_t *count, struct failure *why)
{
	struct sql_query *query = sql_prepare(core,
	    "SELECT DISTINCT job, (SELECT count(DISTINCT job) FROM job_runs)"
	    " FROM job_runs ORDER BY job",
	    why);
	size_t room = 0, i;
	int status;

	*states = NULL;
	*count = 0;
	if (query == NULL)
		return -1;
	while ((status = sql_step(query, why)) == 1) {
		const char *job = sql_text(query, 0);

		if (*states == NULL) {
			room = (size_t)sql_integer(query, 1);
			*states = arena_alloc(arena, room * sizeof(**states));
		}
		if (*count < room)
			(*states)[(*count)++].job =
			    arena_text(arena, job, strlen(job));
	}
	sql_query_free(query);
	for (i = 0; status == 0 && i < *count; i++)
		status = job_state(core, (*states)[i].job, &(*states)[i], why);
	return status < 0 ? -1 : 0;
}
