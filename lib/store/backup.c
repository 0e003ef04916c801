#include "store/backup.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/schema.h"
#include "store/sealed.h"
#include "store/sqlite.h"
#include "store/tenant_path.h"

#define COPY "backup.tmp"

int
tenant_lock_folder(const char *path, struct failure *why)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return failure_set(why, EXIT_AGAIN, "%s:", path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	return failure_set(
	    why, EXIT_AGAIN, "%s: another backup or restore is at work", path);
}

int
tenant_lock(const char *root, const char *slug, struct failure *why)
{
	char path[TENANT_PATH_MAX];

	if (tenant_path(path, root, slug, "", why) == -1)
		return -1;
	return tenant_lock_folder(path, why);
}

/* The copy says itself what it is; what is wrong with it is wrong with the
 * file that it was made of. */
static int
describe(struct backup_copy *copy, const char *path, const char *file,
    const char *slug, struct failure *why)
{
	struct sql *sql = sql_open(path, SQL_READ, why);
	struct sql_query *query = NULL;
	int got = -1;

	if (sql != NULL && schema_check(sql, file, SCHEMA_OF_TENANT, why) == 0)
		query = sql_prepare(sql, "SELECT slug, uuid FROM client", why);
	if (query != NULL)
		got = sql_step(query, why);
	if (got == 0 || (got == 1 && strcmp(sql_text(query, 0), slug) != 0))
		got = failure_set(
		    why, EXIT_WRONG, "is not the database of this tenant");
	if (got == 1) {
		snprintf(
		    copy->uuid, sizeof(copy->uuid), "%s", sql_text(query, 1));
		copy->schema = schema_edition(sql, why);
		copy->version = sealed_version(sql, NULL, why);
	}
	sql_query_free(query);
	sql_close(sql);
	return got == 1 && copy->schema > 0 && copy->version != -1 ? 0 : -1;
}

/* SQLite copies a database that is open for reading only row by row, which
 * takes five times as long. */
static int
copy_file(const char *from, const char *to, struct failure *why)
{
	struct sql *sql = sql_open(from, SQL_WRITE, why);
	int result = -1;

	/* before the time of a copy */
	if (sql != NULL && schema_check(sql, from, SCHEMA_OF_TENANT, why) == 0)
		result = sql_copy_plain(sql, to, why);
	sql_close(sql);
	return result;
}

/* From here on the copy is gone when we are. */
static int
hide(struct backup_copy *copy, const char *path, struct failure *why)
{
	copy->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (copy->fd < 0 || unlink(path) != 0)
		return failure_set(why, EXIT_AGAIN, "%s:", path);
	return 0;
}

int
backup_copy_open(struct backup_copy *copy, const char *root, const char *slug,
    struct failure *why)
{
	char file[TENANT_PATH_MAX], beside[TENANT_PATH_MAX];

	*copy = (struct backup_copy){ .fd = -1, .lock = -1 };
	if (tenant_check(root, slug, why) == -1 ||
	    tenant_path(file, root, slug, "tenant.db", why) == -1 ||
	    tenant_path(beside, root, slug, COPY, why) == -1)
		return -1;
	copy->lock = tenant_lock(root, slug, why);
	if (copy->lock == -1)
		return -1;
	sqlite_file_remove(beside);
	if (copy_file(file, beside, why) == 0 &&
	    describe(copy, beside, file, slug, why) == 0 &&
	    hide(copy, beside, why) == 0)
		return 0;
	sqlite_file_remove(beside);
	return -1;
}

void
backup_copy_close(struct backup_copy *copy)
{
	if (copy->fd >= 0)
		close(copy->fd);
	if (copy->lock >= 0)
		close(copy->lock);
	copy->fd = copy->lock = -1;
}
