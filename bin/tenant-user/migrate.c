/* tenant-user migrate: bring access.db up to the schema of this program,
 * after a copy beside it. */
#include <getopt.h>
#include <string.h>

#include "base/box.h"
#include "tenant-user.h"

static const char synopsis[] =
    "usage: tenant-user migrate [-r root] [--share dir]\n";

static const struct option longs[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "root", required_argument, NULL, 'r' },
	{ "share", required_argument, NULL, 'S' },
	{ NULL, 0, NULL, 0 },
};

/* The copy is a new file of root. */
static void
box(const char *root, const char *share)
{
	const struct box_path paths[] = { { root, BOX_WRITE },
		{ share, BOX_READ }, { "/dev/urandom", BOX_READ } };
	struct failure why;

	if (box_enter(paths, sizeof paths / sizeof paths[0], BOX_NET_NONE,
		false, NULL, 0, &why) != 0)
		die_failure(&why);
}

int
user_migrate_main(int argc, char **argv)
{
	const char *root = NULL, *share = NULL;
	struct access *access;
	struct failure why;
	int letter;

	while ((letter = getopt_long(argc, argv, "hr:", longs, NULL)) != -1)
		switch (letter) {
		case 'r':
			root = optarg;
			break;
		case 'S':
			share = optarg;
			break;
		default:
			arg_usage(synopsis, letter == 'h');
		}
	if (argc != optind)
		arg_usage(synopsis, false);
	root = arg_root(root);
	share = arg_share(share);
	box(root, share);
	if (access_migrate(root, share, &why) != 0 ||
	    (access = access_open(root, &why)) == NULL ||
	    access_tenants_copy(access, root, &why) != 0)
		die_failure(&why);
	access_close(access);
	return EXIT_OK;
}
