/* The tenants that a program was started for, and its box round them. */
#ifndef STORE_CHOSEN_H
#define STORE_CHOSEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arg.h"
#include "base/err.h"
#include "base/mem.h"

/* Slugs by --tenant as given, or by --all as they are now; in the arena. */
int chosen_list(const char *root, const struct arg_tenants *tenants,
    struct arena *arena, const char *const **slugs, size_t *count,
    struct failure *why);

/*
 * Give up all rights but: these tenants' folders and zoneinfo and, with
 * `site`, these tenants' sites. No network, no programs.
 */
int chosen_box(const char *root, const char *const *slugs, size_t count,
    bool site, struct failure *why);

/* The worse of two exit statuses: configuration, then the world, then
 * refused records. */
int chosen_worse(int status, int other);

/* Say why a tenant failed, behind its name, and return the exit status:
 * that one fails does not keep others from theirs. */
int chosen_failed(const char *slug, const struct failure *why);

#endif
