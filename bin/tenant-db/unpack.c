/*
 * tenant-db unpack: a tenant that another machine has packed is there as it
 * was. All of it is opened beside its place and checked; then its keys, its
 * row in core, its logins and its archive are put in theirs, and its folder
 * goes last: until then there is no such tenant, and it can be run again.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/chosen.h"
#include "tenant-db.h"
#include "unpack.h"

static const char synopsis[] =
    "usage: tenant-db unpack [--master FILE] [--root DIR] [--share DIR]\n"
    "           [--spool DIR] --key FILE | --passphrase-file FILE FILE\n";

static const struct option options[] = { { "help", no_argument, NULL, 'h' },
	{ "key", required_argument, NULL, 'K' },
	{ "master", required_argument, NULL, 'M' },
	{ "passphrase-file", required_argument, NULL, 'P' },
	{ "root", required_argument, NULL, 'r' },
	{ "share", required_argument, NULL, 'S' },
	{ "spool", required_argument, NULL, 's' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

static int
unpack(struct unpack *wish, int fd, struct failure *why)
{
	int result = -1;

	if (io_remove_tree(wish->queue.archive, wish->beside, why) == -1)
		return -1;
	if (mkdirat(wish->queue.archive, wish->beside, 0700) != 0)
		return failure_set(why, EXIT_AGAIN, "archive:");
	wish->restore = restore_open(wish->root, wish->slug, false, why);
	if (wish->restore != NULL && unpack_open(wish, fd, why) == 0)
		result = unpack_place(wish, why);
	if (wish->restore != NULL)
		restore_close(wish->restore);
	if (result == -1) {
		struct failure ignored;

		io_remove_tree(wish->queue.archive, wish->beside, &ignored);
	}
	return result;
}

/* ---- start ------------------------------------------------------------ */

/* Name and uuid are nobody else's here; an archive of its name only where
 * core knows of it, which a run that was cut off has left. */
static void
check_free(struct unpack *wish)
{
	struct sql_query *query;
	struct failure why;
	bool known = false;
	int got;

	query = sql_prepare(wish->core,
	    "SELECT slug, uuid FROM clients WHERE slug = ?1 OR uuid = ?2",
	    &why);
	if (query == NULL)
		die_failure(&why);
	sql_bind_text(query, 1, wish->slug);
	sql_bind_text(query, 2, wish->about.uuid);
	while ((got = sql_step(query, &why)) == 1) {
		known = strcmp(sql_text(query, 0), wish->slug) == 0 &&
		    strcmp(sql_text(query, 1), wish->about.uuid) == 0;
		if (!known)
			die(EXIT_WRONG,
			    "tenant %s, %s: its name or uuid is another's here",
			    wish->slug, wish->about.uuid);
	}
	if (got == -1)
		die_failure(&why);
	sql_query_free(query);
	if (access(arena_print(
		       &wish->arena, "%s/tenants/%s", wish->root, wish->slug),
		F_OK) == 0)
		die(EXIT_WRONG, "tenant %s: is there already", wish->slug);
	if (!known && faccessat(wish->queue.archive, wish->slug, F_OK, 0) == 0)
		die(EXIT_WRONG, "%s/archive/%s: is there already", wish->spool,
		    wish->slug);
}

static void
read_options(struct unpack *wish, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (c) {
		case 'S':
			wish->share = optarg;
			break;
		case 's':
			wish->spool = optarg;
			break;
		default:
			if (!secret_option(&wish->place, c))
				one_option(
				    &wish->root, &wish->slug, c, synopsis);
		}
	if (argc - optind != 1)
		arg_usage(synopsis, false);
	wish->file = argv[optind];
	wish->root = arg_root(wish->root);
	wish->share = arg_share(wish->share);
	if (wish->spool == NULL)
		wish->spool = arena_print(&wish->arena, "%s/spool", wish->root);
	wish->schema = arena_print(&wish->arena, "%s/schema", wish->share);
}

/* All that is needed but the file's content. */
static int
open_all(struct unpack *wish)
{
	int fd = open(wish->file, O_RDONLY | O_CLOEXEC);
	struct failure why;

	if (fd < 0)
		die(EXIT_WRONG, "%s:", wish->file);
	if (vault_peek(fd, wish->file, &wish->about, &why) == -1)
		die_failure(&why);
	wish->slug = wish->about.slug;
	snprintf(wish->beside, sizeof(wish->beside), ".unpack-%s", wish->slug);
	wish->secret = secret_must(&wish->place);
	wish->master = master_open(wish->place.master, wish->root);
	if (core_create(wish->root, wish->schema, &why) == -1 ||
	    (wish->core = core_open(wish->root, SQL_WRITE, &why)) == NULL ||
	    spool_open(&wish->queue, wish->spool, true, &why) == -1 ||
	    io_mkdirs(arena_print(&wish->arena, "%s/tenants", wish->root), 0711,
		&why) == -1)
		die_failure(&why);
	return fd;
}

static void
box(const struct unpack *wish)
{
	const struct box_path paths[] = { { wish->root, BOX_WRITE },
		{ wish->spool, BOX_WRITE }, { wish->share, BOX_READ } };

	box_paths(paths, sizeof(paths) / sizeof(*paths));
}

static void
close_all(struct unpack *wish)
{
	for (size_t i = 0; i < wish->keys; i++)
		vault_secret_free(wish->key[i]);
	if (wish->logins != NULL)
		explicit_bzero(wish->logins, strlen(wish->logins));
	free(wish->logins);
	json_decref(wish->client);
	vault_secret_free(wish->secret);
	vault_secret_free(wish->master);
	spool_close(&wish->queue);
	sql_close(wish->core);
	arena_free(&wish->arena);
}

int
unpack_main(int argc, char **argv)
{
	struct unpack wish = { .root = NULL };
	struct failure why;
	int fd, result;

	read_options(&wish, argc, argv);
	wish.actor = actor_name(&wish.arena);
	fd = open_all(&wish);
	io_stop_on_signals();
	box(&wish);
	check_free(&wish);
	result = unpack(&wish, fd, &why);
	close(fd);
	if (result == -1)
		result = chosen_failed(wish.slug, &why);
	close_all(&wish);
	return result;
}
