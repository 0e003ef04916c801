/* The keys of tenants and of core.db: tenant-db key, create and their like. */
#ifndef TENANT_DB_KEYS_H
#define TENANT_DB_KEYS_H

#include "store/sealed.h"
#include "tenant-db.h"
#include "vault.h"

/* The newest data key of this database (SEALED_CORE or a tenant's uuid); one
 * more is made where that is not above this version (0: where there is none);
 * and with a slug the key of its archive, of the same version. NULL with a
 * failure; free it. */
struct vault_secret *keys_make(const struct vault_secret *master,
    const char *root, const char *id, const char *slug, int above,
    struct failure *why);
/* Note in core.db which key a tenant has, and say so in its log. */
int keys_note(struct sql *core, const char *slug, const char *uuid,
    unsigned version, const char *actor, const char *event,
    struct failure *why);
/* The file of the key that a tenant's database is sealed with, in the arena;
 * NULL where there is none or it cannot be known. */
const char *keys_file(const char *root, const char *slug, struct arena *arena);
/* uuid (37 bytes) of a client: 1, 0 there is none, -1 with a failure. */
int keys_uuid(
    struct sql *core, const char *slug, char *uuid, struct failure *why);

/* What tenant-db key init and rotate do, by their name in argv[0]. */
subcommand key_tenants_main;
/* The usage of all of tenant-db key. */
extern const char key_synopsis[];

#endif
