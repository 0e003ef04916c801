/* What access.c and access_session.c share. */
#ifndef STORE_ACCESS_OWN_H
#define STORE_ACCESS_OWN_H

#include "store/access.h"

/* Of a row of logins: its tenant is one that nobody may come in to. */
#define ACCESS_SHUT                                                            \
	"EXISTS (SELECT 1 FROM tenants t WHERE t.slug = logins.tenant AND "    \
	"t.status IN ('suspended', 'archived'))"

struct access {
	struct sql *sql;
};

/* One statement inside a durable transaction of its own: run (without
 * rows), commit, free. 1 when it changed a row, 0 when none, -1. A NULL
 * query (not prepared) is -1 with the failure that stands in why. */
int access_run(
    struct access *access, struct sql_query *query, struct failure *why);

#endif
