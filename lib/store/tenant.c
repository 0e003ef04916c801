/*
 * A tenant is a folder and what lies in it; the slug is checked before it
 * becomes a path, so that no name leads out of tenants/.
 */
#include "store/tenant.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "store/bms_data.h"
#include "store/history_table.h"
#include "store/schema.h"
#include "store/tenant_path.h"

struct tenant {
	struct sql *sql;
	struct sql_query *battery; /* id by slug */
	char *slug;
	char *zone;
};

int
tenant_path(char path[TENANT_PATH_MAX], const char *root, const char *slug,
    const char *file, struct failure *why)
{
	if (!io_slug_ok(slug))
		return failure_set(
		    why, EXIT_WRONG, "\"%s\" is no name of a tenant", slug);
	if (snprintf(path, TENANT_PATH_MAX, "%s/tenants/%s%s%s", root, slug,
		*file == '\0' ? "" : "/", file) >= TENANT_PATH_MAX)
		return failure_set(
		    why, EXIT_WRONG, "%s: path is too long", root);
	return 0;
}

int
tenant_check(const char *root, const char *slug, struct failure *why)
{
	char path[TENANT_PATH_MAX];
	struct stat info;

	if (tenant_path(path, root, slug, "", why) == -1)
		return -1;
	if (lstat(path, &info) != 0)
		return failure_set(why,
		    errno == ENOENT || errno == ENOTDIR ? EXIT_WRONG
							: EXIT_AGAIN,
		    "tenant %s: %s:", slug, path);
	if (!S_ISDIR(info.st_mode))
		return failure_set(why, EXIT_WRONG,
		    "tenant %s: %s: is no directory", slug, path);
	tenant_path(path, root, slug, "tenant.db", why);
	if (lstat(path, &info) != 0)
		return failure_set(why, EXIT_AGAIN, "%s:", path);
	if (!S_ISREG(info.st_mode))
		return failure_set(
		    why, EXIT_WRONG, "%s: is no regular file", path);
	return 0;
}

/* Folders that were exchanged must not show one tenant what another has. */
static int
read_client(struct tenant *tenant, bool any, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(tenant->sql, "SELECT timezone, slug FROM client", why);
	int got;

	if (query == NULL)
		return -1;
	got = sql_step(query, why);
	tenant->zone = mem_copy_text(got == 1 ? sql_text(query, 0) : "UTC");
	if (got == 1 && !any && strcmp(sql_text(query, 1), tenant->slug) != 0)
		got = failure_set(why, EXIT_WRONG,
		    "tenant %s: its tenant.db is that of tenant %s",
		    tenant->slug, sql_text(query, 1));
	sql_query_free(query);
	return got == -1 ? -1 : 0;
}

static struct tenant *
open_tenant(const char *root, const char *slug, enum sql_mode mode, bool any,
    struct failure *why)
{
	char path[TENANT_PATH_MAX];
	struct tenant *tenant;

	if (tenant_check(root, slug, why) == -1 ||
	    tenant_path(path, root, slug, "tenant.db", why) == -1)
		return NULL;
	tenant = mem_zero(1, sizeof(*tenant));
	tenant->slug = mem_copy_text(slug);
	tenant->sql = sql_open(path, mode, why);
	if (tenant->sql != NULL &&
	    schema_check(tenant->sql, path, SCHEMA_OF_TENANT, why) == 0 &&
	    bms_data_register(tenant->sql, why) == 0 &&
	    history_table_register(tenant->sql, why) == 0 &&
	    read_client(tenant, any, why) == 0 &&
	    sql_prepare_into(&tenant->battery, tenant->sql,
		"SELECT id FROM batteries WHERE slug = ?1", why))
		return tenant;
	tenant_close(tenant);
	return NULL;
}

struct tenant *
tenant_open(
    const char *root, const char *slug, enum sql_mode mode, struct failure *why)
{
	return open_tenant(root, slug, mode, false, why);
}

struct tenant *
tenant_open_any(const char *root, const char *slug, struct failure *why)
{
	return open_tenant(root, slug, SQL_READ, true, why);
}

void
tenant_close(struct tenant *tenant)
{
	if (tenant == NULL)
		return;
	sql_query_free(tenant->battery);
	sql_close(tenant->sql);
	free(tenant->slug);
	free(tenant->zone);
	free(tenant);
}

const char *
tenant_slug(const struct tenant *tenant)
{
	return tenant->slug;
}

const char *
tenant_zone(const struct tenant *tenant)
{
	return tenant->zone;
}

struct sql *
tenant_sql(struct tenant *tenant)
{
	return tenant->sql;
}

int64_t
tenant_battery(struct tenant *tenant, const char *slug, struct failure *why)
{
	sql_bind_text(tenant->battery, 1, slug);
	return sql_answer(tenant->battery, why);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A root without tenants is a beginning; no root is a slip of the pen. */
static int
root_is_there(const char *root, struct failure *why)
{
	struct stat info;

	if (stat(root, &info) == 0)
		return 0;
	return failure_set(why,
	    errno == ENOENT || errno == ENOTDIR ? EXIT_WRONG : EXIT_AGAIN,
	    "%s:", root);
}

int
tenant_list(const char *root, struct arena *arena, char ***slugs, size_t *count,
    struct failure *why)
{
	char path[TENANT_PATH_MAX];
	const struct dirent *entry;
	size_t room = 0;
	char **found = NULL;
	DIR *folder;

	*count = 0;
	*slugs = NULL;
	snprintf(path, sizeof(path), "%s/tenants", root);
	folder = opendir(path);
	if (folder == NULL && errno == ENOENT)
		return root_is_there(root, why);
	if (folder == NULL)
		return failure_set(why, EXIT_AGAIN, "%s:", path);
	while ((entry = readdir(folder)) != NULL) {
		if (!io_slug_ok(entry->d_name))
			continue;
		if (*count == room) {
			room = room == 0 ? 64 : room * 2;
			found = mem_grow(found, room, sizeof(*found));
		}
		found[(*count)++] =
		    arena_text(arena, entry->d_name, strlen(entry->d_name));
	}
	closedir(folder);
	if (*count > 0) {
		*slugs = arena_alloc(arena, *count * sizeof(**slugs));
		memcpy(*slugs, found, *count * sizeof(*found));
		qsort(*slugs, *count, sizeof(**slugs), by_name);
	}
	free(found);
	return 0;
}
