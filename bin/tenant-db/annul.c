/*
 * tenant-db annul: values that are not to be believed. The rows stay; who
 * reads them sees the value no more, and all that was derived follows.
 */
#include "amend.h"

static const char synopsis[] =
    "usage: tenant-db annul [--by NAME] [--item N] [--kind KIND] [--root DIR]\n"
    "           --battery SLUG --measurement NAME[,NAME ...] --reason TEXT\n"
    "           --tenant SLUG --time TIME | [--from TIME] [--to TIME]\n"
    "       tenant-db annul [--by NAME] [--root DIR] --reason TEXT\n"
    "           --tenant SLUG --undo ID\n"
    "       tenant-db annul [--by NAME] [--reason TEXT] [--reject FILE]\n"
    "           [--root DIR] --tenant SLUG [FILE ...]\n";

static const struct option options[] = { AMEND_OPTIONS };

int
annul_main(int argc, char **argv)
{
	struct amend amend = { .synopsis = synopsis, .wish = json_object() };
	int c;

	while (
	    (c = getopt_long(argc, argv, "b:f:hm:t:u:", options, NULL)) != -1)
		amend_option(&amend, c);
	return amend_run(&amend, argc, argv);
}
