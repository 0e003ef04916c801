/*
 * tenant-db seal: hours that are over move into compressed blocks, and the
 * blocks of days that are over become one. From cron, each quarter of an
 * hour; what it does not get done this time it does the next.
 */
#include <getopt.h>
#include <stdlib.h>

#include "base/alive.h"
#include "base/clock.h"
#include "store/chosen.h"
#include "store/history_seal.h"
#include "store/readings.h"
#include "store/seal.h"
#include "tenant-db.h"

#define GRACE_MAX_MS (30 * DAY_MS)

static const char synopsis[] =
    "usage: tenant-db seal [-v] [--grace DURATION] [--now TIME]\n"
    "           [--root DIR] --all | --tenant SLUG ...\n";

static const struct option options[] = { { "all", no_argument, NULL, 'a' },
	{ "grace", required_argument, NULL, 'g' },
	{ "help", no_argument, NULL, 'h' },
	{ "now", required_argument, NULL, 'n' },
	{ "root", required_argument, NULL, 'r' },
	{ "tenant", required_argument, NULL, 't' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

/* Changes of hours that ended so long ago are forgotten once all know. */
#define FORGET_MS (35 * DAY_MS)

struct wish {
	struct common common;
	int64_t now_ms, grace_ms;
};

static void
say(const char *slug, const struct seal_counts *counts)
{
	struct buf line = { NULL, 0, 0 };

	buf_print(&line,
	    "{\"kind\":\"seal-run\",\"tenant\":\"%s\",\"rows\":%llu,"
	    "\"blocks\":%llu,\"bytes\":%llu,\"sheets\":%llu}\n",
	    slug, (unsigned long long)counts->rows,
	    (unsigned long long)counts->blocks,
	    (unsigned long long)counts->bytes,
	    (unsigned long long)counts->sheets);
	line_out(&line);
}

/* Where the work of this tenant stands, for a person who looks on. */
static struct alive alive;
static struct seal_counts *counted;

static bool
stopping(void)
{
	alive_tell(&alive, (int64_t)counted->rows, "readings packed");
	return io_stopping();
}

/* One tenant; its failure does not keep the others from theirs. */
static int
job(const struct wish *wish, const char *slug)
{
	struct seal_counts counts = { .rows = 0 };
	struct failure why;
	struct tenant *tenant =
	    tenant_open(wish->common.root, slug, SQL_WRITE, &why);
	int result = -1;

	counted = &counts;
	alive_open(&alive, slug, ALIVE_AFTER_MS);
	if (tenant != NULL)
		result = seal_due(tenant_sql(tenant), wish->now_ms,
		    wish->grace_ms, stopping, &counts, &why);
	if (result == 0)
		result = history_seal_due(tenant_sql(tenant), wish->now_ms,
		    stopping, &counts.sheets, &why);
	if (result == 0)
		result = touched_forget(tenant_sql(tenant),
		    wish->now_ms - FORGET_MS, io_stopping, &why);
	tenant_close(tenant);
	alive_close(&alive);
	if (result == -1)
		return chosen_failed(slug, &why);
	if (wish->common.verbose)
		say(slug, &counts);
	return EXIT_OK;
}

static void
read_options(struct wish *wish, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "ahvt:", options, NULL)) != -1)
		switch (c) {
		case 'g':
			wish->grace_ms =
			    arg_duration_ms("--grace", optarg, 0, GRACE_MAX_MS);
			break;
		case 'n':
			wish->now_ms = arg_time_ms("--now", optarg);
			break;
		default:
			common_option(&wish->common, c, synopsis);
		}
	common_end(&wish->common, argc, synopsis);
}

int
seal_main(int argc, char **argv)
{
	struct wish wish = { .now_ms = clock_now_ms(),
		.grace_ms = SEAL_GRACE_MS };
	struct arena arena = { 0 };
	int status = EXIT_OK;

	read_options(&wish, argc, argv);
	tenants_resolve(&wish.common.tenants, wish.common.root, &arena);
	io_stop_on_signals();
	box_tenants(wish.common.root, wish.common.tenants.slug,
	    wish.common.tenants.count, false);
	for (size_t i = 0; i < wish.common.tenants.count && !io_stopping(); i++)
		status = chosen_worse(
		    status, job(&wish, wish.common.tenants.slug[i]));
	free(wish.common.tenants.slug);
	arena_free(&arena);
	return status;
}
