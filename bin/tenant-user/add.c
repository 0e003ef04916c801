/* tenant-user add: one more login of a tenant, and what it sees. */
#include <getopt.h>
#include <string.h>

#include "base/io.h"
#include "tenant-user.h"

static const char synopsis[] =
    "usage: tenant-user add [-r root] -t tenant --role role [--view view]...\n"
    "           [--ask | --password-in file | --password-out file]\n"
    "           [--share dir] user\n";

static const char *const roles[] = { "admin", "operator", "viewer", "readonly",
	NULL };

static const struct option longs[] = {
	{ "ask", no_argument, NULL, 'a' },
	{ "help", no_argument, NULL, 'h' },
	{ "password-in", required_argument, NULL, 'i' },
	{ "password-out", required_argument, NULL, 'o' },
	{ "role", required_argument, NULL, 'R' },
	{ "root", required_argument, NULL, 'r' },
	{ "share", required_argument, NULL, 'S' },
	{ "tenant", required_argument, NULL, 't' },
	{ "view", required_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 },
};

struct options {
	const char *root, *share, *tenant, *role, *name;
	const char *view[ACCESS_GRANTS_MAX];
	size_t views;
	struct password password;
};

static void
view_add(struct options *options, const char *view)
{
	if (!io_slug_ok(view))
		die(EXIT_WRONG, "--view: \"%s\" is no view's slug", view);
	if (options->views == ACCESS_GRANTS_MAX)
		die(EXIT_WRONG, "--view: more than %d", ACCESS_GRANTS_MAX);
	options->view[options->views++] = view;
}

static void
check(struct options *options)
{
	size_t n = 0;

	if (options->tenant == NULL || options->role == NULL)
		die(EXIT_WRONG, "--tenant and --role are needed");
	while (roles[n] != NULL && strcmp(roles[n], options->role) != 0)
		n++;
	if (roles[n] == NULL)
		die(EXIT_WRONG,
		    "--role: %s: not admin, operator, viewer or "
		    "readonly",
		    options->role);
	if ((n == 0) != (options->views == 0))
		die(EXIT_WRONG,
		    n == 0 ? "an admin sees all views: no --view"
			   : "--view: name at least one view");
	options->root = arg_root(options->root);
	options->share = arg_share(options->share);
	user_name_check(options->name);
	user_tenant_check(options->root, options->tenant);
}

static void
parse(struct options *options, int argc, char **argv)
{
	int letter;

	while ((letter = getopt_long(argc, argv, "hr:t:", longs, NULL)) != -1)
		switch (letter) {
		case 'a':
			options->password.ask = true;
			break;
		case 'h':
			arg_usage(synopsis, true);
		case 'i':
			options->password.in = optarg;
			break;
		case 'o':
			options->password.out = optarg;
			break;
		case 'R':
			options->role = optarg;
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
		case 'v':
			view_add(options, optarg);
			break;
		default:
			arg_usage(synopsis, false);
		}
	if (argc - optind != 1)
		arg_usage(synopsis, false);
	options->name = argv[optind];
	check(options);
}

static void
free_check(struct access *access, const char *name)
{
	struct access_login login;
	struct failure why;
	int got = access_find(access, name, &login, &why);

	if (got < 0)
		die_failure(&why);
	if (got == 1)
		die(EXIT_REFUSED, "%s: the name is taken", name);
}

static void
archived_check(struct access *access, const char *tenant)
{
	struct failure why;
	int got = access_tenant_is(access, tenant, "archived", &why);

	if (got < 0)
		die_failure(&why);
	if (got == 1)
		die(EXIT_WRONG,
		    "tenant %s is archived: nothing of it is changed", tenant);
}

int
add_main(int argc, char **argv)
{
	struct options options = { .root = NULL };
	struct access_login login = { .must_change = true };
	struct access_grants grants = { .count = 0 };
	struct access *access;

	parse(&options, argc, argv);
	access = user_open(options.root, options.share);
	free_check(access, options.name);
	archived_check(access, options.tenant);
	user_login_fill(&login, options.name, options.tenant, options.role);
	if (options.views == 0)
		user_grant(&grants, options.tenant, NULL);
	for (size_t i = 0; i < options.views; i++)
		user_grant(&grants, options.tenant, options.view[i]);
	password_prepare(
	    &options.password, login.role, login.name, login.tenant);
	user_box(options.root);
	password_hash(&options.password, login.hash);
	user_add(access, &login, &grants, &options.password);
	access_close(access);
	return EXIT_OK;
}
