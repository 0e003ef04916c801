/*
 * live: keep the live files of the sites after the newest readings. Reads
 * readings, passes every line on unchanged; opens the databases and sites of
 * the tenants named. What it holds can be read again from the databases, so
 * a mark is passed on at once.
 */
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arg.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/refusals.h"
#include "record/line.h"
#include "store/chosen.h"
#include "store/fleet.h"
#include "store/status.h"

#define WRITE_EVERY_MS 1000
#define RETRY_MS 10000 /* after a failure */

static const char synopsis[] =
    "usage: live [--now TIME] [--reject FILE] [--root DIR]\n"
    "       --tenant SLUG ... | --all\n";

struct one {
	struct tenant *tenant;
	struct fleet *fleet;
	bool shown; /* as the client's status lets */
};

struct live {
	const char *root;
	struct arg_tenants tenants;
	const char *reject;
	int64_t now_ms; /* 0: the clock's */
	struct one *one;
	size_t count;
	struct io_reader in;
	struct io_writer out;
	struct refusals refusals;
	struct arena arena;
	int64_t written_ms; /* monotonic */
	int status;
};

static int64_t
now_ms(const struct live *live)
{
	return live->now_ms != 0 ? live->now_ms : clock_now_ms();
}

static void
flush(struct live *live)
{
	if (io_writer_flush(&live->out) == -1)
		die_output();
}

/* Whether it has pages may have changed. */
static int
write_one(const struct live *live, struct one *one, struct failure *why)
{
	int shown = status_look(one->tenant, STATUS_SHOW, why);

	if (shown == -1)
		return -1;
	if (shown == 0 && one->shown && !live->tenants.all)
		warn("%s", why->message);
	one->shown = shown == 1;
	return one->shown ? fleet_write(one->fleet, now_ms(live), why) : 0;
}

/* A site that cannot be written now may be another time: go on. */
static void
write_files(struct live *live)
{
	struct failure why;

	live->written_ms = clock_monotonic_ms();
	for (size_t i = 0; i < live->count; i++) {
		if (write_one(live, &live->one[i], &why) == 0)
			continue;
		live->status = chosen_worse(live->status,
		    chosen_failed(tenant_slug(live->one[i].tenant), &why));
		live->written_ms =
		    clock_monotonic_ms() + RETRY_MS - WRITE_EVERY_MS;
	}
}

static struct fleet *
fleet_of(const struct live *live, const char *slug)
{
	for (size_t i = 0; i < live->count; i++)
		if (strcmp(tenant_slug(live->one[i].tenant), slug) == 0)
			return live->one[i].fleet;
	return NULL;
}

static void
refuse(struct live *live, const char *line, size_t size, const char *reason)
{
	refusals_line(
	    &live->refusals, live->in.name, live->in.line, line, size, reason);
	live->status = chosen_worse(live->status, EXIT_REFUSED);
}

/* What was refused before a mark is kept before it goes on. */
static void
flush_mark(struct live *live)
{
	if (refusals_flush(&live->refusals) == -1)
		die(EXIT_AGAIN, "%s:", live->reject);
	flush(live);
}

/* One line. Parsing changes it, so what is passed on is a copy. */
static void
record(struct live *live, char *line, size_t size)
{
	enum line_kind kind = line_kind(line, size);
	struct reading reading;
	struct failure why;
	struct fleet *fleet;
	char *copy;

	if (kind == LINE_BAD) {
		refuse(live, line, size, "no JSON object with a kind");
		return;
	}
	if (kind == LINE_READING) {
		arena_reset(&live->arena);
		copy = arena_text(&live->arena, line, size);
		if (reading_parse(line, size, &live->arena, &reading, &why) ==
		    -1) {
			refuse(live, copy, size, why.message);
			return;
		}
		fleet = fleet_of(live, reading.tenant);
		if (fleet != NULL)
			fleet_take(fleet, &reading, copy, size);
		line = copy;
	}
	io_writer_put(&live->out, line, size);
	io_writer_put(&live->out, "\n", 1);
	io_writer_check(&live->out);
	if (kind == LINE_MARK)
		flush_mark(live);
}

/* Before a read that would block; batteries fall silent meanwhile. */
static void
wait_for_input(struct live *live)
{
	struct pollfd in = { .fd = live->in.fd, .events = POLLIN };

	flush(live);
	while (io_reader_would_block(&live->in) && !io_stopping()) {
		int64_t left =
		    live->written_ms + WRITE_EVERY_MS - clock_monotonic_ms();

		if (left <= 0)
			write_files(live);
		else
			poll(&in, 1, (int)left);
	}
}

static void
run(struct live *live)
{
	enum io_result got;
	char *line;
	size_t size;

	for (;;) {
		if (io_reader_would_block(&live->in))
			wait_for_input(live);
		got = io_reader_next(&live->in, &line, &size);
		if (got == IO_END || got == IO_STOP)
			return;
		if (got == IO_ERROR)
			die(io_read_status(), "%s:", live->in.name);
		if (got == IO_LONG)
			refuse(live, NULL, 0, "line is too long");
		else
			record(live, line, size);
		if ((live->in.line & 63) == 0 &&
		    clock_monotonic_ms() - live->written_ms >= WRITE_EVERY_MS)
			write_files(live);
	}
}

static void
options(int argc, char **argv, struct live *live)
{
	enum { ALL = 256, NOW, REJECT, ROOT, TENANT, VERSION };
	static const struct option names[] = {
		{ "all", no_argument, NULL, ALL },
		{ "help", no_argument, NULL, 'h' },
		{ "now", required_argument, NULL, NOW },
		{ "reject", required_argument, NULL, REJECT },
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
			live->tenants.all = true;
			break;
		case NOW:
			live->now_ms = arg_time_ms("--now", optarg);
			break;
		case REJECT:
			live->reject = optarg;
			break;
		case ROOT:
			root = optarg;
			break;
		case TENANT:
			arg_tenant_add(&live->tenants, optarg);
			break;
		case VERSION:
			arg_version();
		default:
			arg_usage(synopsis, c == 'h');
		}
	if (optind != argc)
		arg_usage(synopsis, false);
	arg_tenants_check(&live->tenants);
	live->root = arg_root(root);
}

static void
open_all(struct live *live, const char *const *slugs)
{
	struct failure why;
	char *site;

	live->one = mem_zero(live->count + 1, sizeof(*live->one));
	for (size_t i = 0; i < live->count; i++) {
		struct one *one = &live->one[i];

		site = arena_print(
		    &live->arena, "%s/site/%s", live->root, slugs[i]);
		if (io_mkdirs(site, 0750, &why) == -1)
			die_failure(&why);
		one->tenant =
		    tenant_open(live->root, slugs[i], SQL_WRITE, &why);
		if (one->tenant != NULL)
			one->fleet = fleet_open(
			    one->tenant, live->root, now_ms(live), &why);
		if (one->fleet == NULL)
			die_failure(&why);
		one->shown = true;
	}
	if (live->reject != NULL &&
	    refusals_open(&live->refusals, live->reject) == -1)
		die(EXIT_AGAIN, "%s:", live->reject);
}

static int
finish(struct live *live)
{
	write_files(live);
	if (io_writer_close(&live->out) == -1)
		die_output();
	if (refusals_close(&live->refusals) == -1)
		die(EXIT_AGAIN, "%s:", live->reject);
	for (size_t i = 0; i < live->count; i++) {
		fleet_close(live->one[i].fleet);
		tenant_close(live->one[i].tenant);
	}
	free(live->one);
	free(live->tenants.slug);
	io_reader_close(&live->in);
	arena_free(&live->arena);
	return live->status;
}

int
main(int argc, char **argv)
{
	struct live live = { .status = EXIT_OK };
	struct arena names = { 0 };
	const char *const *slugs;
	struct failure why;

	err_name_set("live");
	options(argc, argv, &live);
	if (chosen_list(live.root, &live.tenants, &names, &slugs, &live.count,
		&why) == -1)
		die_failure(&why);
	io_stop_on_signals();
	open_all(&live, slugs);
	io_reader_open(&live.in, STDIN_FILENO, "standard input");
	io_writer_open(&live.out, STDOUT_FILENO, "standard output");
	if (chosen_box(live.root, slugs, live.count, true, &why) == -1)
		die_failure(&why);
	write_files(&live);
	run(&live);
	arena_free(&names);
	return finish(&live);
}
