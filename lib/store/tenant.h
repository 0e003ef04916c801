/* One tenant's database, and the core database of the operators. */
#ifndef STORE_TENANT_H
#define STORE_TENANT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/sql.h"

struct tenant;

/*
 * Open $root/tenants/<slug>/tenant.db. The slug is checked (io_slug_ok)
 * before it becomes a path. A database whose schema is older or newer than
 * ours is refused with EXIT_WRONG that names `tenant-db migrate`, and so is
 * one that says that it is another tenant's.
 */
struct tenant *tenant_open(const char *root, const char *slug,
    enum sql_mode mode, struct failure *why);
/* The same, to look at it, whosever it says that it is. */
struct tenant *tenant_open_any(
    const char *root, const char *slug, struct failure *why);
void tenant_close(struct tenant *tenant);
const char *tenant_slug(const struct tenant *tenant);
const char *tenant_zone(const struct tenant *tenant); /* client.timezone */
struct sql *tenant_sql(struct tenant *tenant);

/* Slugs of all tenants under root, sorted, in the arena. A root that is not
 * there is EXIT_WRONG; one without tenants has none. */
int tenant_list(const char *root, struct arena *arena, char ***slugs,
    size_t *count, struct failure *why);

/*
 * Make tenants/<slug>/ (0700) with an empty database after the numbered
 * files of schema_dir/tenant; with `core` its row of clients is copied to
 * the table client. It appears as a whole or not at all. EXIT_WRONG when it
 * is there already.
 */
int tenant_create(const char *root, const char *slug, const char *schema_dir,
    struct sql *core, struct failure *why);
/* Bring an older database up to the files of schema_dir, each in one
 * transaction, after a copy beside it (tenant.db.v1). 0 too when there is
 * nothing to do; a newer database is EXIT_WRONG. */
int tenant_migrate(const char *root, const char *slug, const char *schema_dir,
    struct failure *why);
/* Copy what a tenant may know of its row in core to its table client. */
int tenant_client_copy(struct sql *core, const char *slug, struct sql *tenant,
    struct failure *why);

/* The operators' database, $root/core.db; the same rules. core_create
 * leaves one that is there as it is. */
struct sql *core_open(
    const char *root, enum sql_mode mode, struct failure *why);
int core_create(const char *root, const char *schema_dir, struct failure *why);
int core_migrate(const char *root, const char *schema_dir, struct failure *why);

/* Its row id by slug; 0 where there is none, -1 with a failure. */
int64_t tenant_battery(
    struct tenant *tenant, const char *slug, struct failure *why);

#endif
