/* Where a tenant's files lie. */
#ifndef STORE_TENANT_PATH_H
#define STORE_TENANT_PATH_H

#include "base/err.h"

#define TENANT_PATH_MAX 4096

/* root/tenants/<slug>/<file>; "" for the folder itself. -1 where the slug
 * is none or the path does not fit. */
int tenant_path(char path[TENANT_PATH_MAX], const char *root,
    const char *slug, const char *file, struct failure *why);

#endif
