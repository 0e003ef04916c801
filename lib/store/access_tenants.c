/* access.db: what it must know of the clients of core.db. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "store/access_own.h"
#include "store/tenant.h"

#define PATH_SIZE 4096

static bool
there(const char *path)
{
	return faccessat(AT_FDCWD, path, F_OK, 0) == 0;
}

static int
put(struct access *access, const char *slug, const char *status,
    int64_t max_users, struct failure *why)
{
	struct sql_query *query = sql_prepare(access->sql,
	    "INSERT OR REPLACE INTO tenants (slug, status, max_users) "
	    "VALUES (?1, ?2, ?3)",
	    why);
	int result;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, slug);
	sql_bind_text(query, 2, status);
	sql_bind_integer(query, 3, max_users);
	result = sql_done(query, why);
	sql_query_free(query);
	return result;
}

static int
end_sessions(struct access *access, struct failure *why)
{
	return sql_run(access->sql,
	    "DELETE FROM sessions WHERE login_id IN "
	    "(SELECT id FROM logins WHERE " ACCESS_SHUT ")",
	    why);
}

/* The end of a transaction in which `done` was the last result. */
static int
finish(struct access *access, int done, struct failure *why)
{
	if (done == 0)
		done = end_sessions(access, why);
	if (done == 0)
		return sql_commit(access->sql, true, why);
	sql_rollback(access->sql);
	return -1;
}

int
access_open_there(const char *root, struct access **access, struct failure *why)
{
	char path[PATH_SIZE];

	*access = NULL;
	if (snprintf(path, sizeof path, "%s/access.db", root) >=
		(int)sizeof path ||
	    !there(path))
		return 0;
	*access = access_open(root, why);
	return *access == NULL ? -1 : 0;
}

int
access_tenant_set(struct access *access, const char *slug, const char *status,
    int64_t max_users, struct failure *why)
{
	if (sql_begin(access->sql, why) == -1)
		return -1;
	return finish(access, put(access, slug, status, max_users, why), why);
}

static int
copy_all(struct access *access, struct sql *core, struct failure *why)
{
	struct sql_query *query = sql_prepare(
	    core, "SELECT slug, status, max_users FROM clients", why);
	int got = -1;

	while (query != NULL && (got = sql_step(query, why)) == 1)
		if (put(access, sql_text(query, 0), sql_text(query, 1),
			sql_integer(query, 2), why) == -1) {
			got = -1;
			break;
		}
	sql_query_free(query);
	return got;
}

int
access_tenants_copy(
    struct access *access, const char *root, struct failure *why)
{
	char path[PATH_SIZE];
	struct sql *core;
	int result = -1;

	if (snprintf(path, sizeof path, "%s/core.db", root) >=
		(int)sizeof path ||
	    !there(path))
		return 0;
	core = core_open(root, SQL_READ, why);
	if (core == NULL)
		return -1;
	if (sql_begin(access->sql, why) == 0)
		result = finish(access, copy_all(access, core, why), why);
	sql_close(core);
	return result;
}

int
access_tenant_is(struct access *access, const char *slug, const char *status,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(access->sql,
	    "SELECT 1 FROM tenants WHERE slug = ?1 AND status = ?2", why);
	int got;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, slug);
	sql_bind_text(query, 2, status);
	got = sql_step(query, why);
	sql_query_free(query);
	return got;
}
