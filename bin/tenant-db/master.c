/* Where the keys are: the master key outside of root, the others wrapped. */
#include "tenant-db.h"
#include "vault.h"

struct vault_secret *
master_open(const char *option, const char *root)
{
	const char *path = arg_master(option);
	struct vault_secret *master;
	struct failure why;

	if (path == NULL)
		return NULL;
	master = vault_master_read(path, root, &why);
	if (master == NULL)
		die_failure(&why);
	return master;
}

struct vault_secret *
master_must(const char *option, const char *root)
{
	struct vault_secret *master = master_open(option, root);

	if (master == NULL)
		die(EXIT_WRONG,
		    "there is no master key: see --master and "
		    "tenant-db-key(1)");
	return master;
}

const char *
keys_folder(struct arena *arena, const char *root)
{
	return arena_print(arena, "%s/keys", root);
}
