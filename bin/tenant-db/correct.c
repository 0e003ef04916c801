/*
 * tenant-db correct: values as a person knows that they were. The rows stay;
 * who reads them sees the new value, and all that was derived follows.
 */
#include <string.h>

#include "amend.h"

static const char synopsis[] =
    "usage: tenant-db correct [--by NAME] [--item N] [--kind KIND] [--root "
    "DIR]\n"
    "           --battery SLUG --measurement NAME[,NAME ...] --reason TEXT\n"
    "           --tenant SLUG --time TIME | [--from TIME] [--to TIME]\n"
    "           --value VALUE | [--offset NUMBER] [--scale NUMBER]\n"
    "       tenant-db correct [--by NAME] [--root DIR] --reason TEXT\n"
    "           --tenant SLUG --undo ID\n"
    "       tenant-db correct [--by NAME] [--reason TEXT] [--reject FILE]\n"
    "           [--root DIR] --tenant SLUG [FILE ...]\n";

static const struct option options[] = { { "offset", required_argument, NULL,
					     'O' },
	{ "scale", required_argument, NULL, 'S' },
	{ "value", required_argument, NULL, 'v' }, AMEND_OPTIONS };

/* A value is JSON; what is none is a word or text. */
static void
set_value(struct amend *amend, const char *name)
{
	struct failure why;
	json_t *value = json_read(optarg, strlen(optarg), &why);

	if (value == NULL)
		value = json_string(optarg);
	if (value == NULL)
		die(EXIT_WRONG, "--%s: is no UTF-8", name);
	json_object_set_new(amend->wish, name, value);
}

int
correct_main(int argc, char **argv)
{
	struct amend amend = {
		.synopsis = synopsis, .correct = true, .wish = json_object()
	};
	int c;

	while (
	    (c = getopt_long(argc, argv, "b:f:hm:t:u:v:", options, NULL)) != -1)
		if (c == 'v')
			set_value(&amend, "value");
		else if (c == 'O' || c == 'S')
			set_value(&amend, c == 'O' ? "offset" : "scale");
		else
			amend_option(&amend, c);
	return amend_run(&amend, argc, argv);
}
