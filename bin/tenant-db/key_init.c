/*
 * tenant-db key init: each tenant, and core.db, gets a key of its own,
 * wrapped by the master key, and what is sensitive in it is sealed.
 * tenant-db key rotate: the same with a new key; or all keys are wrapped
 * anew by a new master key. Run again, both go on where they were stopped.
 */
#include <dirent.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keys.h"
#include "store/audit.h"
#include "store/chosen.h"
#include "store/tenant_path.h"

static const struct option options[] = { { "all", no_argument, NULL, 'a' },
	{ "core", no_argument, NULL, 'c' }, { "help", no_argument, NULL, 'h' },
	{ "master", required_argument, NULL, 'm' },
	{ "root", required_argument, NULL, 'r' },
	{ "tenant", required_argument, NULL, 't' },
	{ "to", required_argument, NULL, 'o' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

struct wish {
	struct common common;
	const char *master_path, *to, *actor;
	struct vault_secret *master;
	bool core, renew;
};

/* One database at work. */
struct work {
	const struct wish *wish;
	const char *slug; /* NULL: core.db */
	char uuid[37];
	unsigned version;
};

/* ---- one database ----------------------------------------------------- */

static const char *
event(const struct wish *wish)
{
	return wish->renew ? "key.rotate" : "key.create";
}

/* A tenant's own log tells of it as well. */
static int
say(void *context, struct sql *sql, struct failure *why)
{
	const struct work *work = context;
	struct arena arena = { 0 };
	struct audit_event line = { .tenant = work->slug,
		.actor = work->wish->actor,
		.event = event(work->wish),
		.object = arena_print(
		    &arena, "keys/%s.%u", work->uuid, work->version) };
	int result = audit_append(sql, &line, why);

	arena_free(&arena);
	return result;
}

/* The key is there before anything is sealed with it. */
static int
seal_database(struct work *work, struct sql *sql, struct failure *why)
{
	const struct wish *wish = work->wish;
	int version = sealed_version(sql, work->uuid, why), result;
	struct vault_secret *key;

	if (version == -1)
		return -1;
	key = keys_make(wish->master, wish->common.root, work->uuid, work->slug,
	    wish->renew ? version : 0, why);
	if (key == NULL)
		return -1;
	work->version = vault_secret_version(key);
	result = sealed_open(sql, wish->master, wish->common.root, why);
	if (result == 0)
		result = sealed_all(sql, key, say, work, why);
	vault_secret_free(key);
	return result;
}

/* Was this copy of a database made before anything was sealed? */
static bool
is_clear(const char *folder, const char *name)
{
	struct buf path = { 0 };
	struct failure ignored;
	struct sql *sql;
	bool clear;

	buf_print(&path, "%s/%s", folder, name);
	sql = sql_open(path.data, SQL_READ, &ignored);
	clear = sql == NULL || sealed_version(sql, NULL, &ignored) <= 0;
	sql_close(sql);
	buf_free(&path);
	return clear;
}

/* Copies that migrations have left hold in clear what is sealed now. Those
 * that restore has put aside do as well, but are a person's. */
static int
remove_copies(const char *root, const char *slug, struct failure *why)
{
	char path[TENANT_PATH_MAX];
	const struct dirent *entry;
	DIR *folder;
	int status = EXIT_OK;

	if (tenant_path(path, root, slug, "", why) == -1)
		return -1;
	folder = opendir(path);
	if (folder == NULL)
		return failure_set(why, EXIT_AGAIN, "%s:", path);
	while ((entry = readdir(folder)) != NULL) {
		bool copy = strncmp(entry->d_name, "tenant.db.v", 11) == 0;

		if ((!copy &&
			strncmp(entry->d_name, "tenant.db.replaced", 18) !=
			    0) ||
		    !is_clear(path, entry->d_name))
			continue;
		if (copy) {
			unlinkat(dirfd(folder), entry->d_name, 0);
			continue;
		}
		warn("tenant %s: %s holds in clear what is sealed now: remove "
		     "it",
		    slug, entry->d_name);
		status = EXIT_REFUSED;
	}
	closedir(folder);
	return status;
}

static int
seal_tenant(const struct wish *wish, const char *slug, struct failure *why)
{
	struct work work = { .wish = wish, .slug = slug };
	const char *root = wish->common.root;
	struct tenant *tenant = tenant_open(root, slug, SQL_WRITE, why);
	struct sql *core = NULL;
	int result = -1;

	if (tenant != NULL)
		core = core_open(root, SQL_WRITE, why);
	if (core != NULL)
		result = seal_database(&work, tenant_sql(tenant), why);
	if (result == 0)
		result = keys_note(core, slug, work.uuid, work.version,
		    wish->actor, event(wish), why);
	if (result == 0)
		result = remove_copies(root, slug, why);
	sql_close(core);
	tenant_close(tenant);
	return result;
}

static int
seal_core(const struct wish *wish, struct failure *why)
{
	struct work work = { .wish = wish };
	struct sql *core = core_open(wish->common.root, SQL_WRITE, why);
	int result = core == NULL ? -1 : seal_database(&work, core, why);

	sql_close(core);
	return result;
}

/* ---- all keys --------------------------------------------------------- */

static int
rewrap(const struct wish *wish, enum ring_kind kind, const char *folder,
    const struct vault_secret *to, struct failure *why)
{
	struct ring *old = ring_open(kind, wish->master, folder, why);
	struct ring *new =
	    old == NULL ? NULL : ring_open(kind, to, folder, why);
	int result = new == NULL ? -1 : ring_rewrap(old, new, why);

	ring_close(old);
	ring_close(new);
	return result;
}

static int
say_rewrapped(const struct wish *wish, struct failure *why)
{
	struct audit_event line = { .actor = wish->actor,
		.event = "key.rotate",
		.object = "keys/master" };
	struct sql *core = core_open(wish->common.root, SQL_WRITE, why);
	int result = core == NULL ? -1 : audit_write(core, &line, why);

	sql_close(core);
	return result;
}

/* The new master key is to take the place of the old one behind this. */
static int
rotate_master(const struct wish *wish, struct arena *arena)
{
	const char *root = wish->common.root;
	const char *folder = keys_folder(arena, root);
	struct failure why;
	struct vault_secret *to = vault_master_read(wish->to, root, &why);

	if (to == NULL)
		die_failure(&why);
	box_root(root, "/nonexistent");
	if (rewrap(wish, RING_TENANTS, folder, to, &why) == -1 ||
	    rewrap(wish, RING_ARCHIVES,
		arena_print(arena, "%s/archive", folder), to, &why) == -1 ||
	    say_rewrapped(wish, &why) == -1)
		die_failure(&why);
	vault_secret_free(to);
	return EXIT_OK;
}

/* ---- start ------------------------------------------------------------ */

static void
read_options(struct wish *wish, int argc, char **argv)
{
	const struct arg_tenants *tenants = &wish->common.tenants;
	int c;

	while ((c = getopt_long(argc, argv, "aht:", options, NULL)) != -1)
		switch (c) {
		case 'c':
			wish->core = true;
			break;
		case 'm':
			wish->master_path = optarg;
			break;
		case 'o':
			wish->to = optarg;
			break;
		default:
			common_option(&wish->common, c, key_synopsis);
		}
	common_end(&wish->common, argc, key_synopsis);
	if (wish->to != NULL &&
	    (!wish->renew || wish->core || tenants->all || tenants->count > 0))
		arg_usage(key_synopsis, false);
}

/* One that fails does not keep the others from theirs. */
static int
seal_all(const struct wish *wish)
{
	const struct arg_tenants *tenants = &wish->common.tenants;
	int status = EXIT_OK, got;
	struct failure why;

	if ((wish->core || tenants->all) && seal_core(wish, &why) == -1) {
		warn("core: %s", why.message);
		status = (int)why.status;
	}
	for (size_t i = 0; i < tenants->count && !io_stopping(); i++) {
		got = seal_tenant(wish, tenants->slug[i], &why);
		if (got == -1)
			got = chosen_failed(tenants->slug[i], &why);
		status = chosen_worse(status, got);
	}
	return io_stopping() ? chosen_worse(status, EXIT_AGAIN) : status;
}

int
key_tenants_main(int argc, char **argv)
{
	struct wish wish = { .renew = strcmp(argv[0], "rotate") == 0 };
	struct arg_tenants *tenants = &wish.common.tenants;
	struct arena arena = { 0 };
	int status;

	read_options(&wish, argc, argv);
	if (wish.to == NULL &&
	    (!wish.core || tenants->all || tenants->count > 0))
		tenants_resolve(tenants, wish.common.root, &arena);
	wish.master = master_must(wish.master_path, wish.common.root);
	wish.actor = actor_name(&arena);
	io_stop_on_signals();
	if (wish.to != NULL) {
		status = rotate_master(&wish, &arena);
	} else {
		box_root(wish.common.root, "/nonexistent");
		status = seal_all(&wish);
	}
	vault_secret_free(wish.master);
	free(tenants->slug);
	arena_free(&arena);
	return status;
}
