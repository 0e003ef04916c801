/*
 * tenant-db key: keys that are files of their own (create, pair, escrow,
 * recover), and those of tenants, wrapped by the master key (init, rotate).
 * And how backup and restore get at theirs: no core of a program that holds
 * one is written.
 */
#include <getopt.h>
#include <string.h>
#include <sys/resource.h>

#include "keys.h"
#include "tenant-db.h"
#include "vault/pair.h"

const char key_synopsis[] =
    "usage: tenant-db key create | pair FILE\n"
    "       tenant-db key escrow [--master FILE] --to PUBLIC FILE\n"
    "       tenant-db key recover --with SECRET FILE NEW\n"
    "       tenant-db key init [--master FILE] [--root DIR]\n"
    "           --all | --core | --tenant SLUG ...\n"
    "       tenant-db key rotate [--master FILE] [--root DIR]\n"
    "           --all | --core | --tenant SLUG ... | --to FILE\n";

static const struct option options[] = { { "help", no_argument, NULL, 'h' },
	{ "master", required_argument, NULL, 'm' },
	{ "to", required_argument, NULL, 'o' },
	{ "with", required_argument, NULL, 'w' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

struct wish {
	const char *master, *to, *with;
	char **file; /* operands */
};

static int
create(const struct wish *wish, struct failure *why)
{
	return vault_key_create(wish->file[0], why);
}

static int
pair(const struct wish *wish, struct failure *why)
{
	return pair_create(wish->file[0], why);
}

static int
escrow(const struct wish *wish, struct failure *why)
{
	struct vault_secret *master;
	int result;

	if (wish->to == NULL)
		arg_usage(key_synopsis, false);
	master = master_must(wish->master, "/nonexistent");
	result = pair_seal(wish->to, master, wish->file[0], why);
	vault_secret_free(master);
	return result;
}

static int
recover(const struct wish *wish, struct failure *why)
{
	struct vault_secret *key;
	int result;

	if (wish->with == NULL)
		arg_usage(key_synopsis, false);
	key = pair_open(wish->with, wish->file[0], why);
	if (key == NULL)
		return -1;
	result = pair_write(key, wish->file[1], why);
	vault_secret_free(key);
	return result;
}

static const struct {
	const char *name;
	int files; /* operands */
	int (*run)(const struct wish *wish, struct failure *why);
	subcommand *main; /* reads its options itself */
} commands[] = { { "create", 1, create, NULL }, { "pair", 1, pair, NULL },
	{ "escrow", 1, escrow, NULL }, { "recover", 2, recover, NULL },
	{ "init", 0, NULL, key_tenants_main },
	{ "rotate", 0, NULL, key_tenants_main } };

static size_t
find(const char *name)
{
	size_t i = 0, count = sizeof(commands) / sizeof(*commands);

	while (i < count && strcmp(commands[i].name, name) != 0)
		i++;
	if (i == count)
		arg_usage(key_synopsis, false);
	return i;
}

int
key_main(int argc, char **argv)
{
	struct wish wish = { .master = NULL };
	struct failure why;
	size_t n;
	int c;

	if (argc > 1 && argv[1][0] != '-') {
		n = find(argv[1]);
		if (commands[n].main != NULL)
			return commands[n].main(argc - 1, argv + 1);
	}
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (c) {
		case 'm':
			wish.master = optarg;
			break;
		case 'o':
			wish.to = optarg;
			break;
		case 'w':
			wish.with = optarg;
			break;
		case 'V':
			arg_version();
		default:
			arg_usage(key_synopsis, c == 'h');
		}
	if (optind == argc)
		arg_usage(key_synopsis, false);
	n = find(argv[optind]);
	wish.file = argv + optind + 1;
	if (commands[n].run == NULL || argc - optind - 1 != commands[n].files)
		arg_usage(key_synopsis, false);
	if (commands[n].run(&wish, &why) == -1)
		die_failure(&why);
	return EXIT_OK;
}

bool
secret_option(struct secret_place *place, int option)
{
	switch (option) {
	case 'K':
		place->key = optarg;
		return true;
	case 'M':
		place->master = optarg;
		return true;
	case 'P':
		place->passphrase = optarg;
		return true;
	default:
		return false;
	}
}

struct vault_secret *
secret_open(const struct secret_place *place)
{
	const struct rlimit none = { 0, 0 };
	const char *path = place->key != NULL ? place->key : place->passphrase;
	struct vault_secret *secret;
	struct failure why;

	if (place->key != NULL && place->passphrase != NULL)
		die(EXIT_WRONG, "give one of --key and --passphrase-file");
	if (path == NULL)
		return NULL;
	setrlimit(RLIMIT_CORE, &none);
	secret = vault_secret_read(path, place->key == NULL, &why);
	if (secret == NULL)
		die_failure(&why);
	return secret;
}

struct vault_secret *
secret_must(const struct secret_place *place)
{
	struct vault_secret *secret = secret_open(place);

	if (secret == NULL)
		die(EXIT_WRONG, "give one of --key and --passphrase-file");
	return secret;
}
