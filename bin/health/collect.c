/* What is looked at, and what counts as wrong. Nothing here writes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "health.h"
#include "spool/spool.h"
#include "store/tenant.h"

void
health_problem(struct health *health, const char *format, ...)
{
	char text[512];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	health->problem = mem_grow(
	    health->problem, health->problems + 1, sizeof(*health->problem));
	health->problem[health->problems++] =
	    arena_text(&health->arena, text, strlen(text));
}

/* ---- the spool -------------------------------------------------------- */

static int64_t
bytes_of(int dir_fd, size_t *count)
{
	struct spool_names names;
	struct failure why;
	struct stat st;
	int64_t bytes = 0;
	size_t i;

	*count = 0;
	if (spool_list(dir_fd, &names, &why) != 0)
		return 0;
	for (i = 0; i < names.count; i++)
		if (fstatat(dir_fd, names.name[i], &st, 0) == 0)
			bytes += st.st_size;
	*count = names.count;
	spool_names_free(&names);
	return bytes;
}

static int64_t
age(const struct health *health, int64_t time_ms)
{
	int64_t age_ms = health->now_ms - time_ms;

	return time_ms <= 0 ? -1 : age_ms > 0 ? age_ms : 0;
}

static void
judge_spool(struct health *health)
{
	if (health->oldest_ms > health->limits.spool_age_ms)
		health_problem(health,
		    "spool: the oldest segment waits for "
		    "%" PRId64 " s",
		    health->oldest_ms / 1000);
	if (health->waiting > 0)
		health_problem(health,
		    "spool: %" PRId64 " tenants have to "
		    "wait",
		    health->waiting);
	if (health->refused > 0)
		health_problem(health, "spool: %" PRId64 " lines in refused/",
		    health->refused);
}

static void
collect_spool(struct health *health)
{
	const char *path =
	    arena_print(&health->arena, "%s/spool", health->root);
	struct spool_names waiting;
	struct failure why;
	struct spool spool;
	struct stat st;
	size_t count;
	int got;

	health->oldest_ms = health->mark_ms = -1;
	got = spool_open_there(&spool, path, &why);
	if (got == -1)
		health_problem(health, "spool: %s", why.message);
	if (got != 1)
		return;
	health->spool = true;
	health->oldest_ms = age(health, spool_oldest(&spool));
	if (fstatat(spool.top, "marked", &st, 0) == 0)
		health->mark_ms =
		    age(health, (int64_t)st.st_mtim.tv_sec * 1000);
	health->fresh_bytes = bytes_of(spool.fresh, &count);
	health->fed_bytes = bytes_of(spool.fed, &count);
	bytes_of(spool.refused, &count);
	health->refused = (int64_t)count;
	if (spool_list_tenants(spool.wait, &waiting, &why) == 0) {
		health->waiting = (int64_t)waiting.count;
		spool_names_free(&waiting);
	}
	spool_close(&spool);
	judge_spool(health);
}

/* ---- the databases ---------------------------------------------------- */

static void
add_file(struct health *health, const char *name, const char *path)
{
	const char *wal = arena_print(&health->arena, "%s-wal", path);
	struct health_file *file;
	struct stat st;

	if (stat(path, &st) != 0)
		return;
	health->file =
	    mem_grow(health->file, health->files + 1, sizeof(*health->file));
	file = &health->file[health->files++];
	*file = (struct health_file){ name, st.st_size };
	if (stat(wal, &st) == 0)
		file->bytes += st.st_size;
}

static void
judge_tenant(struct health *health, const struct health_tenant *tenant)
{
	const struct pulse *pulse = &tenant->pulse;
	int64_t percent =
	    space_percent(tenant->space.used, tenant->space.limit);

	if (percent >= SPACE_EARLY)
		health_problem(health,
		    "tenant %s: storage: %" PRId64 " %% of max_storage_gb%s",
		    tenant->slug, percent,
		    percent >= 100 ? ", new data wait" : "");

	if (pulse->silent * 100 >
	    pulse->devices * health->limits.silent_percent)
		health_problem(health,
		    "tenant %s: %" PRId64 " of %" PRId64 " devices are silent",
		    tenant->slug, pulse->silent, pulse->devices);
}

static void
collect_tenant(struct health *health, struct health_tenant *tenant)
{
	struct failure why;
	struct tenant *db =
	    tenant_open(health->root, tenant->slug, SQL_READ, &why);

	if (db == NULL || space_read(db, &tenant->space, &why) != 0 ||
	    pulse_read(db, health->now_ms, &tenant->pulse, &why) != 0)
		health_problem(
		    health, "tenant %s: %s", tenant->slug, why.message);
	else {
		tenant->open = true;
		judge_tenant(health, tenant);
	}
	tenant_close(db);
	add_file(health, tenant->slug,
	    arena_print(&health->arena, "%s/tenants/%s/tenant.db", health->root,
		tenant->slug));
}

static void
collect_tenants(struct health *health)
{
	struct failure why;
	char **slugs;
	size_t i;

	if (tenant_list(health->root, &health->arena, &slugs, &health->tenants,
		&why) != 0) {
		health->tenants = 0;
		health_problem(health, "%s", why.message);
		return;
	}
	health->tenant = mem_zero(health->tenants + 1, sizeof(*health->tenant));
	for (i = 0; i < health->tenants; i++) {
		health->tenant[i].slug = slugs[i];
		collect_tenant(health, &health->tenant[i]);
	}
}

static void
judge_jobs(struct health *health)
{
	size_t i;

	for (i = 0; i < health->jobs; i++)
		if (health->job[i].failures >= health->limits.job_failures)
			health_problem(health,
			    "job %s: has failed %d times "
			    "in a row (%s)",
			    health->job[i].job, health->job[i].failures,
			    job_outcome_word(health->job[i].outcome));
}

void
health_open(struct health *health)
{
	const char *path =
	    arena_print(&health->arena, "%s/core.db", health->root);
	struct failure why;

	if (access(path, F_OK) != 0 && errno == ENOENT)
		return;
	health->core = core_open(health->root, SQL_READ, &why);
	if (health->core == NULL)
		health_problem(health, "%s", why.message);
}

static void
collect_core(struct health *health)
{
	struct failure why;

	add_file(health, "core",
	    arena_print(&health->arena, "%s/core.db", health->root));
	add_file(health, "access",
	    arena_print(&health->arena, "%s/access.db", health->root));
	if (health->core == NULL)
		return;
	if (job_states(health->core, &health->arena, &health->job,
		&health->jobs, &why) != 0) {
		health->jobs = 0;
		health_problem(health, "%s", why.message);
	} else
		judge_jobs(health);
	sql_close(health->core);
}

/* ---- the disk --------------------------------------------------------- */

static void
collect_disk(struct health *health)
{
	struct statvfs disk;

	if (statvfs(health->root, &disk) != 0) {
		health_problem(health, "%s: %s", health->root, strerror(errno));
		return;
	}
	health->disk_bytes = (int64_t)(disk.f_blocks * disk.f_frsize);
	health->disk_free_bytes = (int64_t)(disk.f_bavail * disk.f_frsize);
	health->disk_free_percent = disk.f_blocks == 0
	    ? 100
	    : 100 * (double)disk.f_bavail / (double)disk.f_blocks;
	health->inode_free_percent = disk.f_files == 0
	    ? 100
	    : 100 * (double)disk.f_favail / (double)disk.f_files;
	if (health->disk_free_percent < (double)health->limits.disk_percent)
		health_problem(
		    health, "disk: %.1f %% free", health->disk_free_percent);
	if (health->inode_free_percent < (double)health->limits.disk_percent)
		health_problem(health, "disk: %.1f %% of the inodes free",
		    health->inode_free_percent);
}

void
health_collect(struct health *health)
{
	collect_spool(health);
	collect_tenants(health);
	collect_core(health);
	collect_disk(health);
}
