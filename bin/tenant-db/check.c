/*
 * tenant-db check: is each tenant's database whole? Reads all of it, and
 * says what is wrong line by line; others may go on writing.
 */
#include <dirent.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alive.h"
#include "store/audit.h"
#include "store/chosen.h"
#include "store/tenant_path.h"
#include "tenant-db.h"

static const char synopsis[] =
    "usage: tenant-db check [-v] [--root DIR] --all | --tenant SLUG ...\n";

static const struct option options[] = { { "all", no_argument, NULL, 'a' },
	{ "help", no_argument, NULL, 'h' },
	{ "root", required_argument, NULL, 'r' },
	{ "tenant", required_argument, NULL, 't' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

/* Where the work of this tenant stands, for a person who looks on. */
static struct alive alive;
static const struct check *counted;

static bool
stopping(void)
{
	alive_tell(&alive, (int64_t)(counted->sealed + counted->fresh),
	    "readings looked at");
	return io_stopping();
}

static void
say(void *slug, const char *text)
{
	alive_close(&alive);
	warn("tenant %s: %s", (const char *)slug, text);
}

struct check
check_begin(const char *slug)
{
	return (struct check){ .say = say,
		.context = (void *)(uintptr_t)slug,
		.stop = io_stopping };
}

static void
print(const struct check *check, const char *slug)
{
	struct buf line = { NULL, 0, 0 };

	buf_print(&line,
	    "{\"kind\":\"check\",\"tenant\":\"%s\",\"wrong\":%llu,"
	    "\"batteries\":%llu,\"fresh\":%llu,\"blocks\":%llu,"
	    "\"sealed\":%llu,\"sealed_hours\":%llu}\n",
	    slug, (unsigned long long)check->wrong,
	    (unsigned long long)check->batteries,
	    (unsigned long long)check->fresh, (unsigned long long)check->blocks,
	    (unsigned long long)check->sealed,
	    (unsigned long long)check->hours);
	line_out(&line);
}

static void
look_at_mode(struct check *check, const char *slug, const char *path)
{
	struct stat info;

	if (lstat(path, &info) == 0 && !S_ISLNK(info.st_mode) &&
	    (info.st_mode & 077) != 0) {
		warn("tenant %s: %s: others than its owner may open it "
		     "(mode %03o)",
		    slug, path, (unsigned)info.st_mode & 0777);
		check->wrong++;
	}
}

/* All that is stored of a tenant is its owner's only. */
static int
look_at_modes(struct check *check, const char *slug, const char *path,
    struct failure *why)
{
	DIR *folder = opendir(path);
	char file[TENANT_PATH_MAX + 264];
	const struct dirent *entry;

	if (folder == NULL)
		return failure_set(why, EXIT_AGAIN, "%s:", path);
	look_at_mode(check, slug, path);
	while ((entry = readdir(folder)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		look_at_mode(check, slug, file);
	}
	closedir(folder);
	return 0;
}

/* The audit log is what was written. */
static int
look_at_log(struct check *check, const char *root, const char *slug,
    struct failure *why)
{
	struct tenant *tenant = tenant_open_any(root, slug, why);
	int64_t bad;
	int got =
	    tenant == NULL ? -1 : audit_verify(tenant_sql(tenant), &bad, why);

	if (got == 1) {
		warn("tenant %s: audit_logs: line %lld: %s", slug,
		    (long long)bad, why->message);
		check->wrong++;
	}
	tenant_close(tenant);
	return got == -1 ? -1 : 0;
}

/* One tenant; what is wrong with it does not keep others from theirs. */
static int
job(const char *root, const char *slug, bool verbose)
{
	struct check check = check_begin(slug);
	char folder[TENANT_PATH_MAX], file[TENANT_PATH_MAX];
	struct failure why;
	int result = 0;

	counted = &check;
	check.stop = stopping;
	alive_open(&alive, slug, ALIVE_AFTER_MS);
	if (tenant_check(root, slug, &why) == -1 ||
	    tenant_path(folder, root, slug, "", &why) == -1 ||
	    tenant_path(file, root, slug, "tenant.db", &why) == -1 ||
	    check_file(&check, file, slug, &why) == -1 ||
	    (check.wrong == 0 && look_at_log(&check, root, slug, &why) == -1) ||
	    look_at_modes(&check, slug, folder, &why) == -1)
		result = -1;
	alive_close(&alive);
	if (result == -1)
		return chosen_failed(slug, &why);
	if (verbose)
		print(&check, slug);
	return check.wrong == 0 ? EXIT_OK : EXIT_REFUSED;
}

int
check_main(int argc, char **argv)
{
	struct common common = { .root = NULL };
	const struct arg_tenants *tenants = &common.tenants;
	struct arena arena = { 0 };
	int c, status = EXIT_OK;

	while ((c = getopt_long(argc, argv, "ahvt:", options, NULL)) != -1)
		common_option(&common, c, synopsis);
	common_end(&common, argc, synopsis);
	tenants_resolve(&common.tenants, common.root, &arena);
	io_stop_on_signals();
	box_tenants(common.root, tenants->slug, tenants->count, false);
	for (size_t i = 0; i < tenants->count; i++)
		status = chosen_worse(
		    status, job(common.root, tenants->slug[i], common.verbose));
	free(tenants->slug);
	arena_free(&arena);
	return status;
}
