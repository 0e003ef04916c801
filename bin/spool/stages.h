/* The stages of spool each: started without a shell, watched, ended. */
#ifndef STAGES_H
#define STAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct stage {
	char **argv;
	pid_t pid; /* 0: not running */
	int status; /* as of waitpid */
	bool killed; /* by us */
};

struct stages {
	struct stage *stage;
	size_t count;
	int to, from; /* ends for the feeder, while it starts */
};

/* Take the operands apart at each "|". False: an empty stage. */
bool stages_parse(struct stages *stages, char **argv, int argc);
/* Block the signals that stages_signal waits for. */
void stages_block_signals(void);
/* In a child: back to what programs expect. */
void stages_unblock_signals(void);
/* A signal that came, or 0 after this time. */
int stages_signal(long long timeout_ms);
/* Start all; 0, or -1 with errno (what was started is ended). */
int stages_start(struct stages *stages);
/* Note an ended child; false when it is none of ours. */
bool stages_ended(struct stages *stages, pid_t pid, int status);
size_t stages_running(const struct stages *stages);
void stages_kill(struct stages *stages, int signal_number);

#endif
