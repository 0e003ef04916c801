/* Where a tenant's files lie. */
#ifndef STORE_TENANT_PATH_H
#define STORE_TENANT_PATH_H

#include "base/err.h"

#define TENANT_PATH_MAX 4096

/* root/tenants/<slug>/<file>; "" for the folder itself. -1 where the slug
 * is none or the path does not fit. */
int tenant_path(char path[TENANT_PATH_MAX], const char *root, const char *slug,
    const char *file, struct failure *why);

/* Is there such a tenant? EXIT_WRONG if not. Links are refused: what lies
 * behind one may be another tenant's. */
int tenant_check(const char *root, const char *slug, struct failure *why);

/* Only one backup or restore of a tenant at a time: a descriptor that holds
 * the lock until it is closed, or -1 with a failure. */
int tenant_lock(const char *root, const char *slug, struct failure *why);
int tenant_lock_folder(const char *path, struct failure *why);

#endif
