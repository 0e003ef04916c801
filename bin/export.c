/*
 * tenant-export (export): write readings, history or a table of one tenant
 * as CSV or NDJSON to standard output. Opens that tenant's database and
 * nothing else; changes nothing in it.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arg.h"
#include "base/clock.h"
#include "base/io.h"
#include "store/chosen.h"
#include "store/export.h"

static const char synopsis[] =
    "usage: tenant-export [-b SLUG ...] [-f csv | ndjson] [--bom]"
    " [--from TIME]\n"
    "       [--local] [--period WORD] [--raw] [--root DIR] [--to TIME]\n"
    "       --tenant SLUG readings | history | TABLE\n";

struct call {
	const char *root;
	struct arg_tenants tenants;
	const char **slug;
	bool bom;
	struct export export;
	const char *what;
};

static void
add_battery(struct call *call, const char *slug)
{
	call->slug = mem_grow(
	    call->slug, call->export.batteries + 1, sizeof(*call->slug));
	call->slug[call->export.batteries++] = slug;
}

static bool
parse_format(const char *text)
{
	if (strcmp(text, "csv") == 0)
		return true;
	if (strcmp(text, "ndjson") != 0)
		die(EXIT_WRONG, "--format: \"%s\" is neither csv nor ndjson",
		    text);
	return false;
}

static const char *
parse_period(const char *text)
{
	for (enum period period = PERIOD_HOUR; period < PERIOD_COUNT; period++)
		if (strcmp(text, period_word(period)) == 0)
			return period_word(period);
	die(EXIT_WRONG,
	    "--period: \"%s\" is none of hourly, daily, weekly, "
	    "monthly",
	    text);
}

static void
check(struct call *call, int argc, char **argv)
{
	const char *const *tables = export_tables();

	if (optind + 1 != argc)
		arg_usage(synopsis, false);
	call->what = argv[optind];
	if (call->tenants.count != 1)
		die(EXIT_WRONG, "give one --tenant SLUG");
	if (call->export.from_ms > call->export.to_ms)
		die(EXIT_WRONG, "--from is after --to");
	if (strcmp(call->what, "readings") == 0 ||
	    strcmp(call->what, "history") == 0)
		return;
	while (*tables != NULL && strcmp(*tables, call->what) != 0)
		tables++;
	if (*tables == NULL)
		die(EXIT_WRONG, "\"%s\" is nothing that can be exported",
		    call->what);
}

static void
options(int argc, char **argv, struct call *call)
{
	enum { BOM = 256, FROM, LOCAL, PERIOD, RAW, ROOT, TENANT, TO, VERSION };
	static const struct option names[] = {
		{ "battery", required_argument, NULL, 'b' },
		{ "bom", no_argument, NULL, BOM },
		{ "format", required_argument, NULL, 'f' },
		{ "from", required_argument, NULL, FROM },
		{ "help", no_argument, NULL, 'h' },
		{ "local", no_argument, NULL, LOCAL },
		{ "period", required_argument, NULL, PERIOD },
		{ "raw", no_argument, NULL, RAW },
		{ "root", required_argument, NULL, ROOT },
		{ "tenant", required_argument, NULL, TENANT },
		{ "to", required_argument, NULL, TO },
		{ "version", no_argument, NULL, VERSION },
		{ NULL, 0, NULL, 0 },
	};
	struct export *export = &call->export;
	const char *root = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "b:f:h", names, NULL)) != -1)
		switch (c) {
		case 'b':
			add_battery(call, optarg);
			break;
		case BOM:
			call->bom = true;
			break;
		case 'f':
			export->csv = parse_format(optarg);
			break;
		case FROM:
			export->from_ms = arg_time_ms("--from", optarg);
			break;
		case LOCAL:
			export->local = true;
			break;
		case PERIOD:
			export->period = parse_period(optarg);
			break;
		case RAW:
			export->guard = false;
			break;
		case ROOT:
			root = optarg;
			break;
		case TENANT:
			arg_tenant_add(&call->tenants, optarg);
			break;
		case TO:
			export->to_ms = arg_time_ms("--to", optarg);
			break;
		case VERSION:
			arg_version();
		default:
			arg_usage(synopsis, c == 'h');
		}
	check(call, argc, argv);
	call->root = arg_root(root);
}

/* Batteries are named by slug; one that is unknown is a wrong call. */
static void
find_batteries(struct call *call)
{
	struct export *export = &call->export;
	struct failure why;
	int64_t *ids;

	if (export->batteries == 0)
		return;
	ids = mem_zero(export->batteries, sizeof(*ids));
	for (size_t i = 0; i < export->batteries; i++) {
		ids[i] = tenant_battery(export->tenant, call->slug[i], &why);
		if (ids[i] == -1)
			die_failure(&why);
		if (ids[i] == 0)
			die(EXIT_WRONG, "--battery: there is no %s",
			    call->slug[i]);
	}
	export->battery = ids;
	export->slug = call->slug;
}

static int
job(struct call *call, struct failure *why)
{
	if (strcmp(call->what, "readings") == 0)
		return export_readings(&call->export, why);
	if (strcmp(call->what, "history") == 0)
		return export_history(&call->export, why);
	return export_table(&call->export, call->what, why);
}

int
main(int argc, char **argv)
{
	struct call call = { .export = { .csv = true,
				 .guard = true,
				 .to_ms = CLOCK_MAX_MS,
				 .stop = io_stopping } };
	struct io_writer out;
	struct zones *zones;
	struct failure why;

	/* it is built under two names */
	err_name_set(strrchr(argv[0], '/') == NULL ? argv[0]
						   : strrchr(argv[0], '/') + 1);
	options(argc, argv, &call);
	io_stop_on_signals();
	io_writer_open(&out, STDOUT_FILENO, "standard output");
	call.export.out = &out;
	call.export.tenant =
	    tenant_open(call.root, call.tenants.slug[0], SQL_READ, &why);
	if (call.export.tenant == NULL)
		die_failure(&why);
	zones = zones_open(call.export.tenant, &why);
	if (zones == NULL ||
	    chosen_box(call.root, call.tenants.slug, 1, false, &why) == -1)
		die_failure(&why);
	call.export.zones = zones;
	find_batteries(&call);
	if (call.bom && call.export.csv) {
		io_writer_put(&out, "\xef\xbb\xbf", 3);
		io_writer_flush(&out);
	}
	if (job(&call, &why) == -1)
		die_failure(&why);
	if (io_writer_close(&out) == -1)
		die_output();
	zones_close(zones);
	tenant_close(call.export.tenant);
	free((int64_t *)(uintptr_t)call.export.battery);
	free(call.slug);
	free(call.tenants.slug);
	return EXIT_OK;
}
