/* A tenant leaves access.db. */
#include <stdio.h>

#include "store/access_own.h"

static int
run(struct sql *sql, const char *text, const char *tenant, struct failure *why)
{
	struct sql_query *query = sql_prepare(sql, text, why);
	int result;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, tenant);
	result = sql_done(query, why);
	sql_query_free(query);
	return result;
}

int
access_forget(struct access *access, const char *tenant, struct failure *why)
{
	struct sql *sql = access->sql;

	if (sql_run(sql, "PRAGMA secure_delete = ON", why) == -1 ||
	    sql_begin(sql, why) == -1)
		return -1;
	/* a slug has no letter that GLOB reads otherwise */
	if (run(sql, "DELETE FROM logins WHERE tenant = ?1", tenant, why) ==
		0 &&
	    run(sql, "DELETE FROM grants WHERE prefix GLOB '/' || ?1 || '/*'",
		tenant, why) == 0)
		return sql_commit(sql, true, why);
	sql_rollback(sql);
	return -1;
}
