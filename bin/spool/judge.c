/* What the end of the stages and of the feeder says, and what to do then. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/err.h"
#include "each.h"

#define KILLS_MAX 3 /* of a segment, before it is halved */
#define CAREFUL 32 /* segments fed one by one after a crash */
#define REFUSED_MAX 10 /* lines in a row: it is not the data */

/* Did it kill itself? The rest is somebody's doing, and SIGKILL that of the
 * kernel when memory is short: no line is refused for that. */
static bool
crashed(const struct stage *stage)
{
	static const int asked[] = { SIGPIPE, SIGTERM, SIGINT, SIGHUP,
		SIGKILL };
	size_t i;

	if (!WIFSIGNALED(stage->status) || stage->killed)
		return false;
	for (i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		if (WTERMSIG(stage->status) == asked[i])
			return false;
	return true;
}

/* The head of the queue may be what kills it; it is known for sure only
 * when it was fed alone. */
static enum verdict
judge_crash(struct each *each, size_t n)
{
	struct feed_shared *shared = each->shared;
	const struct stage *stage = &each->stages.stage[n];

	warn("stage %zu (%s) was killed by signal %d%s%s", n + 1,
	    stage->argv[0], WTERMSIG(stage->status),
	    shared->head[0] != '\0' ? " at segment " : "", shared->head);
	if (!shared->ready || shared->head[0] == '\0')
		return each->options.once ? END : AGAIN;
	if (shared->alone && strcmp(shared->killer, shared->head) == 0)
		shared->kills++;
	else {
		memcpy(shared->killer, shared->head, sizeof(shared->killer));
		shared->kills = shared->alone;
	}
	shared->careful = CAREFUL;
	/* A half of what was proved to kill needs no more proof. */
	if (shared->kills >= KILLS_MAX ||
	    (shared->kills > 0 && strchr(shared->head, '.') != NULL))
		shared->halve = true;
	if (shared->refused_in_row < REFUSED_MAX)
		return AT_ONCE;
	warn("%u lines in a row were refused: it cannot be the data",
	    shared->refused_in_row);
	each->status = EXIT_AGAIN;
	return END;
}

/* Of a process; EXIT_AGAIN where a signal ended it. */
static int
exit_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_AGAIN;
}

/* The run ended as it should: what the stages say of the data counts. */
static enum verdict
judge_end(struct each *each, int feeder)
{
	size_t i;

	each->status = feeder;
	for (i = 0; i < each->stages.count; i++)
		if (exit_status(each->stages.stage[i].status) == EXIT_REFUSED &&
		    feeder == EXIT_OK)
			each->status = EXIT_REFUSED;
	return END;
}

bool
each_stopped_together(const struct each *each)
{
	int feeder = exit_status(each->feeder_status);
	size_t i;

	for (i = 0; i < each->stages.count; i++) {
		const struct stage *stage = &each->stages.stage[i];

		if (crashed(stage) ||
		    (WIFEXITED(stage->status) &&
			WEXITSTATUS(stage->status) > EXIT_REFUSED))
			return false;
	}
	/* The feeder, too, may be ended before it listens to signals. */
	return each->stopping &&
	    (feeder == FEED_BROKEN ||
		(WIFSIGNALED(each->feeder_status) &&
		    WTERMSIG(each->feeder_status) == SIGTERM));
}

/* By somebody else; told of. */
static bool
was_killed(const struct each *each)
{
	bool killed = WIFSIGNALED(each->feeder_status) &&
	    WTERMSIG(each->feeder_status) == SIGKILL;
	size_t i;

	if (killed)
		warn("the feeder was killed by signal 9");
	for (i = 0; i < each->stages.count; i++) {
		const struct stage *stage = &each->stages.stage[i];

		if (stage->killed || !WIFSIGNALED(stage->status) ||
		    WTERMSIG(stage->status) != SIGKILL)
			continue;
		warn("stage %zu (%s) was killed by signal 9", i + 1,
		    stage->argv[0]);
		killed = true;
	}
	return killed;
}

/* Where the last run came forward nothing is gained by waiting. */
static enum verdict
judge_killed(struct each *each)
{
	bool forward = each->shared->marks != each->marks;

	each->marks = each->shared->marks;
	if (forward)
		each->delay_ms = 0;
	return each->options.once ? END : forward ? AT_ONCE : AGAIN;
}

enum verdict
each_judge(struct each *each)
{
	int feeder = exit_status(each->feeder_status), status;
	struct stage *stage = each->stages.stage;
	size_t i;

	for (i = 0; i < each->stages.count; i++) {
		if (exit_status(stage[i].status) != EXIT_WRONG)
			continue;
		warn("stage %zu (%s) ended with 2: it has to be mended", i + 1,
		    stage[i].argv[0]);
		each->status = EXIT_WRONG;
		return END;
	}
	if (feeder == EXIT_OK || feeder == EXIT_REFUSED)
		return judge_end(each, feeder);
	each->status = feeder == EXIT_WRONG ? EXIT_WRONG : EXIT_AGAIN;
	if (each->stopping || feeder == EXIT_WRONG)
		return END;
	for (i = 0; i < each->stages.count; i++)
		if (crashed(&stage[i]))
			return judge_crash(each, i);
	if (was_killed(each))
		return judge_killed(each);
	for (i = 0; feeder == FEED_BROKEN && i < each->stages.count; i++) {
		status = exit_status(stage[i].status);
		if (!stage[i].killed && WIFEXITED(stage[i].status))
			warn("stage %zu (%s) ended with %d", i + 1,
			    stage[i].argv[0], status);
	}
	return each->options.once ? END : AGAIN;
}
