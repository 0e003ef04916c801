/*
 * rollup: bring the history of tenants up to date with their readings.
 * Opens the databases of the tenants named, and nothing of another; writes
 * bms_data_history and its own cursor. Prints nothing unless asked.
 */
#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alive.h"
#include "base/arg.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "store/chosen.h"
#include "store/history.h"
#include "store/judge.h"

static const char synopsis[] =
    "usage: rollup [-v] [--gap DURATION] [--rebuild] [--root DIR]\n"
    "       --tenant SLUG ... | --all\n";

struct call {
	const char *root;
	struct arg_tenants tenants;
	struct history_options options;
	bool verbose;
};

static void
say(const char *slug, const struct history_counts *counts)
{
	struct buf line = { NULL, 0, 0 };

	buf_print(&line,
	    "{\"kind\":\"rollup-run\",\"tenant\":\"%s\","
	    "\"changes\":%lld,\"rows\":%lld}\n",
	    slug, (long long)counts->changes, (long long)counts->rows);
	if (io_write_all(STDOUT_FILENO, line.data, line.size) == -1)
		die_output();
	buf_free(&line);
}

/* Where the work of this tenant stands, for a person who looks on. */
static struct alive alive;
static struct history_counts *counted;

static bool
stopping(void)
{
	alive_tell(&alive, counted->rows, "periods");
	return io_stopping();
}

/* One tenant; its failure does not keep the others from theirs. */
static int
job(const struct call *call, const char *slug)
{
	struct failure why;
	struct history_counts counts = { .changes = 0 };
	struct judge_counts judged;
	struct tenant *tenant = tenant_open(call->root, slug, SQL_WRITE, &why);
	int result = -1;

	counted = &counts;
	alive_open(&alive, slug, ALIVE_AFTER_MS);
	/* what is not believed must not be summed up */
	if (tenant != NULL)
		result = judge_follow(tenant, false, stopping, &judged, &why);
	if (result == 0)
		result = history_follow(
		    tenant, &call->options, stopping, &counts, &why);
	tenant_close(tenant);
	alive_close(&alive);
	if (result == -1)
		return chosen_failed(slug, &why);
	if (call->verbose)
		say(slug, &counts);
	return EXIT_OK;
}

static void
options(int argc, char **argv, struct call *call)
{
	enum { ALL = 256, GAP, REBUILD, ROOT, TENANT, VERSION };
	static const struct option names[] = {
		{ "all", no_argument, NULL, ALL },
		{ "gap", required_argument, NULL, GAP },
		{ "help", no_argument, NULL, 'h' },
		{ "rebuild", no_argument, NULL, REBUILD },
		{ "root", required_argument, NULL, ROOT },
		{ "tenant", required_argument, NULL, TENANT },
		{ "verbose", no_argument, NULL, 'v' },
		{ "version", no_argument, NULL, VERSION },
		{ NULL, 0, NULL, 0 },
	};
	const char *root = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "hv", names, NULL)) != -1)
		switch (c) {
		case ALL:
			call->tenants.all = true;
			break;
		case GAP:
			call->options.gap_ms =
			    arg_duration_ms("--gap", optarg, 1, DAY_MS);
			break;
		case REBUILD:
			call->options.rebuild = true;
			break;
		case ROOT:
			root = optarg;
			break;
		case TENANT:
			arg_tenant_add(&call->tenants, optarg);
			break;
		case 'v':
			call->verbose = true;
			break;
		case VERSION:
			arg_version();
		default:
			arg_usage(synopsis, c == 'h');
		}
	if (optind != argc)
		arg_usage(synopsis, false);
	arg_tenants_check(&call->tenants);
	call->root = arg_root(root);
}

int
main(int argc, char **argv)
{
	struct call call = { .root = NULL };
	struct arena arena = { 0 };
	const char *const *slugs;
	struct failure why;
	size_t count;
	int status = EXIT_OK;

	err_name_set("rollup");
	options(argc, argv, &call);
	if (chosen_list(
		call.root, &call.tenants, &arena, &slugs, &count, &why) == -1)
		die_failure(&why);
	io_stop_on_signals();
	if (chosen_box(call.root, slugs, count, false, &why) == -1)
		die_failure(&why);
	for (size_t i = 0; i < count && !io_stopping(); i++)
		status = chosen_worse(status, job(&call, slugs[i]));
	arena_free(&arena);
	free(call.tenants.slug);
	return status;
}
