/* How the subcommands get at their keys. */
#ifndef TENANT_DB_VAULT_H
#define TENANT_DB_VAULT_H

#include "base/mem.h"
#include "vault/ring.h"
#include "vault/vault.h"

/* Where the secret stands, by option: a key or a passphrase, or it is one that
 * the master key opens. */
struct secret_place {
	const char *key, *passphrase, *master;
};
/* Is it one of their options? 'K' --key, 'M' --master, 'P'
 * --passphrase-file. */
bool secret_option(struct secret_place *place, int option);
/* The key or passphrase, NULL where neither is given. Ends the program where
 * both are or it is none. */
struct vault_secret *secret_open(const struct secret_place *place);
/* The same, where there must be one. */
struct vault_secret *secret_must(const struct secret_place *place);

/* The master key, by option or from where it usually is; NULL where there is
 * none. Ends the program where it is not good. */
struct vault_secret *master_open(const char *option, const char *root);
/* The same, where there must be one. */
struct vault_secret *master_must(const char *option, const char *root);
/* root/keys, in the arena. */
const char *keys_folder(struct arena *arena, const char *root);

#endif
