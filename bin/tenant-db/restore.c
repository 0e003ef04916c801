/*
 * tenant-db restore: a sealed backup becomes a tenant's database again. It
 * is opened beside its place, checked, and put there as a whole.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/box.h"
#include "keys.h"
#include "store/audit.h"
#include "store/backup.h"
#include "store/chosen.h"
#include "tenant-db.h"
#include "vault.h"

static const char synopsis[] =
    "usage: tenant-db restore [--key FILE | --master FILE |\n"
    "           --passphrase-file FILE] [--replace] [--root DIR]\n"
    "           [--share DIR] --tenant SLUG FILE\n";

static const struct option options[] = { { "help", no_argument, NULL, 'h' },
	{ "key", required_argument, NULL, 'K' },
	{ "master", required_argument, NULL, 'M' },
	{ "passphrase-file", required_argument, NULL, 'P' },
	{ "replace", no_argument, NULL, 'R' },
	{ "root", required_argument, NULL, 'r' },
	{ "share", required_argument, NULL, 's' },
	{ "tenant", required_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

struct wish {
	const char *root, *share, *slug, *file, *actor;
	struct vault_about about; /* as the file says itself */
	struct sql *core; /* NULL: there is none */
	struct secret_place place;
	bool replace, has_key; /* there are keys of the tenant here */
};

/* A backup of before there were keys brings back what was in clear. */
static void
tell_clear(const struct wish *wish, struct tenant *tenant)
{
	struct failure ignored;

	if (wish->has_key &&
	    sealed_version(tenant_sql(tenant), NULL, &ignored) == 0)
		warn("tenant %s: the backup is of before its columns were "
		     "sealed: run "
		     "tenant-db key init --tenant %s",
		    wish->slug, wish->slug);
}

/* The log of the tenant is as it was: core's tells of it as well. */
static void
note(const struct wish *wish)
{
	const char *base = strrchr(wish->file, '/');
	struct arena arena = { 0 };
	struct audit_event event = { .tenant = wish->slug,
		.actor = wish->actor,
		.event = "backup.restore",
		.object = arena_print(&arena, "backups/%s",
		    base == NULL ? wish->file : base + 1) };
	struct failure why;
	struct tenant *tenant =
	    tenant_open(wish->root, wish->slug, SQL_WRITE, &why);

	if (tenant == NULL ||
	    audit_write(tenant_sql(tenant), &event, &why) == -1)
		warn("tenant %s: the audit log: %s", wish->slug, why.message);
	if (tenant != NULL)
		tell_clear(wish, tenant);
	tenant_close(tenant);
	if (wish->core != NULL && audit_write(wish->core, &event, &why) == -1)
		warn("core: the audit log: %s", why.message);
	arena_free(&arena);
}

static int
restore(const struct wish *wish, const struct vault_secret *secret, int fd,
    struct arena *arena, struct failure *why)
{
	struct check check = check_begin(wish->slug);
	struct restore *restore =
	    restore_open(wish->root, wish->slug, wish->replace, why);
	struct vault_about about;
	int result;

	if (restore == NULL)
		return -1;
	result = vault_open(secret, wish->slug, fd, restore_fd(restore),
	    wish->file, &about, why);
	if (result == 0 && strcmp(about.uuid, wish->about.uuid) != 0)
		result = failure_set(why, EXIT_WRONG,
		    "%s: changes while it is read", wish->file);
	if (result == 0 && io_stopping())
		result = failure_set(why, EXIT_AGAIN, "was stopped");
	if (result == 0)
		result = restore_finish(restore,
		    arena_print(arena, "%s/schema", wish->share), about.uuid,
		    &check, why);
	restore_close(restore);
	if (result == 0)
		note(wish);
	return result;
}

/* Give up rights but for the folder in which a tenant's is made. */
static void
box(const struct wish *wish, struct arena *arena)
{
	const struct box_path paths[] = {
		{ arena_print(arena, "%s/tenants", wish->root), BOX_WRITE },
		{ arena_print(arena, "%s/core.db", wish->root), BOX_WRITE },
		{ arena_print(arena, "%s/core.db-wal", wish->root), BOX_WRITE },
		{ arena_print(arena, "%s/core.db-shm", wish->root), BOX_WRITE },
		{ wish->share, BOX_READ }
	};
	struct failure why;

	if (io_mkdirs(paths[0].path, 0711, &why) == -1)
		die_failure(&why);
	box_paths(paths, sizeof(paths) / sizeof(*paths));
}

static void
read_options(struct wish *wish, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "ht:", options, NULL)) != -1)
		switch (c) {
		case 'R':
			wish->replace = true;
			break;
		case 's':
			wish->share = optarg;
			break;
		default:
			if (!secret_option(&wish->place, c))
				one_option(
				    &wish->root, &wish->slug, c, synopsis);
		}
	if (argc - optind != 1 || wish->slug == NULL)
		arg_usage(synopsis, false);
	wish->file = argv[optind];
	wish->root = arg_root(wish->root);
	wish->share = arg_share(wish->share);
}

/* What the file is sealed with: what was given, or the key of the tenant
 * that it names. Ends the program. */
static struct vault_secret *
find_secret(const struct wish *wish, struct arena *arena)
{
	struct vault_secret *secret = secret_open(&wish->place), *master;
	struct failure why;
	struct ring *ring;
	const char *path;

	if (secret != NULL)
		return secret;
	if (wish->about.version == 0)
		die(EXIT_WRONG, "%s: needs --key or --passphrase-file",
		    wish->file);
	master = master_must(wish->place.master, wish->root);
	ring = ring_open(
	    RING_TENANTS, master, keys_folder(arena, wish->root), &why);
	path = arena_print(arena, "%s/%s.%u", keys_folder(arena, wish->root),
	    wish->about.uuid, (unsigned)wish->about.version);
	if (ring != NULL && access(path, F_OK) != 0)
		die(EXIT_WRONG,
		    "%s: is sealed with the tenant's own key, %s, which is not "
		    "there: copy keys/ back first",
		    wish->file, path);
	if (ring != NULL)
		secret =
		    ring_get(ring, wish->about.uuid, wish->about.version, &why);
	if (secret == NULL)
		die_failure(&why);
	ring_close(ring);
	vault_secret_free(master);
	return secret;
}

/* A tenant of this name that is another one is not written over, also where
 * its database is gone. The database of core, which tells of it, or NULL
 * where there is none. */
static struct sql *
check_client(const struct wish *wish, struct arena *arena)
{
	struct failure why;
	struct sql *core;
	char uuid[37];
	int got;

	if (access(arena_print(arena, "%s/core.db", wish->root), F_OK) != 0)
		return NULL;
	core = core_open(wish->root, SQL_WRITE, &why);
	got = core == NULL ? -1 : keys_uuid(core, wish->slug, uuid, &why);
	if (got == -1)
		die_failure(&why);
	if (got == 1 && strcmp(wish->slug, wish->about.slug) == 0 &&
	    strcmp(uuid, wish->about.uuid) != 0)
		die(EXIT_WRONG, "%s: is of another tenant of this name",
		    wish->file);
	return core;
}

int
restore_main(int argc, char **argv)
{
	struct wish wish = { .replace = false };
	struct vault_secret *secret;
	struct arena arena = { 0 };
	struct failure why;
	int fd, result;

	read_options(&wish, argc, argv);
	fd = open(wish.file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(EXIT_WRONG, "%s:", wish.file);
	if (vault_peek(fd, wish.file, &wish.about, &why) == -1)
		die_failure(&why);
	secret = find_secret(&wish, &arena);
	wish.core = check_client(&wish, &arena);
	wish.has_key = ring_newest(keys_folder(&arena, wish.root),
			   wish.about.uuid, &why) > 0;
	wish.actor = actor_name(&arena);
	io_stop_on_signals();
	box(&wish, &arena);
	result = restore(&wish, secret, fd, &arena, &why);
	close(fd);
	vault_secret_free(secret);
	sql_close(wish.core);
	arena_free(&arena);
	return result == -1 ? chosen_failed(wish.slug, &why) : EXIT_OK;
}
