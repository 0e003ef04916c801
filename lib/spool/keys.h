/* The keys of the raw archive: root/keys/archive, a file for each tenant. */
#ifndef SPOOL_KEYS_H
#define SPOOL_KEYS_H

#include "base/err.h"
#include "vault/ring.h"

struct spool_keys;
/* The ring in this folder, which need not be there; the master key is not
 * needed any more. NULL with a failure. */
struct spool_keys *spool_keys_open(
    const struct vault_secret *master, const char *folder, struct failure *why);
void spool_keys_close(struct spool_keys *keys); /* NULL is allowed */

/*
 * The newest key of a tenant (version 0) or a certain one. 1 with the key,
 * which stays ours until the next call; 0 the tenant has none; -1 with a
 * failure.
 */
int spool_keys_get(struct spool_keys *keys, const char *tenant,
    unsigned version, const struct vault_secret **key, struct failure *why);

#endif
