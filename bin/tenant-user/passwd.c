/* tenant-user passwd and remove: a new password, or no login any more.
 * Both end all sessions of the login within a second. */
#include <getopt.h>
#include <string.h>

#include "base/clock.h"
#include "tenant-user.h"

static const char passwd_synopsis[] =
    "usage: tenant-user passwd [-r root]\n"
    "           [--ask | --password-in file | --password-out file] user\n";
static const char remove_synopsis[] =
    "usage: tenant-user remove [-r root] user\n";

static const struct option passwd_longs[] = {
	{ "ask", no_argument, NULL, 'a' },
	{ "help", no_argument, NULL, 'h' },
	{ "password-in", required_argument, NULL, 'i' },
	{ "password-out", required_argument, NULL, 'o' },
	{ "root", required_argument, NULL, 'r' },
	{ NULL, 0, NULL, 0 },
};
static const struct option remove_longs[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "root", required_argument, NULL, 'r' },
	{ NULL, 0, NULL, 0 },
};

struct options {
	const char *root, *name;
	struct password password;
};

static void
parse(struct options *options, const struct option *longs, const char *synopsis,
    int argc, char **argv)
{
	int letter;

	while ((letter = getopt_long(argc, argv, "hr:", longs, NULL)) != -1)
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
		case 'r':
			options->root = optarg;
			break;
		default:
			arg_usage(synopsis, false);
		}
	if (argc - optind != 1)
		arg_usage(synopsis, false);
	options->name = argv[optind];
	options->root = arg_root(options->root);
}

static void
find(struct access *access, const char *name, struct access_login *login)
{
	struct failure why;
	int got = access_find(access, name, login, &why);

	if (got < 0)
		die_failure(&why);
	if (got == 0)
		die(EXIT_REFUSED, "%s: no such login", name);
}

int
passwd_main(int argc, char **argv)
{
	struct options options = { .root = NULL };
	char hash[ACCESS_HASH_MAX];
	struct access_login login;
	struct access *access;
	struct failure why;

	parse(&options, passwd_longs, passwd_synopsis, argc, argv);
	access = user_open(options.root, NULL);
	find(access, options.name, &login);
	password_prepare(
	    &options.password, login.role, login.name, login.tenant);
	user_box(options.root);
	password_hash(&options.password, hash);
	if (access_password(
		access, login.name, hash, true, 0, clock_now_ms(), &why) != 1) {
		password_drop(&options.password);
		die_failure(&why);
	}
	password_finish(&options.password);
	access_close(access);
	return EXIT_OK;
}

int
remove_main(int argc, char **argv)
{
	struct options options = { .root = NULL };
	struct access_login login;
	struct access *access;
	struct failure why;

	parse(&options, remove_longs, remove_synopsis, argc, argv);
	access = user_open(options.root, NULL);
	user_box(options.root);
	find(access, options.name, &login);
	if (access_remove(access, login.name, &why) < 0)
		die_failure(&why);
	access_close(access);
	return EXIT_OK;
}
