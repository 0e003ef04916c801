/*
 * tenant-db key: make the key that backups are sealed with. And how backup
 * and restore get at it: no core of a program that holds one is written.
 */
#include <getopt.h>
#include <string.h>
#include <sys/resource.h>

#include "tenant-db.h"
#include "vault.h"

static const char synopsis[] = "usage: tenant-db key create FILE\n";

static const struct option options[] = { { "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

int
key_main(int argc, char **argv)
{
	struct failure why;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		if (c == 'V')
			arg_version();
		else
			arg_usage(synopsis, c == 'h');
	if (argc - optind != 2 || strcmp(argv[optind], "create") != 0)
		arg_usage(synopsis, false);
	if (vault_key_create(argv[optind + 1], &why) == -1)
		die_failure(&why);
	return EXIT_OK;
}

struct vault_secret *
secret_open(const struct secret_place *place)
{
	const struct rlimit none = { 0, 0 };
	const char *path = place->key != NULL ? place->key : place->passphrase;
	struct vault_secret *secret;
	struct failure why;

	if ((place->key == NULL) == (place->passphrase == NULL))
		die(EXIT_WRONG, "give one of --key and --passphrase-file");
	setrlimit(RLIMIT_CORE, &none);
	secret = vault_secret_read(path, place->key == NULL, &why);
	if (secret == NULL)
		die_failure(&why);
	return secret;
}
