/* How the subcommands get at their keys. */
#ifndef TENANT_DB_VAULT_H
#define TENANT_DB_VAULT_H

#include "base/mem.h"
#include "vault/ring.h"
#include "vault/vault.h"

/* Where the secret stands: one of the two, by option. */
struct secret_place {
	const char *key, *passphrase;
};
/* Ends the program where there is none or it is none. */
struct vault_secret *secret_open(const struct secret_place *place);

/* The master key, by option or from where it usually is; NULL where there is
 * none. Ends the program where it is not good. */
struct vault_secret *master_open(const char *option, const char *root);
/* The same, where there must be one. */
struct vault_secret *master_must(const char *option, const char *root);
/* root/keys, in the arena. */
const char *keys_folder(struct arena *arena, const char *root);

#endif
