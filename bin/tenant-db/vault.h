/* What backup and restore share. */
#ifndef TENANT_DB_VAULT_H
#define TENANT_DB_VAULT_H

#include "vault/vault.h"

/* Where the secret stands: one of the two, by option. */
struct secret_place {
	const char *key, *passphrase;
};
/* Ends the program where there is none or it is none. */
struct vault_secret *secret_open(const struct secret_place *place);

#endif
