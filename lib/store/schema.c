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
#include "store/sqlite.h"

#define FILE_MAX ((size_t)1 << 20)
#define PATH_SIZE 4096

static const struct {
	const char *folder;
	int64_t application_id;
	int64_t edition; /* the newest that we know */
	const char *program; /* that brings it up */
} kinds[] = {
	[SCHEMA_OF_TENANT] = { "tenant", 0x54424d53, SCHEMA_TENANT,
	    "tenant-db" },
	[SCHEMA_OF_CORE] = { "core", 0x54424d43, SCHEMA_CORE, "tenant-db" },
	[SCHEMA_OF_ACCESS] = { "access", 0x54424d41, SCHEMA_ACCESS,
	    "tenant-user" },
};

int64_t
schema_edition(struct sql *sql, struct failure *why)
{
	return sql_ask(sql, "PRAGMA user_version", NULL, 0, why);
}

/* An empty file is of any kind: it has no edition yet. */
static int
check_kind(struct sql *sql, const char *path, enum schema_kind kind,
    bool empty_too, struct failure *why)
{
	int64_t id = sql_ask(sql, "PRAGMA application_id", NULL, 0, why);

	if (id == kinds[kind].application_id || (id == 0 && empty_too))
		return 0;
	if (id == -1)
		return -1;
	return failure_set(
	    why, EXIT_WRONG, "%s: is no %s database", path, kinds[kind].folder);
}

static int
newer(const char *path, int64_t edition, enum schema_kind kind,
    struct failure *why)
{
	return failure_set(why, EXIT_WRONG,
	    "%s: schema %" PRId64 " is newer than this program's, %" PRId64,
	    path, edition, kinds[kind].edition);
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
	if (edition > kinds[kind].edition)
		return newer(path, edition, kind, why);
	return failure_set(why, EXIT_WRONG,
	    "%s: schema %" PRId64 " is older than this program's, %" PRId64
	    ": run %s migrate",
	    path, edition, kinds[kind].edition, kinds[kind].program);
}

/*
 * The first file of tenants was changed twice before the second came: what
 * a database that was made by an early form of it lacks, to this day where
 * it was brought up before this was looked for.
 */
static const struct {
	const char *there, *add;
} early[] = {
	{ "SELECT count(*) FROM sqlite_schema WHERE name = 'readings'"
	  " AND sql LIKE '%made INTEGER%'",
	    "ALTER TABLE readings ADD COLUMN made INTEGER NOT NULL DEFAULT 0"
	    " CHECK (made IN (0, 1))" },
	{ "SELECT count(*) FROM sqlite_schema WHERE name = 'alert_seen'",
	    "CREATE TABLE alert_seen (battery_id INTEGER PRIMARY KEY"
	    " REFERENCES batteries (id) ON DELETE CASCADE, time_ms INTEGER"
	    " NOT NULL CHECK (time_ms BETWEEN 0 AND 253402300799999)) STRICT" },
};

static int
complete_first(struct sql *sql, struct failure *why)
{
	for (size_t i = 0; i < sizeof(early) / sizeof(*early); i++) {
		int64_t there = sql_ask(sql, early[i].there, NULL, 0, why);

		if (there == -1 ||
		    (there == 0 && sql_run(sql, early[i].add, why) == -1))
			return -1;
	}
	return 0;
}

/* Is there a file of that edition? Its path then. */
static bool
find_file(char path[PATH_SIZE], const char *folder, int64_t edition)
{
	return snprintf(path, PATH_SIZE, "%s/%04" PRId64 ".sql", folder,
		   edition) < PATH_SIZE &&
	    access(path, F_OK) == 0;
}

static int
run_file(
    struct sql *sql, const char *path, int64_t edition, struct failure *why)
{
	struct buf text = { 0 };
	char pragma[64];
	int result;

	snprintf(
	    pragma, sizeof(pragma), "PRAGMA user_version = %" PRId64, edition);
	result = io_file_read(AT_FDCWD, path, FILE_MAX, &text, why);
	if (result == 0 &&
	    (sql_run(sql, text.data, why) == -1 ||
		sql_run(sql, pragma, why) == -1))
		result = failure_prefix(why, "%s", path);
	buf_free(&text);
	return result;
}

/* All files behind the edition, within a transaction: another process may
 * have been faster. */
static int
run_files(struct sql *sql, enum schema_kind kind, const char *folder,
    struct failure *why)
{
	char path[PATH_SIZE];
	int64_t edition = schema_edition(sql, why);

	if (edition == -1 ||
	    (edition > 0 && kind == SCHEMA_OF_TENANT &&
		complete_first(sql, why) == -1))
		return -1;
	while (find_file(path, folder, ++edition))
		if (run_file(sql, path, edition, why) == -1)
			return -1;
	return 0;
}

/* Either all of them or none: what is stopped leaves the old edition. */
static int
migrate(struct sql *sql, enum schema_kind kind, const char *folder,
    int64_t edition, const char *copy, struct failure *why)
{
	char path[PATH_SIZE];

	if (!find_file(path, folder, edition + 1))
		return 0;
	if (copy != NULL && edition > 0 && sql_copy(sql, copy, why) == -1)
		return -1;
	if (sql_begin(sql, why) == -1)
		return -1;
	if (run_files(sql, kind, folder, why) == 0)
		return sql_commit(sql, true, why);
	sql_rollback(sql);
	return -1;
}

int
schema_migrate(struct sql *sql, enum schema_kind kind, const char *schema_dir,
    const char *copy, struct failure *why)
{
	char folder[3072], first[PATH_SIZE];
	int64_t edition = schema_edition(sql, why);

	if (edition == -1 ||
	    check_kind(sql, schema_dir, kind, edition == 0, why) == -1)
		return -1;
	if (edition > kinds[kind].edition)
		return newer(sql->path, edition, kind, why);
	snprintf(
	    folder, sizeof(folder), "%s/%s", schema_dir, kinds[kind].folder);
	if (!find_file(first, folder, 1))
		return failure_set(why, EXIT_WRONG, "%s:", first);
	return migrate(sql, kind, folder, edition, copy, why);
}
