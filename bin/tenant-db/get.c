/*
 * tenant-db get: the rows of a table as lines that put takes back. The
 * devices come as device(5) lines, for bms-poll, unless rows are asked for.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/box.h"
#include "keys.h"
#include "record/device.h"
#include "store/chosen.h"
#include "store/row.h"
#include "store/sealed.h"
#include "store/status.h"
#include "tenant-db.h"

static const char synopsis[] =
    "usage: tenant-db get [--master FILE] [--root DIR] [--rows]\n"
    "           --all | --tenant SLUG ... TABLE\n"
    "       tenant-db get [--master FILE] [--root DIR] --core TABLE\n";

static const struct option options[] = { { "all", no_argument, NULL, 'a' },
	{ "core", no_argument, NULL, 'c' }, { "help", no_argument, NULL, 'h' },
	{ "master", required_argument, NULL, 'm' },
	{ "root", required_argument, NULL, 'r' },
	{ "rows", no_argument, NULL, 'R' },
	{ "tenant", required_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

/* A device and the battery that it measures now, or will next. */
static const char select_devices[] =
    "SELECT d.device, d.profile, d.address, d.unit, d.interval_ms,"
    " d.timeout_ms, l.valid_from, b.slug FROM devices d"
    " LEFT JOIN device_batteries l ON l.device_id = d.id"
    " AND l.valid_from = (SELECT max(valid_from) FROM device_batteries"
    "  WHERE device_id = d.id)"
    " LEFT JOIN batteries b ON b.id = l.battery_id"
    " WHERE d.is_active = 1 ORDER BY d.device";

static void
print_device(struct sql_query *query, const char *slug, struct buf *out)
{
	struct device device = { 0 };

	device.tenant = slug;
	device.device = sql_text(query, 0);
	device.profile = sql_text(query, 1);
	device.address = sql_text(query, 2);
	device.unit = (uint8_t)sql_integer(query, 3);
	device.interval_ms = sql_integer(query, 4);
	device.timeout_ms = sql_integer(query, 5);
	device.valid_from_ms = sql_integer(query, 6);
	device.battery = sql_text(query, 7);
	if (device.battery == NULL) {
		device.battery = "";
		device.valid_from_ms = 0;
	}
	device_print(&device, out);
}

static int
get_devices(struct place *place, const char *slug, struct io_writer *out,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(place->sql, select_devices, why);
	int got;

	if (query == NULL)
		return -1;
	while ((got = sql_step(query, why)) == 1)
		print_device(query, slug, &out->buf);
	sql_query_free(query);
	io_writer_check(out);
	return got;
}

static int
get_rows(struct place *place, const char *table, const char *slug,
    struct io_writer *out, struct failure *why)
{
	struct row_reader *reader = row_reader_open(place->sql, table, why);
	int got;

	if (reader == NULL)
		return -1;
	while (!io_stopping() &&
	    (got = row_next(reader, slug, &out->buf, why)) == 1)
		io_writer_check(out);
	row_reader_close(reader);
	return got == -1 ? -1 : 0;
}

struct wish {
	const char *root;
	const char *table;
	const char *master_path;
	struct vault_secret *master; /* NULL: none, or not needed */
	bool rows, core;
	struct arg_tenants tenants;
};

/* The devices of a client that is polled. */
static int
get_polled(const struct wish *wish, struct place *place, const char *slug,
    struct io_writer *out, struct failure *why)
{
	int polled = status_look(place->tenant, STATUS_POLL, why);

	if (polled == 1)
		return get_devices(place, slug, out, why);
	if (polled == 0 && !wish->tenants.all)
		warn("%s", why->message);
	return polled;
}

static int
get_tenant(const struct wish *wish, const char *slug, struct io_writer *out,
    struct failure *why)
{
	bool many = wish->tenants.all || wish->tenants.count > 1;
	struct tenant *tenant = tenant_open(wish->root, slug, SQL_READ, why);
	struct place place = { wish->root, tenant, NULL };
	int result;

	if (tenant == NULL)
		return -1;
	place.sql = tenant_sql(tenant);
	if (wish->master != NULL &&
	    sealed_open(place.sql, wish->master, wish->root, why) == -1)
		result = -1;
	else if (strcmp(wish->table, "devices") == 0 && !wish->rows)
		result = get_polled(wish, &place, slug, out, why);
	else
		result =
		    get_rows(&place, wish->table, many ? slug : NULL, out, why);
	tenant_close(tenant);
	return result;
}

/* Give up rights but for the tenants' folders and their own keys. */
static void
box(const struct wish *wish)
{
	struct arena arena = { 0 };
	size_t count = wish->tenants.count, n = 0;
	struct box_path *keys =
	    arena_alloc(&arena, (count + 1) * sizeof(*keys));

	for (size_t i = 0; wish->master != NULL && i < count; i++) {
		const char *path =
		    keys_file(wish->root, wish->tenants.slug[i], &arena);

		if (path != NULL)
			keys[n++] = (struct box_path){ path, BOX_READ };
	}
	box_tenants_and(wish->root, wish->tenants.slug, count, false, keys, n);
	arena_free(&arena);
}

/* A tenant that cannot be read does not keep the others from theirs. */
static int
get_tenants(const struct wish *wish, struct io_writer *out)
{
	struct failure why;
	int status = EXIT_OK;

	box(wish);
	for (size_t i = 0; i < wish->tenants.count && !io_stopping(); i++)
		if (get_tenant(wish, wish->tenants.slug[i], out, &why) == -1)
			status = chosen_failed(wish->tenants.slug[i], &why);
	return status;
}

static int
get_core(const struct wish *wish, struct io_writer *out)
{
	struct failure why;
	struct place place;

	place_open(&place, wish->root, NULL, SQL_READ);
	if (sealed_open(place.sql, wish->master, wish->root, &why) == -1)
		die_failure(&why);
	box_tenants(wish->root, NULL, 0, true);
	if (get_rows(&place, wish->table, NULL, out, &why) == -1)
		die_failure(&why);
	place_close(&place);
	return EXIT_OK;
}

static void
read_options(struct wish *wish, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "aht:", options, NULL)) != -1)
		switch (c) {
		case 'a':
			wish->tenants.all = true;
			break;
		case 'c':
			wish->core = true;
			break;
		case 'm':
			wish->master_path = optarg;
			break;
		case 'r':
			wish->root = optarg;
			break;
		case 'R':
			wish->rows = true;
			break;
		case 't':
			arg_tenant_add(&wish->tenants, optarg);
			break;
		case 'V':
			arg_version();
		default:
			arg_usage(synopsis, c == 'h');
		}
	/* "get devices --all" reads well, and getopt has moved it behind */
	if (argc != optind + 1 ||
	    (wish->core && (wish->tenants.all || wish->tenants.count > 0)))
		arg_usage(synopsis, false);
	wish->table = argv[optind];
	wish->root = arg_root(wish->root);
}

int
get_main(int argc, char **argv)
{
	struct wish wish = { 0 };
	struct arena arena = { 0 };
	struct io_writer out;
	int status;

	read_options(&wish, argc, argv);
	if (!wish.core)
		tenants_resolve(&wish.tenants, wish.root, &arena);
	if (sealed_table(wish.table))
		wish.master = master_open(wish.master_path, wish.root);
	io_stop_on_signals();
	io_writer_open(&out, STDOUT_FILENO, "stdout");
	status = wish.core ? get_core(&wish, &out) : get_tenants(&wish, &out);
	if (io_writer_close(&out) == -1)
		die_output();
	vault_secret_free(wish.master);
	free(wish.tenants.slug);
	arena_free(&arena);
	return status;
}
