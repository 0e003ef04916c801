/* A tenant moves into access.db, or leaves it. */
#include <string.h>

#include "base/mem.h"

#include "store/access_own.h"

#define COLUMNS                                                                \
	"role, status, password_hash, password_changed_at,"                    \
	" password_expires_at, must_change, created_at, last_login_at"

static const char pack[] =
    "SELECT json_object('name', name, 'role', role, 'status', status,"
    " 'password_hash', password_hash,"
    " 'password_changed_at', password_changed_at,"
    " 'password_expires_at', password_expires_at,"
    " 'must_change', must_change, 'created_at', created_at,"
    " 'last_login_at', last_login_at, 'grants',"
    " json((SELECT json_group_array(prefix) FROM grants"
    "  WHERE login_id = l.id)))"
    " FROM logins l WHERE tenant = ?1 ORDER BY name";
static const char insert[] =
    "INSERT INTO logins (name, tenant, " COLUMNS ") SELECT ?2->>'name', ?1,"
    " ?2->>'role', ?2->>'status', ?2->>'password_hash',"
    " ?2->>'password_changed_at', ?2->>'password_expires_at',"
    " ?2->>'must_change', ?2->>'created_at', ?2->>'last_login_at'";
static const char grant[] =
    "INSERT INTO grants (login_id, prefix) SELECT l.id, g.value"
    " FROM logins l, json_each(?2, '$.grants') g"
    " WHERE l.name = ?2->>'name' AND l.tenant = ?1"
    " AND g.value GLOB '/' || ?1 || '/*'";

int
access_forget(struct access *access, const char *tenant, struct failure *why)
{
	struct sql *sql = access->sql;

	if (sql_run(sql, "PRAGMA secure_delete = ON", why) == -1 ||
	    sql_begin(sql, why) == -1)
		return -1;
	/* a slug has no letter that GLOB reads otherwise */
	if (sql_run_text(sql, "DELETE FROM logins WHERE tenant = ?1", tenant,
		why) == 0 &&
	    sql_run_text(
		sql, "DELETE FROM tenants WHERE slug = ?1", tenant, why) == 0 &&
	    sql_run_text(sql,
		"DELETE FROM grants WHERE prefix GLOB '/' || ?1 || '/*'",
		tenant, why) == 0)
		return sql_commit(sql, true, why);
	sql_rollback(sql);
	return -1;
}

int
access_pack(struct access *access, const char *tenant, struct buf *out,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(access->sql, pack, why);
	int got;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, tenant);
	while ((got = sql_step(query, why)) == 1)
		buf_print(out, "%s\n", sql_text(query, 0));
	sql_query_free(query);
	return got;
}

static int
run_line(struct sql *sql, const char *text, const char *tenant,
    const char *line, struct failure *why)
{
	struct sql_query *query = sql_prepare(sql, text, why);
	int got;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, tenant);
	sql_bind_text(query, 2, line);
	got = sql_step(query, why);
	if (got == 1)
		got = failure_set(why, EXIT_WRONG,
		    "the login %s is there already", sql_text(query, 0));
	sql_query_free(query);
	return got;
}

/* What an unpacking that was cut off has left of it is written over. */
static int
add_line(
    struct sql *sql, const char *tenant, const char *line, struct failure *why)
{
	static const char *const steps[] = {
		"SELECT name FROM logins WHERE name = ?2->>'name'"
		" AND tenant IS NOT ?1",
		"DELETE FROM logins WHERE name = ?2->>'name' AND tenant = ?1",
		insert, grant
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (run_line(sql, steps[i], tenant, line, why) == -1)
			return -1;
	return 0;
}

int
access_unpack(struct access *access, const char *tenant, const char *lines,
    struct failure *why)
{
	struct arena arena = { 0 };
	int result = sql_begin(access->sql, why);

	while (result == 0 && *lines != '\0') {
		size_t size = strcspn(lines, "\n");

		result = add_line(
		    access->sql, tenant, arena_text(&arena, lines, size), why);
		lines += size + (lines[size] == '\n');
	}
	if (result == 0)
		result = sql_commit(access->sql, true, why);
	else
		sql_rollback(access->sql);
	arena_free(&arena);
	return result;
}
