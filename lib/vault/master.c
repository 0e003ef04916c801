/* The master key: kept away from what it protects. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "vault/vault.h"

static bool
is_below(const char *path, const char *root)
{
	char real[PATH_MAX], real_root[PATH_MAX];
	size_t size;

	if (realpath(path, real) == NULL || realpath(root, real_root) == NULL)
		return false;
	size = strlen(real_root);
	return strncmp(real, real_root, size) == 0 && real[size] == '/';
}

struct vault_secret *
vault_master_read(const char *path, const char *root, struct failure *why)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	if (is_below(path, root)) {
		failure_set(why, EXIT_WRONG,
		    "%s: the master key must not lie below %s", path, root);
		return NULL;
	}
	return vault_secret_read(path, false, why);
}
