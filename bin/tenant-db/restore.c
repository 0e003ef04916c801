/*
 * tenant-db restore: a sealed backup becomes a tenant's database again. It
 * is opened beside its place, checked, and put there as a whole.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/box.h"
#include "store/backup.h"
#include "tenant-db.h"
#include "vault.h"

static const char synopsis[] =
    "usage: tenant-db restore [--replace] [--root DIR] [--share DIR]\n"
    "           --key FILE | --passphrase-file FILE --tenant SLUG FILE\n";

static const struct option options[] = { { "help", no_argument, NULL, 'h' },
	{ "key", required_argument, NULL, 'K' },
	{ "passphrase-file", required_argument, NULL, 'P' },
	{ "replace", no_argument, NULL, 'R' },
	{ "root", required_argument, NULL, 'r' },
	{ "share", required_argument, NULL, 's' },
	{ "tenant", required_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

struct wish {
	const char *root, *share, *slug, *file;
	struct secret_place place;
	bool replace;
};

static void
say(void *slug, const char *text)
{
	warn("%s: %s", (const char *)slug, text);
}

static int
restore(const struct wish *wish, const struct vault_secret *secret, int fd,
    struct arena *arena, struct failure *why)
{
	struct check check = { .say = say,
		.context = (void *)(uintptr_t)wish->slug,
		.stop = io_stopping };
	struct restore *restore =
	    restore_open(wish->root, wish->slug, wish->replace, why);
	struct vault_about about;
	int result;

	if (restore == NULL)
		return -1;
	result = vault_open(secret, wish->slug, fd, restore_fd(restore),
	    wish->file, &about, why);
	if (result == 0 && io_stopping())
		result = failure_set(why, EXIT_AGAIN, "was stopped");
	if (result == 0)
		result = restore_finish(restore,
		    arena_print(arena, "%s/schema", wish->share), about.uuid,
		    &check, why);
	restore_close(restore);
	return result;
}

/* Give up rights but for the folder in which a tenant's is made. */
static void
box(const struct wish *wish, struct arena *arena)
{
	const struct box_path paths[] = {
		{ arena_print(arena, "%s/tenants", wish->root), BOX_WRITE },
		{ wish->share, BOX_READ }, { "/usr/share/zoneinfo", BOX_READ },
		{ "/dev/urandom", BOX_READ }
	};
	struct failure why;

	if (io_mkdirs(paths[0].path, 0711, &why) == -1 ||
	    box_enter(paths, sizeof(paths) / sizeof(*paths), BOX_NET_NONE,
		false, NULL, 0, &why) == -1)
		die_failure(&why);
}

static void
read_options(struct wish *wish, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "ht:", options, NULL)) != -1)
		switch (c) {
		case 'K':
			wish->place.key = optarg;
			break;
		case 'P':
			wish->place.passphrase = optarg;
			break;
		case 'R':
			wish->replace = true;
			break;
		case 'r':
			wish->root = optarg;
			break;
		case 's':
			wish->share = optarg;
			break;
		case 't':
			wish->slug = optarg;
			break;
		case 'V':
			arg_version();
		default:
			arg_usage(synopsis, c == 'h');
		}
	if (argc - optind != 1 || wish->slug == NULL)
		arg_usage(synopsis, false);
	wish->file = argv[optind];
	wish->root = arg_root(wish->root);
	wish->share = arg_share(wish->share);
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
	secret = secret_open(&wish.place);
	fd = open(wish.file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(EXIT_WRONG, "%s:", wish.file);
	io_stop_on_signals();
	box(&wish, &arena);
	result = restore(&wish, secret, fd, &arena, &why);
	close(fd);
	vault_secret_free(secret);
	arena_free(&arena);
	if (result == -1) {
		warn("%s: %s", wish.slug, why.message);
		return (int)why.status;
	}
	return EXIT_OK;
}
