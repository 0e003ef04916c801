/*
 * New and older databases. A new tenant is built in a folder beside its
 * place and renamed into it, so that it is there as a whole or not at all.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "store/schema.h"
#include "store/sqlite.h"
#include "store/tenant.h"
#include "store/tenant_path.h"

#define CLIENT_COLUMNS                                                         \
	"slug, uuid, name, company, industry_type, status,"                    \
	" timezone, language, brand_color, logo_url, custom_css, max_users,"   \
	" max_devices, max_storage_gb, api_rate_limit, updated_at"

/* The core row as one JSON array: one value to hand over, types kept. */
static const char read_row[] = "SELECT json_array(" CLIENT_COLUMNS ")"
			       " FROM clients WHERE slug = ?1";
static const char write_row[] =
    "INSERT OR REPLACE INTO client (id, " CLIENT_COLUMNS ") SELECT 1,"
    " ?1->>0, ?1->>1, ?1->>2, ?1->>3, ?1->>4, ?1->>5, ?1->>6, ?1->>7,"
    " ?1->>8, ?1->>9, ?1->>10, ?1->>11, ?1->>12, ?1->>13, ?1->>14, ?1->>15";

int
tenant_client_copy(
    struct sql *core, const char *slug, struct sql *tenant, struct failure *why)
{
	struct sql_query *query = sql_prepare(core, read_row, why);
	int got;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, slug);
	got = sql_step(query, why);
	if (got == 1)
		got = sql_run_text(tenant, write_row, sql_text(query, 0), why);
	else if (got == 0)
		got = failure_set(why, EXIT_WRONG,
		    "%s: not among the clients of core.db", slug);
	sql_query_free(query);
	return got;
}

/* What an earlier try left behind: files only, no folders. */
static void
remove_folder(const char *path)
{
	char name[TENANT_PATH_MAX];
	const struct dirent *entry;
	DIR *folder = opendir(path);

	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0 &&
		    snprintf(name, sizeof(name), "%s/%s", path, entry->d_name) <
			(int)sizeof(name))
			unlink(name);
	closedir(folder);
	rmdir(path);
}

/* A new tenant whose key core knows of is sealed with it from the start. */
static int
note_key(
    struct sql *core, const char *slug, struct sql *tenant, struct failure *why)
{
	struct sql_query *query = sql_prepare(core,
	    "SELECT CAST(substr(encryption_key, length(uuid) + 2) AS INTEGER)"
	    " FROM clients WHERE slug = ?1"
	    " AND encryption_key GLOB uuid || '.[1-9]*'",
	    why);
	int64_t version;
	int got;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, slug);
	got = sql_step(query, why);
	if (got == 1) {
		version = sql_integer(query, 0);
		got = sql_run_with(tenant,
		    "INSERT INTO sealing (id, version, clean)"
		    " VALUES (1, ?1, 1)",
		    &version, 1, why);
	}
	sql_query_free(query);
	return got == -1 ? -1 : 0;
}

static int
fill(const char *path, const char *slug, const char *schema_dir,
    struct sql *core, struct failure *why)
{
	struct sql *sql = sql_open(path, SQL_CREATE, why);
	int result;

	if (sql == NULL)
		return -1;
	result = schema_migrate(sql, SCHEMA_OF_TENANT, schema_dir, NULL, why);
	if (result == 0 && core != NULL)
		result = tenant_client_copy(core, slug, sql, why);
	if (result == 0 && core != NULL)
		result = note_key(core, slug, sql, why);
	if (result == 0)
		result = sql_sync(sql, why);
	sql_close(sql);
	return result;
}

static int
build(const char *beside, const char *slug, const char *schema_dir,
    struct sql *core, struct failure *why)
{
	char path[TENANT_PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/tenant.db", beside) >=
	    (int)sizeof(path))
		return failure_set(why, EXIT_WRONG, "path is too long");
	if (mkdir(beside, 0700) != 0)
		return failure_set(why, EXIT_AGAIN, "%s:", beside);
	return fill(path, slug, schema_dir, core, why);
}

int
tenant_create(const char *root, const char *slug, const char *schema_dir,
    struct sql *core, struct failure *why)
{
	char path[TENANT_PATH_MAX], beside[TENANT_PATH_MAX];
	struct stat info;

	if (tenant_path(path, root, slug, "", why) == -1)
		return -1;
	if (lstat(path, &info) == 0)
		return failure_set(
		    why, EXIT_WRONG, "%s: is there already", path);
	if (snprintf(beside, sizeof(beside), "%s/tenants", root) >=
	    (int)sizeof(beside) - 80)
		return failure_set(why, EXIT_WRONG, "path is too long");
	if (io_mkdirs(beside, 0711, why) == -1)
		return -1;
	snprintf(beside + strlen(beside), 80, "/.new-%s", slug);
	remove_folder(beside);
	if (build(beside, slug, schema_dir, core, why) == 0 &&
	    sqlite_file_keep(beside, path, why) == 0)
		return 0;
	remove_folder(beside);
	return -1;
}

static int
migrate(const char *path, enum schema_kind kind, const char *schema_dir,
    struct failure *why)
{
	struct sql *sql = sql_open(path, SQL_WRITE, why);
	char copy[TENANT_PATH_MAX + 32];
	int64_t edition;
	int result = -1;

	if (sql == NULL)
		return -1;
	edition = schema_edition(sql, why);
	snprintf(copy, sizeof(copy), "%s.v%" PRId64, path, edition);
	if (edition == 0)
		failure_set(why, EXIT_WRONG, "%s: is empty", path);
	else if (edition > 0)
		result = schema_migrate(sql, kind, schema_dir, copy, why);
	sql_close(sql);
	return result;
}

int
tenant_migrate(const char *root, const char *slug, const char *schema_dir,
    struct failure *why)
{
	char path[TENANT_PATH_MAX];
	int result;

	if (tenant_check(root, slug, why) == -1 ||
	    tenant_path(path, root, slug, "tenant.db", why) == -1)
		return -1;
	result = migrate(path, SCHEMA_OF_TENANT, schema_dir, why);
	return result == 0 ? 0 : failure_prefix(why, "tenant %s", slug);
}

static int
core_path(char path[TENANT_PATH_MAX], const char *root, struct failure *why)
{
	if (snprintf(path, TENANT_PATH_MAX, "%s/core.db", root) >=
	    TENANT_PATH_MAX)
		return failure_set(why, EXIT_WRONG, "path is too long");
	return 0;
}

struct sql *
core_open(const char *root, enum sql_mode mode, struct failure *why)
{
	char path[TENANT_PATH_MAX];
	struct sql *sql;

	if (core_path(path, root, why) == -1)
		return NULL;
	sql = sql_open(path, mode, why);
	if (sql == NULL)
		return NULL;
	if (schema_check(sql, path, SCHEMA_OF_CORE, why) == 0)
		return sql;
	sql_close(sql);
	return NULL;
}

/* The schema's transaction makes it atomic: a second creator waits, and
 * finds the edition there. */
int
core_create(const char *root, const char *schema_dir, struct failure *why)
{
	char path[TENANT_PATH_MAX];
	struct sql *sql;
	int64_t edition;
	int result = -1;

	if (core_path(path, root, why) == -1 ||
	    io_mkdirs(root, 0711, why) == -1)
		return -1;
	sql = sql_open(path, SQL_CREATE, why);
	if (sql == NULL)
		return -1;
	edition = schema_edition(sql, why);
	if (edition == 0)
		result =
		    schema_migrate(sql, SCHEMA_OF_CORE, schema_dir, NULL, why);
	else if (edition > 0)
		result = 0;
	sql_close(sql);
	return result;
}

int
core_migrate(const char *root, const char *schema_dir, struct failure *why)
{
	char path[TENANT_PATH_MAX];

	return core_path(path, root, why) == -1
	    ? -1
	    : migrate(path, SCHEMA_OF_CORE, schema_dir, why);
}
