/* access.db: opening it, and its logins. */
#include "store/access.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/access_own.h"
#include "store/schema.h"

#define COLUMNS                                                                \
	"id, name, tenant, role, password_hash, "                              \
	"CASE WHEN " ACCESS_SHUT " THEN 'inactive' ELSE status END, "          \
	"must_change, password_expires_at, last_login_at"

int
access_run(struct access *access, struct sql_query *query, struct failure *why)
{
	int got = -1;

	if (query == NULL)
		return -1;
	if (sql_begin(access->sql, why) == 0) {
		got = sql_done(query, why);
		if (got == 0)
			got = sql_changes(access->sql) > 0;
		if (got < 0 || sql_commit(access->sql, true, why) != 0) {
			sql_rollback(access->sql);
			got = -1;
		}
	}
	sql_query_free(query);
	return got;
}

static struct access *
open_as(const char *path, enum sql_mode mode, struct failure *why)
{
	struct access *access = mem_zero(1, sizeof *access);

	access->sql = sql_open(path, mode, why);
	if (access->sql != NULL)
		return access;
	free(access);
	return NULL;
}

struct access *
access_open(const char *root, struct failure *why)
{
	struct buf path = { 0 };
	struct access *access = NULL;
	struct stat st;

	buf_print(&path, "%s/access.db", root);
	if (stat(path.data, &st) != 0)
		failure_set(why, EXIT_WRONG,
		    "%s (tenant-user init makes it):", path.data);
	else if ((st.st_mode & 077) != 0)
		failure_set(why, EXIT_WRONG,
		    "%s: others may read it; chmod 600", path.data);
	else
		access = open_as(path.data, SQL_WRITE, why);
	if (access != NULL &&
	    schema_check(access->sql, path.data, SCHEMA_OF_ACCESS, why) != 0) {
		access_close(access);
		access = NULL;
	}
	buf_free(&path);
	return access;
}

/* What is there already stays as it is. */
static int
schema_make(struct access *access, const char *share, struct failure *why)
{
	struct buf path = { 0 };
	int64_t edition = schema_edition(access->sql, why);
	int made;

	if (edition != 0)
		return edition > 0 ? 0 : -1;
	buf_print(&path, "%s/schema", share);
	made =
	    schema_migrate(access->sql, SCHEMA_OF_ACCESS, path.data, NULL, why);
	buf_free(&path);
	return made;
}

struct access *
access_create(const char *root, const char *share, struct failure *why)
{
	struct buf path = { 0 };
	struct access *access = NULL;
	int fd;

	buf_print(&path, "%s/access.db", root);
	fd = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		failure_set(why, EXIT_AGAIN, "%s:", path.data);
	} else {
		close(fd);
		access = open_as(path.data, SQL_CREATE, why);
	}
	buf_free(&path);
	if (access != NULL && schema_make(access, share, why) != 0) {
		access_close(access);
		return NULL;
	}
	if (access == NULL)
		return NULL;
	access_close(access);
	return access_open(root, why);
}

static int
migrate(
    struct sql *sql, const char *path, const char *share, struct failure *why)
{
	struct buf folder = { 0 }, copy = { 0 };
	int64_t edition = schema_edition(sql, why);
	int result = -1;

	buf_print(&folder, "%s/schema", share);
	buf_print(&copy, "%s.v%lld", path, (long long)edition);
	if (edition == 0)
		failure_set(why, EXIT_WRONG, "%s: is empty", path);
	else if (edition > 0)
		result = schema_migrate(
		    sql, SCHEMA_OF_ACCESS, folder.data, copy.data, why);
	buf_free(&folder);
	buf_free(&copy);
	return result;
}

int
access_migrate(const char *root, const char *share, struct failure *why)
{
	struct buf path = { 0 };
	struct sql *sql;
	int result = -1;

	buf_print(&path, "%s/access.db", root);
	sql = sql_open(path.data, SQL_WRITE, why);
	if (sql != NULL)
		result = migrate(sql, path.data, share, why);
	sql_close(sql);
	buf_free(&path);
	return result;
}

void
access_close(struct access *access)
{
	if (access == NULL)
		return;
	sql_close(access->sql);
	free(access);
}

int64_t
access_version(struct access *access, struct failure *why)
{
	return sql_ask(access->sql, "PRAGMA data_version", NULL, 0, why);
}

static void
text_take(char *out, size_t room, const char *text)
{
	snprintf(out, room, "%s", text != NULL ? text : "");
}

static void
login_take(struct sql_query *query, struct access_login *login)
{
	const char *status = sql_text(query, 5);

	memset(login, 0, sizeof *login);
	login->id = sql_integer(query, 0);
	text_take(login->name, sizeof login->name, sql_text(query, 1));
	text_take(login->tenant, sizeof login->tenant, sql_text(query, 2));
	text_take(login->role, sizeof login->role, sql_text(query, 3));
	text_take(login->hash, sizeof login->hash, sql_text(query, 4));
	login->active = status != NULL && strcmp(status, "active") == 0;
	login->must_change = sql_integer(query, 6) != 0;
	login->expires_ms = sql_integer(query, 7);
	login->last_login_ms = sql_integer(query, 8);
}

int
access_find(struct access *access, const char *name, struct access_login *login,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(
	    access->sql, "SELECT " COLUMNS " FROM logins WHERE name = ?1", why);
	int got;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, name);
	got = sql_step(query, why);
	if (got == 1)
		login_take(query, login);
	sql_query_free(query);
	return got;
}

int
access_each(struct access *access,
    void (*each)(void *own, const struct access_login *login), void *own,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(
	    access->sql, "SELECT " COLUMNS " FROM logins ORDER BY name", why);
	struct access_login login;
	int got;

	if (query == NULL)
		return -1;
	while ((got = sql_step(query, why)) == 1) {
		login_take(query, &login);
		each(own, &login);
	}
	sql_query_free(query);
	return got == 0 ? 1 : -1;
}

int64_t
access_admins(struct access *access, struct failure *why)
{
	return sql_ask(access->sql,
	    "SELECT count(*) FROM logins "
	    "WHERE role IN ('super_admin', 'admin')",
	    NULL, 0, why);
}

static int
login_insert(struct access *access, const struct access_login *login,
    int64_t now_ms, struct failure *why)
{
	struct sql_query *query = sql_prepare(access->sql,
	    "INSERT INTO logins (name, tenant, role, password_hash, "
	    "password_changed_at, password_expires_at, must_change, "
	    "created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?5) "
	    "ON CONFLICT (name) DO NOTHING",
	    why);
	int got;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, login->name);
	if (login->tenant[0] != '\0')
		sql_bind_text(query, 2, login->tenant);
	sql_bind_text(query, 3, login->role);
	sql_bind_text(query, 4, login->hash);
	sql_bind_integer(query, 5, now_ms);
	if (login->expires_ms != 0)
		sql_bind_integer(query, 6, login->expires_ms);
	sql_bind_integer(query, 7, login->must_change);
	got = sql_done(query, why);
	if (got == 0)
		got = sql_changes(access->sql) > 0;
	sql_query_free(query);
	return got;
}

static int
grants_insert(struct access *access, int64_t id,
    const struct access_grants *grants, struct failure *why)
{
	struct sql_query *query = sql_prepare(access->sql,
	    "INSERT INTO grants (login_id, prefix) VALUES (?1, ?2) "
	    "ON CONFLICT DO NOTHING",
	    why);
	int got = 1;

	if (query == NULL)
		return -1;
	for (size_t i = 0; got == 1 && i < grants->count; i++) {
		sql_bind_integer(query, 1, id);
		sql_bind_text(query, 2, grants->prefix[i]);
		if (sql_done(query, why) != 0)
			got = -1;
	}
	sql_query_free(query);
	return got;
}

int
access_add(struct access *access, const struct access_login *login,
    const struct access_grants *grants, int64_t now_ms, struct failure *why)
{
	int got;

	if (sql_begin(access->sql, why) != 0)
		return -1;
	got = login_insert(access, login, now_ms, why);
	if (got == 1)
		got = grants_insert(
		    access, sql_last_id(access->sql), grants, why);
	if (got == 1 && sql_commit(access->sql, true, why) == 0)
		return 1;
	sql_rollback(access->sql);
	return got == 0 ? 0 : -1;
}

int
access_remove(struct access *access, const char *name, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(access->sql, "DELETE FROM logins WHERE name = ?1", why);

	if (query != NULL)
		sql_bind_text(query, 1, name);
	return access_run(access, query, why);
}

int
access_grants(struct access *access, int64_t login_id,
    struct access_grants *grants, struct failure *why)
{
	struct sql_query *query = sql_prepare(access->sql,
	    "SELECT prefix FROM grants WHERE login_id = ?1 ORDER BY prefix",
	    why);
	int got = 1;

	grants->count = 0;
	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, login_id);
	while (grants->count < ACCESS_GRANTS_MAX &&
	    (got = sql_step(query, why)) == 1)
		text_take(grants->prefix[grants->count++], ACCESS_PREFIX_MAX,
		    sql_text(query, 0));
	sql_query_free(query);
	return got >= 0 ? 1 : -1;
}
