/*
 * spool: the durable queue between field and store. The subcommands: put
 * (lines in), each (lines to a pipeline, again and again until they are
 * safe there) and replay (lines out of the archive).
 */
#include <string.h>

#include "base/arg.h"
#include "base/err.h"
#include "spool_main.h"

static const char synopsis[] =
    "usage: spool put [-l size] dir\n"
    "       spool each [-1] [-k duration] [-m file] [-p duration] [-r dir]\n"
    "             [-s duration] dir -- stage [arg ...] ['|' stage [arg ...]] "
    "...\n"
    "       spool replay -t tenant [-d device] [-f time] [-g gen] [-m file]\n"
    "             [-p profile] [-r dir] [-u time] dir\n";

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = { { "put", put_main }, { "each", each_main },
	{ "replay", replay_main } };

int
main(int argc, char **argv)
{
	size_t i;

	err_name_set("spool");
	if (argc < 2)
		arg_usage(synopsis, false);
	if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)
		arg_usage(synopsis, true);
	if (strcmp(argv[1], "--version") == 0)
		arg_version();
	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0) {
			argv[1] = argv[0]; /* who speaks, for getopt */
			return commands[i].run(argc - 1, argv + 1);
		}
	warn("there is no \"%s\"", argv[1]);
	arg_usage(synopsis, false);
}
