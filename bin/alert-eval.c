/*
 * alert-eval: watch the readings of tenants by their rules. Follows what
 * append has touched, stores alerts that begin and end, and prints a line
 * for each. Opens the databases of the tenants named and nothing else.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arg.h"
#include "base/clock.h"
#include "base/io.h"
#include "store/alerts.h"
#include "store/chosen.h"
#include "store/status.h"

#define FOLLOW_MS 1000
#define RULES_EVERY_MS 10000 /* rules and silence, when following */
#define RETRY_MS 60000

static const char synopsis[] =
    "usage: alert-eval [--check] [--follow] [--now TIME] [--root DIR]\n"
    "       --tenant SLUG ... | --all\n";

struct one {
	struct tenant *tenant;
	struct rules *rules;
	size_t broken; /* rules reported as broken */
	enum status status; /* of the client */
	int64_t fresh_ms; /* when the rules were read; monotonic */
	int64_t retry_ms; /* after a failure: not before */
};

struct call {
	const char *root;
	struct arg_tenants tenants;
	bool check, follow;
	int64_t now_ms; /* 0: the clock's */
	struct one *one;
	size_t count;
	struct io_writer out;
	struct io_writer unsaid; /* lines of whom nothing is told */
	int status;
};

static int
fail(struct call *call, struct one *one, const struct failure *why)
{
	one->retry_ms = clock_monotonic_ms() + RETRY_MS;
	call->status = chosen_worse(
	    call->status, chosen_failed(tenant_slug(one->tenant), why));
	return -1;
}

/* Name each rule that cannot be used, when there are more than before. */
static void
report(struct call *call, struct one *one)
{
	size_t broken = 0;

	for (size_t n = 0; n < rules_count(one->rules); n++)
		broken += rules_get(one->rules, n)->broken != NULL;
	for (size_t n = 0; broken > one->broken && n < rules_count(one->rules);
	     n++) {
		const struct rule *rule = rules_get(one->rules, n);

		if (rule->broken != NULL)
			warn("tenant %s: rule %s is not used: %s",
			    tenant_slug(one->tenant), rule->code, rule->broken);
	}
	if (broken > 0)
		call->status = chosen_worse(call->status, EXIT_WRONG);
	one->broken = broken;
}

static int
load_rules(struct call *call, struct one *one)
{
	struct failure why;

	rules_close(one->rules);
	one->rules = rules_open(one->tenant, &why);
	if (one->rules == NULL ||
	    status_read(one->tenant, &one->status, &why) == -1)
		return fail(call, one, &why);
	one->fresh_ms = clock_monotonic_ms();
	report(call, one);
	return 0;
}

static struct io_writer *
voice(struct call *call, const struct one *one)
{
	return status_lets(one->status, STATUS_TELL) ? &call->out
						     : &call->unsaid;
}

/* One tenant, once. */
static void
job(struct call *call, struct one *one)
{
	int64_t mono_ms = clock_monotonic_ms();
	struct alerts_counts counts = { 0, 0, 0 };
	struct failure why;
	bool all = false;

	if (mono_ms < one->retry_ms)
		return;
	if (one->rules == NULL || mono_ms - one->fresh_ms >= RULES_EVERY_MS) {
		if (load_rules(call, one) == -1)
			return;
		all = true;
	}
	if (call->check || !status_lets(one->status, STATUS_WATCH))
		return;
	if (alerts_follow(one->tenant, one->rules,
		call->now_ms != 0 ? call->now_ms : clock_now_ms(), all,
		io_stopping, voice(call, one), &counts, &why) == -1)
		fail(call, one, &why);
	report(call, one);
	if (io_writer_flush(&call->out) == -1)
		die_output();
}

static void
options(int argc, char **argv, struct call *call)
{
	enum { ALL = 256, CHECK, FOLLOW, NOW, ROOT, TENANT, VERSION };
	static const struct option names[] = {
		{ "all", no_argument, NULL, ALL },
		{ "check", no_argument, NULL, CHECK },
		{ "follow", no_argument, NULL, FOLLOW },
		{ "help", no_argument, NULL, 'h' },
		{ "now", required_argument, NULL, NOW },
		{ "root", required_argument, NULL, ROOT },
		{ "tenant", required_argument, NULL, TENANT },
		{ "version", no_argument, NULL, VERSION },
		{ NULL, 0, NULL, 0 },
	};
	const char *root = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "h", names, NULL)) != -1)
		switch (c) {
		case ALL:
			call->tenants.all = true;
			break;
		case CHECK:
			call->check = true;
			break;
		case FOLLOW:
			call->follow = true;
			break;
		case NOW:
			call->now_ms = arg_time_ms("--now", optarg);
			break;
		case ROOT:
			root = optarg;
			break;
		case TENANT:
			arg_tenant_add(&call->tenants, optarg);
			break;
		case VERSION:
			arg_version();
		default:
			arg_usage(synopsis, c == 'h');
		}
	if (optind != argc || (call->check && call->follow))
		arg_usage(synopsis, false);
	arg_tenants_check(&call->tenants);
	call->root = arg_root(root);
}

static void
open_all(struct call *call, const char *const *slugs)
{
	struct failure why;

	call->one = mem_zero(call->count + 1, sizeof(*call->one));
	for (size_t i = 0; i < call->count; i++) {
		struct one *one = &call->one[i];

		one->tenant = tenant_open(call->root, slugs[i],
		    call->check ? SQL_READ : SQL_WRITE, &why);
		if (one->tenant == NULL ||
		    (!call->check && alerts_prepare(one->tenant, &why) == -1))
			die_failure(&why);
	}
}

static void
run(struct call *call)
{
	int64_t next_ms = clock_monotonic_ms();

	for (;;) {
		for (size_t i = 0; i < call->count && !io_stopping(); i++)
			job(call, &call->one[i]);
		if (!call->follow || io_stopping())
			return;
		next_ms += FOLLOW_MS;
		if (next_ms < clock_monotonic_ms())
			next_ms = clock_monotonic_ms();
		clock_sleep_until(next_ms);
	}
}

static int
finish(struct call *call)
{
	if (io_writer_close(&call->out) == -1)
		die_output();
	io_writer_close(&call->unsaid);
	for (size_t i = 0; i < call->count; i++) {
		rules_close(call->one[i].rules);
		tenant_close(call->one[i].tenant);
	}
	free(call->one);
	free(call->tenants.slug);
	/* who was asked to stop has no more to say */
	return call->follow && io_stopping() ? EXIT_OK : call->status;
}

int
main(int argc, char **argv)
{
	struct call call = { .status = EXIT_OK };
	struct arena arena = { 0 };
	const char *const *slugs;
	struct failure why;

	err_name_set("alert-eval");
	options(argc, argv, &call);
	if (chosen_list(call.root, &call.tenants, &arena, &slugs, &call.count,
		&why) == -1)
		die_failure(&why);
	io_stop_on_signals();
	open_all(&call, slugs);
	io_writer_open(&call.out, STDOUT_FILENO, "standard output");
	io_writer_open(
	    &call.unsaid, open("/dev/null", O_WRONLY | O_CLOEXEC), "/dev/null");
	if (chosen_box(call.root, slugs, call.count, false, &why) == -1)
		die_failure(&why);
	run(&call);
	arena_free(&arena);
	return finish(&call);
}
