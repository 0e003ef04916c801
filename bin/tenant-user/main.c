/*
 * tenant-user: who may log in to the site and what they see. Opens
 * access.db and nothing of any tenant. Passwords come from a file, a
 * descriptor or the terminal, never from the command line.
 */
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tenant-user.h"

static const struct {
	const char *name;
	subcommand *run;
} subcommands[] = {
	{ "init", init_main },
	{ "add", add_main },
	{ "list", list_main },
	{ "migrate", user_migrate_main },
	{ "passwd", passwd_main },
	{ "remove", remove_main },
};

static const char synopsis[] =
    "usage: tenant-user init|add|list|migrate|passwd|remove ...\n"
    "       tenant-user subcommand -h\n"
    "       tenant-user -h | --version\n";

int
main(int argc, char **argv)
{
	struct rlimit core = { 0, 0 };

	err_name_set("tenant-user");
	umask(077);
	setrlimit(RLIMIT_CORE, &core);
	if (argc < 2)
		arg_usage(synopsis, false);
	if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)
		arg_usage(synopsis, true);
	if (strcmp(argv[1], "--version") == 0)
		arg_version();
	if (!secret_start())
		die(EXIT_AGAIN, "no source of random numbers");
	for (size_t i = 0; i < sizeof subcommands / sizeof subcommands[0]; i++)
		if (strcmp(subcommands[i].name, argv[1]) == 0) {
			argv[1] = argv[0]; /* who speaks, for getopt */
			return subcommands[i].run(argc - 1, argv + 1);
		}
	warn("%s: unknown subcommand", argv[1]);
	arg_usage(synopsis, false);
}
