/*
 * tenant-db: everything that is done to one tenant's database, or to the
 * operators' core.db. Each subcommand has its file here, its page and its
 * own rights.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tenant-db.h"

static const struct {
	const char *name;
	subcommand *run;
} subcommands[] = { { "create", create_main }, { "migrate", migrate_main },
	{ "put", put_main }, { "get", get_main }, { "append", append_main },
	{ "query", query_main }, { "judge", judge_main },
	{ "annul", annul_main }, { "correct", correct_main },
	{ "digest", digest_main }, { "move", move_main }, { "seal", seal_main },
	{ "check", check_main }, { "key", key_main }, { "backup", backup_main },
	{ "restore", restore_main }, { "status", status_main },
	{ "delete", delete_main }, { "prune", prune_main },
	{ "pack", pack_main }, { "unpack", unpack_main } };

static const char synopsis[] =
    "usage: tenant-db create|migrate|put|get|append|query|judge|move|seal ...\n"
    "       tenant-db annul|correct|digest|check|key|backup|restore ...\n"
    "       tenant-db prune|status|delete|pack|unpack ...\n"
    "       tenant-db subcommand -h\n"
    "       tenant-db -h | --version\n";

int
main(int argc, char **argv)
{
	err_name_set("tenant-db");
	umask(077);
	if (argc < 2)
		arg_usage(synopsis, false);
	if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)
		arg_usage(synopsis, true);
	if (strcmp(argv[1], "--version") == 0)
		arg_version();
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(*subcommands); i++)
		if (strcmp(subcommands[i].name, argv[1]) == 0) {
			argv[1] = argv[0]; /* who speaks, for getopt */
			return subcommands[i].run(argc - 1, argv + 1);
		}
	warn("%s: unknown subcommand", argv[1]);
	arg_usage(synopsis, false);
}
