/*
 * spool each: starts the stages of a pipeline and a boxed feeder that gives
 * them the segments of a spool, waits for them to end, and judges what to do
 * then. This process reads no data. Standard input is not used; standard
 * output neither.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arg.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "each.h"
#include "spool_main.h"

#define DELAY_FIRST_MS 1000
#define DELAY_LAST_MS 60000
#define GRACE_MS 10000 /* for stages to end by themselves */

static const char synopsis[] =
    "usage: spool each [-1hV] [-k duration] [-m file] [-p duration]\n"
    "                  [-r dir] [-s duration] dir --\n"
    "                  stage [arg ...] ['|' stage [arg ...]] ...\n";

/* ---- one run ---------------------------------------------------------- */

static _Noreturn void
run_feeder(struct each *each, pid_t parent)
{
	int status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_AGAIN);
	stages_unblock_signals();
	status = feed_run(&each->spool, &each->options, each->shared,
	    each->stages.to, each->stages.from);
	exit(status);
}

static int
start(struct each *each)
{
	pid_t self = getpid();

	each->feeder_status = EXIT_AGAIN << 8;
	if (stages_start(&each->stages) != 0) {
		warn("starting the stages:");
		return -1;
	}
	each->feeder = fork();
	if (each->feeder == 0)
		run_feeder(each, self);
	close(each->stages.to);
	close(each->stages.from);
	if (each->feeder > 0)
		return 0;
	each->feeder = 0;
	warn("starting the feeder:");
	return -1;
}

static void
collect(struct each *each)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (!stages_ended(&each->stages, pid, status) &&
		    pid == each->feeder) {
			each->feeder = 0;
			each->feeder_status = status;
		}
}

static void
note_signal(struct each *each, int signal_number)
{
	if (signal_number != SIGTERM && signal_number != SIGINT)
		return;
	each->stopping = true;
	if (each->feeder > 0)
		kill(each->feeder, SIGTERM);
}

/* Until all have ended. Once one has, the others get a while, then are
 * asked, then are made to. */
static void
wait_for_all(struct each *each)
{
	int64_t first_ms = 0, asked_ms = 0, now;
	size_t running;

	for (;;) {
		collect(each);
		running = stages_running(&each->stages);
		if (running == 0 && each->feeder == 0)
			return;
		now = clock_monotonic_ms();
		if (first_ms == 0 &&
		    (running < each->stages.count || each->feeder == 0))
			first_ms = now;
		if (first_ms > 0 && asked_ms == 0 &&
		    now - first_ms > GRACE_MS) {
			asked_ms = now;
			stages_kill(&each->stages, SIGTERM);
		}
		if (asked_ms > 0 && now - asked_ms > GRACE_MS) {
			stages_kill(&each->stages, SIGKILL);
			if (running == 0 && each->feeder > 0)
				kill(each->feeder, SIGKILL);
		}
		note_signal(each, stages_signal(1000));
	}
}

/* ---- again and again -------------------------------------------------- */

static void
back_off(struct each *each)
{
	int64_t until;

	each->delay_ms =
	    each->delay_ms == 0 || each->shared->marks != each->marks
	    ? DELAY_FIRST_MS
	    : each->delay_ms * 2 < DELAY_LAST_MS ? each->delay_ms * 2
						 : DELAY_LAST_MS;
	each->marks = each->shared->marks;
	warn("trying again in %" PRId64 " s", each->delay_ms / 1000);
	until = clock_monotonic_ms() + each->delay_ms;
	while (!each->stopping && clock_monotonic_ms() < until)
		note_signal(
		    each, stages_signal(until - clock_monotonic_ms() + 1));
}

static void
run_all(struct each *each)
{
	enum verdict verdict;

	do {
		verdict = AGAIN;
		each->status = EXIT_AGAIN;
		if (start(each) != 0)
			stages_kill(&each->stages, SIGKILL);
		wait_for_all(each);
		/* We may have been told to stop just as they were. */
		note_signal(each, stages_signal(0));
		verdict = each_judge(each);
		if (verdict == AGAIN)
			back_off(each);
		if (each_stopped_together(each))
			each->status = EXIT_OK;
	} while (verdict != END && !each->stopping);
}

static void
options(struct each *each, struct arena *arena, int argc, char **argv)
{
	static const struct option names[] = { { "help", no_argument, NULL,
						   'h' },
		{ "keep", required_argument, NULL, 'k' },
		{ "master", required_argument, NULL, 'm' },
		{ "once", no_argument, NULL, '1' },
		{ "patience", required_argument, NULL, 'p' },
		{ "root", required_argument, NULL, 'r' },
		{ "sync", required_argument, NULL, 's' },
		{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };
	int option;

	while ((option = getopt_long(
		    argc, argv, "+1hk:m:p:r:s:V", names, NULL)) != -1)
		switch (option) {
		case '1':
			each->options.once = true;
			break;
		case 'k':
			each->options.keep_ms = arg_duration_ms(
			    "--keep", optarg, 0, 36500 * DAY_MS);
			break;
		case 'm':
			each->options.master = optarg;
			break;
		case 'p':
			each->options.patience_ms =
			    arg_duration_ms("--patience", optarg, 100, DAY_MS);
			break;
		case 'r':
			each->options.root = optarg;
			break;
		case 's':
			each->options.sync_ms =
			    arg_duration_ms("--sync", optarg, 100, DAY_MS);
			break;
		case 'V':
			arg_version();
		default:
			arg_usage(synopsis, option == 'h');
		}
	if (argc - optind < 3 || strcmp(argv[optind + 1], "--") != 0 ||
	    !stages_parse(&each->stages, argv + optind + 2, argc - optind - 2))
		arg_usage(synopsis, false);
	each->options.dir = argv[optind];
	each->options.root = arg_root(each->options.root);
	each->options.master = arg_master(each->options.master);
	each->options.keys =
	    arena_print(arena, "%s/keys/archive", each->options.root);
}

/* One feeder per spool; a feeder that outlives us keeps the lock. */
static void
take_lock(const struct each *each)
{
	int fd = openat(
	    each->spool.top, "each.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		die(EXIT_AGAIN, "%s/each.lock:", each->options.dir);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		die(EXIT_AGAIN, "%s: another spool each is at work",
		    each->options.dir);
}

int
each_main(int argc, char **argv)
{
	struct each each = { .options = { .keep_ms = 30 * DAY_MS,
				 .sync_ms = 60000,
				 .patience_ms = 120000 } };
	struct arena arena = { 0 };
	struct failure why;

	err_name_set("spool each");
	options(&each, &arena, argc, argv);
	if (spool_open(&each.spool, each.options.dir, true, &why) != 0)
		die_failure(&why);
	take_lock(&each);
	if (spool_adopt(&each.spool, &why) != 0)
		die_failure(&why);
	each.shared = mmap(NULL, sizeof(*each.shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (each.shared == MAP_FAILED)
		die(EXIT_AGAIN, "memory:");
	stages_block_signals();
	run_all(&each);
	spool_close(&each.spool);
	free(each.stages.stage);
	arena_free(&arena);
	return each.status;
}
