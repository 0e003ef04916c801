/*
 * The edition of a database is its user_version, which is the number of
 * the last file of share/schema that was run on it. Which kind of database
 * it is stands in its application_id, so that no tenant's file is ever
 * taken for core.db.
 */
#include "store/schema.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"

#define FILE_MAX ((size_t)1 << 20)

static const struct {
	const char *folder;
	int64_t application_id;
	int64_t edition; /* the newest that we know */
} kinds[] = { [SCHEMA_OF_TENANT] = { "tenant", 0x54424d53, SCHEMA_TENANT },
	[SCHEMA_OF_CORE] = { "core", 0x54424d43, SCHEMA_CORE },
	[SCHEMA_OF_ACCESS] = { "access", 0x54424d41, SCHEMA_ACCESS } };

static int64_t
read_pragma(struct sql *sql, const char *text, struct failure *why)
{
	struct sql_query *query = sql_prepare(sql, text, why);
	int64_t value = -1;

	if (query == NULL)
		return -1;
	if (sql_step(query, why) == 1)
		value = sql_integer(query, 0);
	sql_query_free(query);
	return value;
}

int64_t
schema_edition(struct sql *sql, struct failure *why)
{
	return read_pragma(sql, "PRAGMA user_version", why);
}

/* An empty file is of any kind: it has no edition yet. */
static int
check_kind(struct sql *sql, const char *path, enum schema_kind kind,
    bool empty_too, struct failure *why)
{
	int64_t id = read_pragma(sql, "PRAGMA application_id", why);

	if (id == kinds[kind].application_id || (id == 0 && empty_too))
		return 0;
	if (id == -1)
		return -1;
	return failure_set(
	    why, EXIT_WRONG, "%s: is no %s database", path, kinds[kind].folder);
}

int
schema_check(struct sql *sql, const char *path, enum schema_kind kind,
    struct failure *why)
{
	int64_t edition;

	if (check_kind(sql, path, kind, false, why) == -1)
		return -1;
	edition = schema_edition(sql, why);
	if (edition == kinds[kind].edition)
		return 0;
	if (edition == -1)
		return -1;
	return failure_set(why, EXIT_WRONG,
	    edition > kinds[kind].edition
		? "%s: schema %" PRId64
		  " is newer than this program's, %" PRId64
		: "%s: schema %" PRId64
		  " is older than this program's, %" PRId64
		  ": run tenant-db migrate",
	    path, edition, kinds[kind].edition);
}

static int
run_file(
    struct sql *sql, const char *text, int64_t edition, struct failure *why)
{
	char pragma[64];

	snprintf(
	    pragma, sizeof(pragma), "PRAGMA user_version = %" PRId64, edition);
	if (sql_begin(sql, why) == -1)
		return -1;
	/* Another process may have been faster. */
	if (schema_edition(sql, why) >= edition) {
		sql_rollback(sql);
		return 0;
	}
	if (sql_run(sql, text, why) == -1 || sql_run(sql, pragma, why) == -1) {
		sql_rollback(sql);
		return -1;
	}
	return sql_commit(sql, true, why);
}

static bool
file_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static int
migrate(struct sql *sql, const char *folder, int64_t edition, const char *copy,
    struct failure *why)
{
	struct buf text = { 0 };
	char path[4096];
	int result = 0;

	for (;;) {
		edition++;
		if (snprintf(path, sizeof(path), "%s/%04" PRId64 ".sql", folder,
			edition) >= (int)sizeof(path) ||
		    !file_there(path))
			break;
		if (copy != NULL && edition > 1) {
			if (sql_copy(sql, copy, why) == -1)
				return -1;
			copy = NULL;
		}
		buf_clear(&text);
		result = io_file_read(AT_FDCWD, path, FILE_MAX, &text, why);
		if (result == 0) {
			result = run_file(sql, text.data, edition, why);
			if (result == -1)
				failure_prefix(why, "%s", path);
		}
		if (result == -1)
			break;
	}
	buf_free(&text);
	return result;
}

int
schema_migrate(struct sql *sql, enum schema_kind kind, const char *schema_dir,
    const char *copy, struct failure *why)
{
	char folder[3072], first[4096];
	int64_t edition = schema_edition(sql, why);

	if (edition == -1 ||
	    check_kind(sql, schema_dir, kind, edition == 0, why) == -1)
		return -1;
	if (edition > kinds[kind].edition)
		return failure_set(why, EXIT_WRONG,
		    "schema %" PRId64 " is newer than this program's, %" PRId64,
		    edition, kinds[kind].edition);
	snprintf(
	    folder, sizeof(folder), "%s/%s", schema_dir, kinds[kind].folder);
	snprintf(first, sizeof(first), "%s/0001.sql", folder);
	if (!file_there(first))
		return failure_set(why, EXIT_WRONG, "%s:", first);
	return migrate(sql, folder, edition, copy, why);
}
