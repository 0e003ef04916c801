/* spool each as its parts see it: the run at hand, and what it came to. */
#ifndef EACH_H
#define EACH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "feed.h"
#include "stages.h"

/* What is to be done after a run of the pipeline. */
enum verdict { END, AGAIN, AT_ONCE };

struct each {
	struct feed_options options;
	struct spool spool;
	struct feed_shared *shared;
	struct stages stages;
	pid_t feeder; /* 0: not running */
	int feeder_status;
	bool stopping;
	int status; /* to exit with */
	uint64_t marks; /* seen at the last judgement */
	int64_t delay_ms;
};

/* judge.c: all have ended; what is to be done, and each->status. */
enum verdict each_judge(struct each *each);
/* We were told to stop and the stages were as well, which is what systemd
 * does: what has no mark yet is fed again at the next start. */
bool each_stopped_together(const struct each *each);

#endif
