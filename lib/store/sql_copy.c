/* A whole database copied to a new file: before a migration, for a backup. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "store/sqlite.h"

int
sqlite_file_keep(const char *beside, const char *path, struct failure *why)
{
	if (io_sync(AT_FDCWD, beside) == -1)
		return failure_set(why, EXIT_AGAIN, "%s: sync:", beside);
	if (rename(beside, path) != 0)
		return failure_set(why, EXIT_AGAIN, "%s: rename:", path);
	return io_sync_folder(path, why);
}

/* The copy of an older file can give room back: this changes nothing of the
 * file itself. Of one that can already it would be a write. */
static int
let_release(struct sql *sql, struct failure *why)
{
	int64_t way = sql_ask(sql, "PRAGMA auto_vacuum", NULL, 0, why);

	if (way != 0)
		return way == -1 ? -1 : 0;
	return sql_run(sql, "PRAGMA auto_vacuum = INCREMENTAL", why);
}

static int
copy_into(struct sql *sql, const char *path, struct failure *why)
{
	int result;

	if (let_release(sql, why) == -1)
		return -1;
	sql->copying = true;
	result = sql_run_text(sql, "VACUUM INTO ?1", path, why);
	sql->copying = false;
	return result;
}

int
sql_copy(struct sql *sql, const char *path, struct failure *why)
{
	size_t size = strlen(path);
	char *beside = mem_alloc(size + 5);
	int result;

	memcpy(beside, path, size);
	memcpy(beside + size, ".new", 5);
	remove(beside);
	result = copy_into(sql, beside, why);
	if (result == 0)
		result = sqlite_file_keep(beside, path, why);
	if (result == -1)
		remove(beside);
	free(beside);
	return result;
}

int
sql_copy_plain(struct sql *sql, const char *path, struct failure *why)
{
	int result;

	/* it would be taken for writing; the file is open for reading only */
	if (sql_run(sql, "PRAGMA query_only = OFF", why) == -1)
		return -1;
	result = copy_into(sql, path, why);
	if (sql_run(sql, "PRAGMA query_only = ON", why) == -1)
		return -1;
	return result;
}

int
sql_rewrite(struct sql *sql, struct failure *why)
{
	int left = 0, code, result;

	if (let_release(sql, why) == -1)
		return -1;
	sql->copying = true;
	result = sql_run(sql, "VACUUM", why);
	sql->copying = false;
	if (result == -1)
		return -1;
	code = sqlite3_wal_checkpoint_v2(
	    sql->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, &left, NULL);
	return code == SQLITE_OK ? 0 : sqlite_failure(sql, code, why);
}

void
sqlite_file_remove(const char *path)
{
	static const char *const ends[] = { "", "-journal", "-wal", "-shm" };
	size_t size = strlen(path);
	char *name = mem_alloc(size + 10);

	memcpy(name, path, size);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		memcpy(name + size, ends[i], strlen(ends[i]) + 1);
		unlink(name);
	}
	free(name);
}
