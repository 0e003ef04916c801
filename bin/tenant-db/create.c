/*
 * tenant-db create: a row among the clients of core.db and a folder with an
 * empty database. The row comes first, then the folder, which appears as a
 * whole; what a broken run left is completed by the next.
 */
#include <getopt.h>
#include <string.h>
#include <sys/stat.h>

#include "keys.h"
#include "store/audit.h"
#include "store/row.h"
#include "store/tenant_path.h"
#include "tenant-db.h"
#include "vault/ring.h"

#define LIMIT_MAX 1000000

static const char synopsis[] =
    "usage: tenant-db create [--company TEXT] [--industry WORD]\n"
    "           [--language fr|en|es|pt] [--master FILE]\n"
    "           [--max-devices N] [--max-storage GB] [--max-users N]\n"
    "           [--name TEXT]\n"
    "           [--root DIR] [--share DIR] [--status WORD]\n"
    "           [--timezone ZONE] --tenant SLUG\n";

/* Options that become members of the client's row. */
static const struct option options[] = { { "company", required_argument, NULL,
					     'm' },
	{ "language", required_argument, NULL, 'm' },
	{ "name", required_argument, NULL, 'm' },
	{ "status", required_argument, NULL, 'm' },
	{ "timezone", required_argument, NULL, 'm' },
	{ "industry", required_argument, NULL, 'i' },
	{ "max-devices", required_argument, NULL, 'd' },
	{ "max-storage", required_argument, NULL, 'g' },
	{ "max-users", required_argument, NULL, 'u' },
	{ "help", no_argument, NULL, 'h' },
	{ "master", required_argument, NULL, 'M' },
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

static void
limit(json_t *row, const char *name, const char *option, const char *text)
{
	json_object_set_new(
	    row, name, json_integer(arg_integer(option, text, 0, LIMIT_MAX)));
}

static int
put_client(
    struct sql *core, json_t *row, const char *actor, struct failure *why)
{
	struct audit_event event = { .tenant = json_string_value(
					 json_object_get(row, "slug")),
		.actor = actor,
		.event = "tenant.create",
		.after = row };
	struct row_writer *writer = row_writer_open(core, "clients", why);
	int result = -1;

	if (writer == NULL)
		return -1;
	if (sql_begin(core, why) == 0) {
		result = row_put(writer, row, why);
		if (result == 0)
			result = audit_append(core, &event, why);
		if (result == 0)
			result = sql_commit(core, true, why);
		else
			sql_rollback(core);
	}
	row_writer_close(writer);
	return result;
}

struct wish {
	const char *root, *share, *slug, *master_path, *actor;
	struct vault_secret *master; /* NULL: nothing is to be sealed */
};

/* Its keys too: one that stayed would be taken for that of the archive of the
 * next tenant of the name. One of an archive that was there before stays. */
static void
forget_keys(const struct wish *wish, struct sql *core, bool archive_too)
{
	struct arena arena = { 0 };
	const char *folder = keys_folder(&arena, wish->root);
	struct failure why;
	char uuid[37];

	if (keys_uuid(core, wish->slug, uuid, &why) == 1 &&
	    ring_shred(folder, uuid, RING_VERSION_MAX, &why) == 0 &&
	    archive_too)
		ring_shred(arena_print(&arena, "%s/archive", folder),
		    wish->slug, RING_VERSION_MAX, &why);
	arena_free(&arena);
}

static void
forget_client(struct sql *core, const char *slug)
{
	struct failure ignored;

	(void)sql_run_text(
	    core, "DELETE FROM clients WHERE slug = ?1", slug, &ignored);
}

/* Its key, before anything is sealed with it. */
static int
make_key(const struct wish *wish, struct sql *core, struct failure *why)
{
	struct vault_secret *key;
	char uuid[37];
	int result;

	if (keys_uuid(core, wish->slug, uuid, why) == -1)
		return -1;
	key = keys_make(wish->master, wish->root, uuid, wish->slug, 0, why);
	if (key == NULL)
		return -1;
	result = keys_note(core, wish->slug, uuid, vault_secret_version(key),
	    wish->actor, "key.create", why);
	vault_secret_free(key);
	return result;
}

static void
create(const struct wish *wish, json_t *row)
{
	struct arena arena = { 0 };
	const char *schema = arena_print(&arena, "%s/schema", wish->share);
	struct access *access;
	struct failure why;
	struct sql *core;
	char uuid[37];
	int there, newest;

	if (core_create(wish->root, schema, &why) == -1 ||
	    (core = core_open(wish->root, SQL_WRITE, &why)) == NULL)
		die_failure(&why);
	there = keys_uuid(core, wish->slug, uuid, &why);
	newest = ring_newest(
	    arena_print(&arena, "%s/archive", keys_folder(&arena, wish->root)),
	    wish->slug, &why);
	if (there == -1 || newest == -1)
		die_failure(&why);
	if (put_client(core, row, wish->actor, &why) == -1) {
		why.status =
		    why.status == EXIT_REFUSED ? EXIT_WRONG : why.status;
		die_failure(&why);
	}
	if ((wish->master != NULL && make_key(wish, core, &why) == -1) ||
	    tenant_create(wish->root, wish->slug, schema, core, &why) == -1) {
		if (there == 0) {
			if (wish->master != NULL)
				forget_keys(wish, core, newest == 0);
			forget_client(core, wish->slug);
		}
		die_failure(&why);
	}
	access = client_access(wish->root);
	if (client_copy(core, access, wish->root, wish->slug, &why) == -1)
		die_failure(&why);
	access_close(access);
	sql_close(core);
	arena_free(&arena);
}

int
create_main(int argc, char **argv)
{
	struct wish wish = { .root = NULL };
	struct arena arena = { 0 };
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
		case 'M':
			wish.master_path = optarg;
			break;
		case 'd':
			limit(row, "max_devices", "--max-devices", optarg);
			break;
		case 'g':
			limit(row, "max_storage_gb", "--max-storage", optarg);
			break;
		case 'u':
			limit(row, "max_users", "--max-users", optarg);
			break;
		case 's':
			wish.share = optarg;
			break;
		default:
			one_option(&wish.root, &wish.slug, c, synopsis);
		}
	if (wish.slug == NULL || argc > optind)
		arg_usage(synopsis, false);
	wish.root = arg_root(wish.root);
	wish.share = arg_share(wish.share);
	if (folder_there(wish.root, wish.slug))
		die(EXIT_WRONG, "tenant %s: is there already", wish.slug);
	json_object_set_new(row, "slug", json_string(wish.slug));
	json_object_set_new(row, "database_name", json_string(wish.slug));
	default_text(row, "name", wish.slug);
	default_text(row, "company", wish.slug);
	wish.master = master_open(wish.master_path, wish.root);
	wish.actor = actor_name(&arena);
	box_root(wish.root, wish.share);
	create(&wish, row);
	vault_secret_free(wish.master);
	json_decref(row);
	arena_free(&arena);
	return EXIT_OK;
}
