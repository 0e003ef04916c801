/* tenant-user init: make access.db and its first login (rule D1). */
#include <getopt.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "tenant-user.h"

static const char synopsis[] =
    "usage: tenant-user init [-r root] [-t tenant] [--password-out file]\n"
    "           [--share dir] user\n";

static const struct option longs[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "password-out", required_argument, NULL, 'o' },
	{ "root", required_argument, NULL, 'r' },
	{ "share", required_argument, NULL, 'S' },
	{ "tenant", required_argument, NULL, 't' },
	{ NULL, 0, NULL, 0 },
};

struct options {
	const char *root, *share, *tenant, *name;
	struct password password;
};

static void
parse(struct options *options, int argc, char **argv)
{
	int letter;

	while ((letter = getopt_long(argc, argv, "hr:t:", longs, NULL)) != -1)
		switch (letter) {
		case 'h':
			arg_usage(synopsis, true);
		case 'o':
			options->password.out = optarg;
			break;
		case 'r':
			options->root = optarg;
			break;
		case 'S':
			options->share = optarg;
			break;
		case 't':
			options->tenant = optarg;
			break;
		default:
			arg_usage(synopsis, false);
		}
	if (argc - optind != 1)
		arg_usage(synopsis, false);
	options->name = argv[optind];
	options->root = arg_root(options->root);
	options->share = arg_share(options->share);
	user_name_check(options->name);
	if (options->tenant != NULL)
		user_tenant_check(options->root, options->tenant);
}

/* Only where nobody administers yet. */
static void
empty_check(struct access *access)
{
	struct failure why;
	int64_t count = access_admins(access, &why);

	if (count == -1)
		die_failure(&why);
	if (count > 0)
		die(EXIT_WRONG,
		    "there is an admin already; "
		    "use tenant-user add or passwd");
}

int
init_main(int argc, char **argv)
{
	struct options options = { .root = NULL };
	struct access_login login = { .must_change = true };
	struct access_grants grants = { .count = 0 };
	struct access *access;
	struct failure why;

	parse(&options, argc, argv);
	access = user_open(options.root, options.share);
	empty_check(access);
	if (access_tenants_copy(access, options.root, &why) == -1)
		die_failure(&why);
	user_login_fill(&login, options.name, options.tenant,
	    options.tenant != NULL ? "admin" : "super_admin");
	if (options.tenant != NULL)
		user_grant(&grants, options.tenant, NULL);
	password_prepare(
	    &options.password, login.role, login.name, login.tenant);
	user_box(options.root);
	password_hash(&options.password, login.hash);
	login.expires_ms = clock_now_ms() + DAY_MS;
	user_add(access, &login, &grants, &options.password);
	access_close(access);
	return EXIT_OK;
}
