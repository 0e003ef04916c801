/*
 * tenant-db judge: which stored values are not believed, and when faults
 * began and ended. rollup and alert-eval do the same before their own work;
 * this is for those who want it by itself, sooner, or all anew.
 */
#include <getopt.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/chosen.h"
#include "store/judge.h"
#include "tenant-db.h"

#define FOLLOW_MS 1000

static const char synopsis[] =
    "usage: tenant-db judge [-v] [--follow] [--rebuild] [--root DIR]\n"
    "           --all | --tenant SLUG ...\n";

static const struct option options[] = { { "all", no_argument, NULL, 'a' },
	{ "follow", no_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "rebuild", no_argument, NULL, 'b' },
	{ "root", required_argument, NULL, 'r' },
	{ "tenant", required_argument, NULL, 't' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

struct wish {
	struct common common;
	bool follow, rebuild;
};

static void
say(const char *slug, const struct judge_counts *counts)
{
	struct buf line = { NULL, 0, 0 };

	buf_print(&line,
	    "{\"kind\":\"judge-run\",\"tenant\":\"%s\",\"changes\":%lld,"
	    "\"suspects\":%lld,\"events\":%lld}\n",
	    slug, (long long)counts->changes, (long long)counts->suspects,
	    (long long)counts->events);
	line_out(&line);
}

/* One tenant; its failure does not keep the others from theirs. */
static int
job(const struct wish *wish, const char *slug)
{
	struct judge_counts counts = { 0, 0, 0 };
	struct failure why;
	struct tenant *tenant =
	    tenant_open(wish->common.root, slug, SQL_WRITE, &why);
	int result = -1;

	if (tenant != NULL)
		result = judge_follow(
		    tenant, wish->rebuild, io_stopping, &counts, &why);
	tenant_close(tenant);
	if (result == -1)
		return chosen_failed(slug, &why);
	if (wish->common.verbose && (!wish->follow || counts.changes > 0))
		say(slug, &counts);
	return EXIT_OK;
}

static int
run(struct wish *wish)
{
	int64_t next_ms = clock_monotonic_ms();
	int status;

	for (;;) {
		status = EXIT_OK;
		for (size_t i = 0;
		     i < wish->common.tenants.count && !io_stopping(); i++)
			status = chosen_worse(
			    status, job(wish, wish->common.tenants.slug[i]));
		wish->rebuild = false;
		if (io_stopping())
			return wish->follow ? EXIT_OK : status;
		if (!wish->follow)
			return status;
		next_ms += FOLLOW_MS;
		if (next_ms < clock_monotonic_ms())
			next_ms = clock_monotonic_ms();
		clock_sleep_until(next_ms);
	}
}

static void
read_options(struct wish *wish, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "ahvt:", options, NULL)) != -1)
		switch (c) {
		case 'b':
			wish->rebuild = true;
			break;
		case 'f':
			wish->follow = true;
			break;
		default:
			common_option(&wish->common, c, synopsis);
		}
	common_end(&wish->common, argc, synopsis);
}

int
judge_main(int argc, char **argv)
{
	struct wish wish = { .follow = false };
	struct arena arena = { 0 };
	int status;

	read_options(&wish, argc, argv);
	tenants_resolve(&wish.common.tenants, wish.common.root, &arena);
	io_stop_on_signals();
	box_tenants(wish.common.root, wish.common.tenants.slug,
	    wish.common.tenants.count, false);
	status = run(&wish);
	free(wish.common.tenants.slug);
	arena_free(&arena);
	return status;
}
