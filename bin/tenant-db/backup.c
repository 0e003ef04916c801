/*
 * tenant-db backup: each tenant's database as it is at one instant, sealed,
 * in a file of its own; old ones go when a new one is there.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backups.h"
#include "base/aging.h"
#include "base/box.h"
#include "base/clock.h"
#include "json/json.h"
#include "keys.h"
#include "store/audit.h"
#include "store/backup.h"
#include "store/chosen.h"
#include "store/tenant_path.h"
#include "tenant-db.h"
#include "vault.h"

static const char synopsis[] =
    "usage: tenant-db backup [-v] [--keep DURATION] [--key FILE |\n"
    "           --master FILE | --passphrase-file FILE] [--root DIR]\n"
    "           [--to DIR] --all | --tenant SLUG ...\n";

static const struct option options[] = { { "all", no_argument, NULL, 'a' },
	{ "help", no_argument, NULL, 'h' },
	{ "keep", required_argument, NULL, 'k' },
	{ "key", required_argument, NULL, 'K' },
	{ "master", required_argument, NULL, 'M' },
	{ "passphrase-file", required_argument, NULL, 'P' },
	{ "root", required_argument, NULL, 'r' },
	{ "tenant", required_argument, NULL, 't' },
	{ "to", required_argument, NULL, 'o' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

struct wish {
	struct common common;
	const char *to;
	struct secret_place place;
	int64_t keep_ms;
	int64_t aged_ms; /* by which they grow old: base/aging.h */
	const char *actor;
	struct vault_secret *secret; /* of all; NULL: each tenant's own key */
	struct ring *ring; /* where those are */
};

static void
say(const char *slug, const char *path, const struct stat *info)
{
	struct buf line = { NULL, 0, 0 };

	buf_print(
	    &line, "{\"kind\":\"backup\",\"tenant\":\"%s\",\"file\":", slug);
	json_put_text(&line, path, strlen(path));
	buf_print(&line, ",\"bytes\":%lld}\n", (long long)info->st_size);
	line_out(&line);
}

/* What this copy is sealed with; the caller frees it where it is not that
 * of all. NULL with a failure. */
static struct vault_secret *
secret_of(const struct wish *wish, const struct backup_copy *copy,
    struct failure *why)
{
	if (wish->secret != NULL)
		return wish->secret;
	if (copy->version > 0)
		return ring_get(
		    wish->ring, copy->uuid, (unsigned)copy->version, why);
	failure_set(
	    why, EXIT_WRONG, "has no key of its own: run tenant-db key init");
	return NULL;
}

/* The tenant's log tells of it; where that cannot be written the backup is
 * none the worse. */
static void
note(const struct wish *wish, const char *slug, const char *name)
{
	struct arena arena = { 0 };
	struct audit_event event = { .tenant = slug,
		.actor = wish->actor,
		.event = "backup.create",
		.object = arena_print(&arena, "backups/%s", name) };
	struct failure why;
	struct tenant *tenant =
	    tenant_open(wish->common.root, slug, SQL_WRITE, &why);

	if (tenant == NULL ||
	    audit_write(tenant_sql(tenant), &event, &why) == -1)
		warn("tenant %s: the audit log: %s", slug, why.message);
	tenant_close(tenant);
	arena_free(&arena);
}

/* Seal the copy into `beside`, then give it its name. */
static int
seal(const struct wish *wish, const struct backup_copy *copy, const char *slug,
    int folder, struct failure *why)
{
	struct vault_about about = { .time_ms = clock_now_ms(),
		.schema = (uint32_t)copy->schema };
	char name[BACKUPS_NAME], beside[BACKUPS_NAME + 8];
	struct buf path = { NULL, 0, 0 };
	struct vault_secret *secret = secret_of(wish, copy, why);
	struct stat info;
	int fd, result = -1;

	if (secret == NULL)
		return -1;
	snprintf(about.slug, sizeof(about.slug), "%s", slug);
	memcpy(about.uuid, copy->uuid, sizeof(about.uuid));
	backups_name(name, about.time_ms);
	snprintf(beside, sizeof(beside), ".%s.new", name);
	buf_print(&path, "%s/%s/%s", wish->to, slug, name);
	fd = openat(
	    folder, beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		failure_set(why, EXIT_AGAIN, "%s:", path.data);
	else if (vault_seal(secret, &about, copy->fd, fd, path.data, why) == 0)
		result = fsync(fd) == 0 && fstat(fd, &info) == 0 &&
			renameat(folder, beside, folder, name) == 0 &&
			fsync(folder) == 0
		    ? 0
		    : failure_set(why, EXIT_AGAIN, "%s:", path.data);
	if (fd >= 0)
		close(fd);
	if (secret != wish->secret)
		vault_secret_free(secret);
	if (result == -1)
		unlinkat(folder, beside, 0);
	else
		note(wish, slug, name);
	if (result == 0 && wish->common.verbose)
		say(slug, path.data, &info);
	buf_free(&path);
	return result;
}

/* One tenant; its failure does not keep the others from theirs. */
static int
job(const struct wish *wish, const char *slug, int folder)
{
	struct backup_copy copy;
	struct failure why;
	int result = backup_copy_open(&copy, wish->common.root, slug, &why);

	if (result == 0)
		result = backups_clean(folder, &why);
	if (result == 0)
		result = seal(wish, &copy, slug, folder, &why);
	if (result == 0)
		result =
		    backups_expire(folder, wish->aged_ms - wish->keep_ms, &why);
	backup_copy_close(&copy);
	if (result == 0)
		return EXIT_OK;
	return chosen_failed(slug, &why);
}

/* Give up rights; the folders of the backups are open from then on. */
static void
box(const struct wish *wish, int *folder, struct arena *arena)
{
	size_t count = wish->common.tenants.count, n = 0;
	struct box_path *paths =
	    arena_alloc(arena, (3 * count + 1) * sizeof(*paths));
	struct failure why;

	for (size_t i = 0; i < count; i++) {
		const char *slug = wish->common.tenants.slug[i];
		char *path = arena_print(arena, "%s/%s", wish->to, slug);
		const char *key = NULL;

		if (!io_slug_ok(slug))
			die(EXIT_WRONG, "\"%s\" is no name of a tenant", slug);
		folder[i] = -1;
		if (tenant_check(wish->common.root, slug, &why) == -1)
			continue; /* job() tells of it */
		if (io_mkdirs(wish->to, 0711, &why) == -1 ||
		    io_mkdirs(path, 0700, &why) == -1)
			die_failure(&why);
		if (wish->ring != NULL)
			key = keys_file(wish->common.root, slug, arena);
		if (key != NULL)
			paths[n++] = (struct box_path){ key, BOX_READ };
		folder[i] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (folder[i] < 0)
			die(EXIT_AGAIN, "%s:", path);
		paths[n++] = (struct box_path){ path, BOX_WRITE };
		paths[n++] =
		    (struct box_path){ arena_print(arena, "%s/tenants/%s",
					   wish->common.root, slug),
			    BOX_WRITE };
	}
	box_paths(paths, n);
}

static void
read_options(struct wish *wish, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "ahvt:", options, NULL)) != -1)
		switch (c) {
		case 'k':
			wish->keep_ms = arg_duration_ms(
			    "--keep", optarg, DAY_MS, 36500 * DAY_MS);
			break;
		case 'o':
			wish->to = optarg;
			break;
		default:
			if (!secret_option(&wish->place, c))
				common_option(&wish->common, c, synopsis);
		}
	common_end(&wish->common, argc, synopsis);
}

/* A secret for all, or the ring in which each has its own. */
static void
open_secret(struct wish *wish, struct arena *arena)
{
	struct vault_secret *master;
	struct failure why;

	wish->secret = secret_open(&wish->place);
	if (wish->secret != NULL)
		return;
	master = master_open(wish->place.master, wish->common.root);
	if (master == NULL)
		die(EXIT_WRONG,
		    "give --key or --passphrase-file: there is no master key");
	wish->ring = ring_open(
	    RING_TENANTS, master, keys_folder(arena, wish->common.root), &why);
	vault_secret_free(master);
	if (wish->ring == NULL)
		die_failure(&why);
}

int
backup_main(int argc, char **argv)
{
	struct wish wish = { .keep_ms = 30 * DAY_MS };
	struct arena arena = { 0 };
	struct failure why;
	int status = EXIT_OK;
	int *folder;

	read_options(&wish, argc, argv);
	tenants_resolve(&wish.common.tenants, wish.common.root, &arena);
	if (wish.to == NULL)
		wish.to = arena_print(&arena, "%s/backups", wish.common.root);
	open_secret(&wish, &arena);
	wish.actor = actor_name(&arena);
	folder =
	    arena_alloc(&arena, (wish.common.tenants.count + 1) * sizeof(int));
	io_stop_on_signals();
	if (aging_look(arena_print(&arena, "%s/clock", wish.common.root),
		clock_now_ms(), &wish.aged_ms, &why) == -1) {
		warn("%s", why.message);
		status = (int)why.status;
	}
	box(&wish, folder, &arena);
	for (size_t i = 0; i < wish.common.tenants.count; i++) {
		if (io_stopping())
			die(EXIT_AGAIN, "tenant %s: was stopped before it",
			    wish.common.tenants.slug[i]);
		status = chosen_worse(
		    status, job(&wish, wish.common.tenants.slug[i], folder[i]));
		close(folder[i]);
	}
	vault_secret_free(wish.secret);
	ring_close(wish.ring);
	free(wish.common.tenants.slug);
	arena_free(&arena);
	return status;
}
