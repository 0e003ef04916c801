/*
 * tenant-db prune: what has been kept for long enough is taken away, the
 * room that it took is given back, and who comes near to a limit is told of.
 * From cron, each night.
 */
#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/aging.h"
#include "base/clock.h"
#include "spool/archive.h"
#include "store/chosen.h"
#include "store/prune.h"
#include "store/seal.h"
#include "store/space.h"
#include "store/status.h"
#include "store/tenant_path.h"
#include "tenant-db.h"

static const char synopsis[] =
    "usage: tenant-db prune [-v] [--now TIME] [--root DIR] [--spool DIR]\n"
    "           --all | --tenant SLUG ...\n";

static const struct option options[] = { { "all", no_argument, NULL, 'a' },
	{ "help", no_argument, NULL, 'h' },
	{ "now", required_argument, NULL, 'n' },
	{ "root", required_argument, NULL, 'r' },
	{ "spool", required_argument, NULL, 's' },
	{ "tenant", required_argument, NULL, 't' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

struct wish {
	struct common common;
	const char *spool;
	int64_t now_ms;
	int64_t aged_ms; /* by which things grow old: base/aging.h */
	struct keep keep; /* of the system */
	int64_t used; /* by all tenants so far */
};

/* ---- saying ----------------------------------------------------------- */

static void
say(const char *slug, const struct prune_counts *counts,
    const struct space *before, const struct space *after)
{
	struct buf line = { NULL, 0, 0 };

	buf_print(&line,
	    "{\"kind\":\"prune-run\",\"tenant\":\"%s\",\"readings\":%lld,"
	    "\"hours\":%lld,\"days\":%lld,\"weeks\":%lld,\"months\":%lld,"
	    "\"cells\":%lld,\"faults\":%lld,\"alerts\":%lld,\"file_before\":%"
	    "lld,"
	    "\"file\":%lld,\"used\":%lld,\"limit\":%lld}\n",
	    slug, (long long)counts->readings, (long long)counts->hours,
	    (long long)counts->days, (long long)counts->weeks,
	    (long long)counts->months, (long long)counts->cells,
	    (long long)counts->faults, (long long)counts->alerts,
	    (long long)(before->used + before->free),
	    (long long)(after->used + after->free), (long long)after->used,
	    (long long)after->limit);
	line_out(&line);
}

/* Is it near to its limit? Then that is an answer, and status 1. */
static int
tell_room(const char *what, int64_t used, int64_t limit, const char *then)
{
	int64_t percent = space_percent(used, limit);

	if (percent < SPACE_EARLY)
		return EXIT_OK;
	warn("%s: %.2f of %.2f GB are used (%lld %%)%s%s", what,
	    (double)used / 1e9, (double)limit / 1e9, (long long)percent,
	    percent >= 100              ? ": full"
		: percent >= SPACE_LATE ? ": soon full"
					: "",
	    percent >= 100 ? then : "");
	return EXIT_REFUSED;
}

/* ---- files ------------------------------------------------------------ */

/* A copy that a migration made: tenant.db.v4. */
static bool
is_copy(const char *name)
{
	static const char start[] = "tenant.db.v";
	const char *at = name + sizeof(start) - 1;

	return strncmp(name, start, sizeof(start) - 1) == 0 && *at != '\0' &&
	    strspn(at, "0123456789") == strlen(at);
}

static void
remove_copies(const char *folder, int64_t before_ms)
{
	const struct dirent *entry;
	struct stat info;
	DIR *dir = opendir(folder);

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (is_copy(entry->d_name) &&
		    fstatat(dirfd(dir), entry->d_name, &info,
			AT_SYMLINK_NOFOLLOW) == 0 &&
		    (int64_t)info.st_mtim.tv_sec * 1000 < before_ms)
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir != NULL)
		closedir(dir);
}

static int
prune_files(const struct wish *wish, const char *slug, const struct keep *keep,
    struct failure *why)
{
	char folder[TENANT_PATH_MAX];
	struct spool spool;
	int result;

	if (tenant_path(folder, wish->common.root, slug, "", why) == -1)
		return -1;
	if (keep->days[KEEP_COPIES] != 0)
		remove_copies(
		    folder, wish->aged_ms - keep->days[KEEP_COPIES] * DAY_MS);
	if (keep->days[KEEP_ARCHIVE] == 0 || access(wish->spool, F_OK) != 0)
		return 0;
	if (spool_open(&spool, wish->spool, false, why) == -1)
		return -1;
	result = spool_archive_prune_tenant(&spool, slug,
	    wish->aged_ms - keep->days[KEEP_ARCHIVE] * DAY_MS, why);
	spool_close(&spool);
	return result;
}

/* ---- a tenant --------------------------------------------------------- */

static int
make_room(const struct wish *wish, struct tenant *tenant,
    const struct keep *keep, struct prune_counts *counts, struct failure *why)
{
	struct space space;

	if (!keep->oldest)
		return 0;
	if (space_read(tenant, &space, why) == -1)
		return -1;
	if (space_percent(space.used, space.limit) < SPACE_LATE)
		return 0;
	return prune_by_room(tenant, space.limit / 100 * SPACE_LATE,
	    wish->aged_ms, io_stopping, counts, why);
}

static int
prune(const struct wish *wish, struct tenant *tenant, struct keep *keep,
    struct prune_counts *counts, struct failure *why)
{
	struct seal_counts sealed = { .rows = 0 };
	struct sql *sql = tenant_sql(tenant);
	int changes = status_look(tenant, STATUS_CHANGE, why);
	bool fixed;

	if (changes == 0 && !wish->common.tenants.all)
		warn("%s", why->message);
	if (changes != 1)
		return changes;
	if (keep_read(keep, sql, false, why) == -1 ||
	    keep_check(keep, why) == -1 ||
	    seal_due(sql, wish->now_ms, SEAL_GRACE_MS, io_stopping, &sealed,
		why) == -1 ||
	    prune_by_age(
		tenant, keep, wish->aged_ms, io_stopping, counts, why) == -1 ||
	    make_room(wish, tenant, keep, counts, why) == -1 ||
	    prune_files(wish, tenant_slug(tenant), keep, why) == -1)
		return -1;
	return space_release(sql, io_stopping, &fixed, why);
}

static void
tell_taken(const char *slug, const struct prune_counts *counts)
{
	struct buf time = { NULL, 0, 0 };

	if (counts->behind > 0)
		warn("tenant %s: rollup is behind: readings of %lld batteries "
		     "are left alone",
		    slug, (long long)counts->behind);
	if (counts->readings_before_ms != 0) {
		buf_time(&time, counts->readings_before_ms);
		warn("tenant %s: %lld readings from before %s are taken away",
		    slug, (long long)counts->readings, time.data);
	}
	buf_free(&time);
}

/* One tenant; its failure does not keep the others from theirs. */
static int
job(struct wish *wish, const char *slug)
{
	struct prune_counts counts = { .readings = 0 };
	struct space before, after;
	struct keep keep = wish->keep;
	struct failure why;
	struct tenant *tenant =
	    tenant_open(wish->common.root, slug, SQL_WRITE, &why);
	char what[128];
	int result = -1;

	if (tenant != NULL && space_read(tenant, &before, &why) == 0 &&
	    prune(wish, tenant, &keep, &counts, &why) == 0)
		result = space_read(tenant, &after, &why);
	tenant_close(tenant);
	tell_taken(slug, &counts);
	if (result == -1)
		return chosen_failed(slug, &why);
	wish->used += after.used + after.free;
	if (wish->common.verbose)
		say(slug, &counts, &before, &after);
	snprintf(what, sizeof(what), "tenant %s: storage", slug);
	return tell_room(what, after.used, after.limit,
	    ", new data wait (max_storage_gb, or retention: when_full)");
}

/* ---- the machine ------------------------------------------------------ */

/* What the operator gave for all tenants, in bytes; 0: the disk itself. */
static int64_t
budget(struct sql *core)
{
	struct failure why;
	struct sql_query *query = sql_prepare(core,
	    "SELECT config_value + 0.0 FROM system_config"
	    " WHERE config_key = 'storage.budget_gb'",
	    &why);
	int64_t bytes = 0;

	if (query == NULL || sql_step(query, &why) == -1)
		die_failure(&why);
	bytes = (int64_t)(sql_real(query, 0) * 1e9);
	sql_query_free(query);
	return bytes < 0 ? 0 : bytes;
}

static int
tell_machine(const struct wish *wish, int64_t limit)
{
	struct statvfs disk;
	int64_t all, left;

	if (limit > 0 && wish->common.tenants.all)
		return tell_room(
		    "all tenants: storage.budget_gb", wish->used, limit, "");
	if (statvfs(wish->common.root, &disk) != 0)
		return EXIT_OK;
	left = (int64_t)(disk.f_bavail * disk.f_frsize);
	all = (int64_t)((disk.f_blocks - disk.f_bfree) * disk.f_frsize) + left;
	return tell_room("the disk", all - left, all, "");
}

static void
prune_jobs(struct sql *core, const struct wish *wish)
{
	struct failure why;
	struct sql_query *query;

	if (wish->keep.days[KEEP_JOBS] == 0 || !wish->common.tenants.all)
		return;
	query =
	    sql_prepare(core, "DELETE FROM job_runs WHERE ended_at < ?1", &why);
	if (query == NULL)
		die_failure(&why);
	sql_bind_integer(
	    query, 1, wish->aged_ms - wish->keep.days[KEEP_JOBS] * DAY_MS);
	if (sql_done(query, &why) == -1)
		warn("%s", why.message);
	sql_query_free(query);
}

/* Settings and limits of the system; where there is no core.db, none. */
static int64_t
read_core(struct wish *wish)
{
	struct buf path = { NULL, 0, 0 };
	struct failure why;
	struct sql *core;
	int64_t limit = 0;

	keep_default(&wish->keep);
	buf_print(&path, "%s/core.db", wish->common.root);
	if (access(path.data, F_OK) == 0) {
		core = core_open(wish->common.root, SQL_WRITE, &why);
		if (core == NULL ||
		    keep_read(&wish->keep, core, true, &why) == -1)
			die_failure(&why);
		prune_jobs(core, wish);
		limit = budget(core);
		sql_close(core);
	}
	buf_free(&path);
	return limit;
}

static void
read_options(struct wish *wish, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "ahvt:", options, NULL)) != -1)
		switch (c) {
		case 'n':
			wish->now_ms = wish->aged_ms =
			    arg_time_ms("--now", optarg);
			break;
		case 's':
			wish->spool = optarg;
			break;
		default:
			common_option(&wish->common, c, synopsis);
		}
	common_end(&wish->common, argc, synopsis);
}

/* Unless it was said. On a full disk it cannot be remembered, and then there
 * must be made room all the more. */
static int
read_clock(struct wish *wish, struct arena *arena)
{
	struct failure why;

	if (wish->aged_ms != -1 ||
	    aging_look(arena_print(arena, "%s/clock", wish->common.root),
		wish->now_ms, &wish->aged_ms, &why) == 0)
		return EXIT_OK;
	warn("%s", why.message);
	return (int)why.status;
}

int
prune_main(int argc, char **argv)
{
	struct wish wish = { .now_ms = clock_now_ms(), .aged_ms = -1 };
	const struct arg_tenants *tenants = &wish.common.tenants;
	struct arena arena = { 0 };
	struct box_path more;
	int64_t limit;
	int status;

	read_options(&wish, argc, argv);
	tenants_resolve(&wish.common.tenants, wish.common.root, &arena);
	if (wish.spool == NULL)
		wish.spool = arena_print(&arena, "%s/spool", wish.common.root);
	io_stop_on_signals();
	status = read_clock(&wish, &arena);
	limit = read_core(&wish);
	more = (struct box_path){ wish.spool, BOX_WRITE };
	box_tenants_and(
	    wish.common.root, tenants->slug, tenants->count, false, &more, 1);
	for (size_t i = 0; i < tenants->count && !io_stopping(); i++)
		status = chosen_worse(status, job(&wish, tenants->slug[i]));
	status = chosen_worse(status, tell_machine(&wish, limit));
	free(tenants->slug);
	arena_free(&arena);
	return status;
}
