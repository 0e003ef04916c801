/*
 * tenant-db create: a row among the clients of core.db and a folder with an
 * empty database. The row comes first, then the folder, which appears as a
 * whole; what a broken run left is completed by the next.
 */
#include <getopt.h>
#include <string.h>
#include <sys/stat.h>

#include "store/row.h"
#include "store/tenant_path.h"
#include "tenant-db.h"

static const char synopsis[] =
    "usage: tenant-db create [--company TEXT] [--industry WORD]\n"
    "           [--language fr|en|es|pt] [--name TEXT] [--root DIR]\n"
    "           [--share DIR] [--status WORD] [--timezone ZONE] --tenant "
    "SLUG\n";

/* Options that become members of the client's row. */
static const struct option options[] = { { "company", required_argument, NULL,
					     'm' },
	{ "language", required_argument, NULL, 'm' },
	{ "name", required_argument, NULL, 'm' },
	{ "status", required_argument, NULL, 'm' },
	{ "timezone", required_argument, NULL, 'm' },
	{ "industry", required_argument, NULL, 'i' },
	{ "help", no_argument, NULL, 'h' },
	{ "root", required_argument, NULL, 'r' },
	{ "share", required_argument, NULL, 's' },
	{ "tenant", required_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

static bool
folder_there(const char *root, const char *slug)
{
	char path[TENANT_PATH_MAX];
	struct failure why;
	struct stat info;

	if (tenant_path(path, root, slug, "", &why) == -1)
		die_failure(&why);
	return lstat(path, &info) == 0;
}

static void
default_text(json_t *row, const char *name, const char *text)
{
	if (json_object_get(row, name) == NULL)
		json_object_set_new(row, name, json_string(text));
}

static int
put_client(struct sql *core, json_t *row, struct failure *why)
{
	struct row_writer *writer = row_writer_open(core, "clients", why);
	int result = -1;

	if (writer == NULL)
		return -1;
	if (sql_begin(core, why) == 0) {
		result = row_put(writer, row, why);
		if (result == 0)
			result = sql_commit(core, true, why);
		else
			sql_rollback(core);
	}
	row_writer_close(writer);
	return result;
}

static void
forget_client(struct sql *core, const char *slug)
{
	struct failure why;
	struct sql_query *query =
	    sql_prepare(core, "DELETE FROM clients WHERE slug = ?1", &why);

	if (query == NULL)
		return;
	sql_bind_text(query, 1, slug);
	sql_done(query, &why);
	sql_query_free(query);
}

static bool
client_there(struct sql *core, const char *slug)
{
	struct failure why;
	struct sql_query *query =
	    sql_prepare(core, "SELECT 1 FROM clients WHERE slug = ?1", &why);
	int got;

	if (query == NULL)
		die_failure(&why);
	sql_bind_text(query, 1, slug);
	got = sql_step(query, &why);
	if (got == -1)
		die_failure(&why);
	sql_query_free(query);
	return got == 1;
}

static void
create(const char *root, const char *share, const char *slug, json_t *row)
{
	struct arena arena = { 0 };
	const char *schema = arena_print(&arena, "%s/schema", share);
	struct failure why;
	struct sql *core;
	bool there;

	if (core_create(root, schema, &why) == -1 ||
	    (core = core_open(root, SQL_WRITE, &why)) == NULL)
		die_failure(&why);
	there = client_there(core, slug);
	if (put_client(core, row, &why) == -1) {
		why.status =
		    why.status == EXIT_REFUSED ? EXIT_WRONG : why.status;
		die_failure(&why);
	}
	if (tenant_create(root, slug, schema, core, &why) == -1) {
		if (!there)
			forget_client(core, slug);
		die_failure(&why);
	}
	sql_close(core);
	arena_free(&arena);
}

int
create_main(int argc, char **argv)
{
	const char *root = NULL, *share = NULL, *slug = NULL;
	json_t *row = json_object();
	int c, which = 0;

	while ((c = getopt_long(argc, argv, "ht:", options, &which)) != -1)
		switch (c) {
		case 'm':
			json_object_set_new(
			    row, options[which].name, json_string(optarg));
			break;
		case 'i':
			json_object_set_new(
			    row, "industry_type", json_string(optarg));
			break;
		case 'r':
			root = optarg;
			break;
		case 's':
			share = optarg;
			break;
		case 't':
			slug = optarg;
			break;
		case 'V':
			arg_version();
		default:
			arg_usage(synopsis, c == 'h');
		}
	if (slug == NULL || argc > optind)
		arg_usage(synopsis, false);
	root = arg_root(root);
	share = arg_share(share);
	if (folder_there(root, slug))
		die(EXIT_WRONG, "tenant %s: is there already", slug);
	json_object_set_new(row, "slug", json_string(slug));
	json_object_set_new(row, "database_name", json_string(slug));
	default_text(row, "name", slug);
	default_text(row, "company", slug);
	box_root(root, share);
	create(root, share, slug, row);
	json_decref(row);
	return EXIT_OK;
}
