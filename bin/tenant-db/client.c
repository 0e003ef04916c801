/* A client's row of core.db, to where others may look: the table client of
 * its tenant, and access.db. */
#include "tenant-db.h"

struct access *
client_access(const char *root)
{
	struct access *access;
	struct failure why;

	if (access_open_there(root, &access, &why) == -1)
		die_failure(&why);
	return access;
}

static int
to_access(struct access *access, struct sql *core, const char *slug,
    struct failure *why)
{
	struct sql_query *query;
	int got;

	if (access == NULL)
		return 0;
	query = sql_prepare(
	    core, "SELECT status, max_users FROM clients WHERE slug = ?1", why);
	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, slug);
	got = sql_step(query, why);
	if (got == 1)
		got = access_tenant_set(access, slug, sql_text(query, 0),
		    sql_integer(query, 1), why);
	sql_query_free(query);
	return got;
}

int
client_copy(struct sql *core, struct access *access, const char *root,
    const char *slug, struct failure *why)
{
	struct tenant *tenant;
	int result = -1;

	/* who must not come in any more is stopped first */
	if (to_access(access, core, slug, why) == -1)
		return -1;
	tenant = tenant_open(root, slug, SQL_WRITE, why);
	if (tenant != NULL)
		result =
		    tenant_client_copy(core, slug, tenant_sql(tenant), why);
	if (result == 0)
		result = sql_sync(tenant_sql(tenant), why);
	tenant_close(tenant);
	return result;
}
