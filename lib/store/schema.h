/* Editions of a database's schema: the numbered files of share/schema. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "base/err.h"
#include "store/sql.h"

enum schema_kind { SCHEMA_OF_TENANT, SCHEMA_OF_CORE, SCHEMA_OF_ACCESS };

/*
 * Bring a database of this kind up to the newest file in
 * `schema_dir`/<kind>: all files in one transaction that is made durable.
 * With `copy` (may be NULL) a database that has an edition is first copied
 * to that path. Where a file fails the database stays as it was.
 */
int schema_migrate(struct sql *sql, enum schema_kind kind,
    const char *schema_dir, const char *copy, struct failure *why);
/* Is it a database of this kind and of the edition that we were built
 * for? EXIT_WRONG if not. */
int schema_check(struct sql *sql, const char *path, enum schema_kind kind,
    struct failure *why);
/* The edition of an open database. -1 with a failure. */
int64_t schema_edition(struct sql *sql, struct failure *why);

#endif
