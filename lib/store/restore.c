/*
 * A tenant that is not there is built in a folder beside its place and
 * renamed. One that is there keeps its folder: its file is first closed to
 * all others, then gets a second name, then the new one takes the first.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "store/backup.h"
#include "store/schema.h"
#include "store/sqlite.h"
#include "store/tenant_path.h"

struct restore {
	char folder[TENANT_PATH_MAX]; /* where the new file is made */
	char made[TENANT_PATH_MAX + 16]; /* it */
	char place[TENANT_PATH_MAX]; /* the tenant's folder */
	char file[TENANT_PATH_MAX]; /* the tenant's file */
	char *slug;
	bool replace; /* the tenant's folder is there */
	bool checked, placed;
	int lock, fd;
};

/* ---- the new file ----------------------------------------------------- */

static int
lock_folder(const char *path, struct failure *why)
{
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return failure_set(why, EXIT_AGAIN, "%s:", path);
	return tenant_lock_folder(path, why);
}

static int
name_files(struct restore *r, const char *root, const char *slug, bool replace,
    struct failure *why)
{
	struct stat info;
	int size;

	if (tenant_path(r->place, root, slug, "", why) == -1 ||
	    tenant_path(r->file, root, slug, "tenant.db", why) == -1)
		return -1;
	r->replace = lstat(r->place, &info) == 0;
	if (r->replace && !S_ISDIR(info.st_mode))
		return failure_set(
		    why, EXIT_WRONG, "%s: is no directory", r->place);
	if (r->replace && !replace)
		return failure_set(why, EXIT_WRONG,
		    "%s: is there already (see --replace)", r->place);
	size = r->replace
	    ? snprintf(r->folder, sizeof(r->folder), "%s", r->place)
	    : snprintf(r->folder, sizeof(r->folder), "%s/tenants/.restore-%s",
		  root, slug);
	if (size >= (int)sizeof(r->folder))
		return failure_set(why, EXIT_WRONG, "path is too long");
	snprintf(r->made, sizeof(r->made), "%s/%s", r->folder,
	    r->replace ? "restore.tmp" : "tenant.db");
	return 0;
}

static int
make_file(struct restore *r, struct failure *why)
{
	r->lock = r->replace ? tenant_lock_folder(r->folder, why)
			     : lock_folder(r->folder, why);
	if (r->lock == -1)
		return -1;
	sqlite_file_remove(r->made);
	r->fd = open(r->made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (r->fd < 0)
		return failure_set(why, EXIT_AGAIN, "%s:", r->made);
	return 0;
}

struct restore *
restore_open(
    const char *root, const char *slug, bool replace, struct failure *why)
{
	struct restore *r = mem_zero(1, sizeof(*r));

	r->slug = mem_copy_text(slug);
	r->lock = r->fd = -1;
	if (name_files(r, root, slug, replace, why) == 0 &&
	    make_file(r, why) == 0)
		return r;
	restore_close(r);
	return NULL;
}

int
restore_fd(const struct restore *r)
{
	return r->fd;
}

void
restore_close(struct restore *r)
{
	if (r->fd >= 0)
		close(r->fd);
	if (r->lock >= 0 && !r->placed) {
		sqlite_file_remove(r->made);
		if (!r->replace)
			rmdir(r->folder);
	}
	if (r->lock >= 0)
		close(r->lock);
	free(r->slug);
	free(r);
}

/* ---- is it good? ------------------------------------------------------ */

/* Open and close it for writing: afterwards all of it stands in one file. */
static int
settle(struct restore *r, const char *schema_dir, struct failure *why)
{
	struct sql *sql = sql_open(r->made, SQL_WRITE, why);
	int result = -1;

	if (sql != NULL && schema_edition(sql, why) > 0)
		result = schema_migrate(
		    sql, SCHEMA_OF_TENANT, schema_dir, NULL, why);
	else if (sql != NULL)
		failure_set(why, EXIT_WRONG, "is no tenant's database");
	sql_close(sql);
	return result;
}

static int
try_out(struct restore *r, const char *schema_dir, struct check *check,
    struct failure *why)
{
	if (settle(r, schema_dir, why) == -1 ||
	    check_file(check, r->made, r->slug, why) == -1)
		return -1;
	if (check->wrong > 0)
		return failure_set(why, EXIT_WRONG,
		    "what it holds is not whole: nothing was changed");
	return settle(r, schema_dir, why);
}

/* ---- in its place ----------------------------------------------------- */

/* One text of a one-row answer is `wanted`; 1 yes, 0 no, -1 a failure. */
static int
answers(struct sql *sql, const char *statement, const char *wanted,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(sql, statement, why);
	int got = query == NULL ? -1 : sql_step(query, why);

	if (got == 1)
		got = sql_text(query, 0) != NULL &&
		    strcmp(sql_text(query, 0), wanted) == 0;
	sql_query_free(query);
	return got;
}

/*
 * Nobody else may have the file open: who had would go on writing to the
 * one that is put aside. Leaving WAL mode needs to be alone, and puts all of
 * it in one file. 0, or -1 with a failure: EXIT_WRONG for a damaged one.
 */
static int
close_to_others(struct sql *sql, const char *file, struct failure *why)
{
	int got = answers(sql, "PRAGMA journal_mode = DELETE", "delete", why);

	if (got == 1)
		return sql_run(sql, "BEGIN EXCLUSIVE", why);
	if (got == -1 && why->status == EXIT_WRONG)
		return -1;
	return failure_set(
	    why, EXIT_AGAIN, "%s: others have it open: stop them first", file);
}

/* Both names for a moment: at no time is there no file, where there was one. */
static int
put_aside(const struct restore *r, bool logs, struct failure *why)
{
	static const char *const ends[] = { "-wal", "-shm", "-journal" };
	char from[TENANT_PATH_MAX + 8];
	struct buf aside = { NULL, 0, 0 }, time = { NULL, 0, 0 };
	int result = 0;

	buf_time(&time, clock_now_ms());
	buf_print(&aside, "%s.replaced-", r->file);
	for (size_t i = 0; i < time.size; i++)
		if (time.data[i] != '-' && time.data[i] != ':')
			buf_char(&aside, time.data[i]);
	if (link(r->file, aside.data) != 0 && errno != ENOENT)
		result = failure_set(why, EXIT_AGAIN, "%s:", aside.data);
	/* a log that could not be taken in must not meet the new file */
	for (size_t i = 0; result == 0 && logs && i < 3; i++) {
		snprintf(from, sizeof(from), "%s%s", r->file, ends[i]);
		buf_clear(&time);
		buf_print(&time, "%s%s", aside.data, ends[i]);
		if (rename(from, time.data) != 0 && errno != ENOENT)
			result = failure_set(why, EXIT_AGAIN, "%s:", from);
	}
	buf_free(&aside);
	buf_free(&time);
	return result;
}

/* 1 we are alone with the one that is there, 0 it is damaged, -1 with a
 * failure. */
static int
take(struct restore *r, const char *uuid, struct sql **old, struct failure *why)
{
	int got = -1;

	*old = sql_open(r->file, SQL_WRITE, why);
	if (*old != NULL)
		got = answers(*old, "SELECT uuid FROM client", uuid, why);
	if (got == 0)
		return failure_set(why, EXIT_WRONG,
		    "%s: is another tenant of this name", r->file);
	if (got == 1 && close_to_others(*old, r->file, why) == -1)
		got = -1;
	return got == -1 && why->status == EXIT_WRONG ? 0 : got;
}

static int
replace(struct restore *r, const char *uuid, struct failure *why)
{
	struct sql *old = NULL;
	int got = 0, result = -1;

	if (access(r->file, F_OK) == 0)
		got = take(r, uuid, &old, why);
	if (got == 0) {
		/* closing removes its log by name: not that of the new one */
		sql_close(old);
		old = NULL;
	}
	if (got != -1 && put_aside(r, got == 0, why) == 0)
		result = sqlite_file_keep(r->made, r->file, why);
	sql_close(old);
	return result;
}

static int
sync_file(const struct restore *r, struct failure *why)
{
	return fsync(r->fd) == 0
	    ? 0
	    : failure_set(why, EXIT_AGAIN, "%s: sync:", r->made);
}

int
restore_check(struct restore *r, const char *schema_dir, struct check *check,
    struct failure *why)
{
	if (!r->checked && try_out(r, schema_dir, check, why) == -1)
		return -1;
	r->checked = true;
	return 0;
}

int
restore_finish(struct restore *r, const char *schema_dir, const char *uuid,
    struct check *check, struct failure *why)
{
	int result = restore_check(r, schema_dir, check, why);

	if (result == 0)
		result = sync_file(r, why);
	if (result == 0)
		result = r->replace
		    ? replace(r, uuid, why)
		    : sqlite_file_keep(r->folder, r->place, why);
	r->placed = result == 0;
	return result;
}
