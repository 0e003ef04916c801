/*
 * tenant-db delete: a tenant goes for good. First nobody can get at it any
 * more, then its keys are destroyed, then all that was stored of it; its row
 * in core.db goes last, so that a run that was killed can be run again.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/box.h"
#include "keys.h"
#include "spool/forget.h"
#include "store/access.h"
#include "store/audit.h"
#include "tenant-db.h"
#include "vault/ring.h"

static const char synopsis[] =
    "usage: tenant-db delete [--backups] [--root DIR] [--spool DIR]\n"
    "           [--yes SLUG] --tenant SLUG\n";

static const struct option options[] = { { "backups", no_argument, NULL, 'b' },
	{ "help", no_argument, NULL, 'h' },
	{ "root", required_argument, NULL, 'r' },
	{ "spool", required_argument, NULL, 's' },
	{ "tenant", required_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'V' },
	{ "yes", required_argument, NULL, 'y' }, { NULL, 0, NULL, 0 } };

struct wish {
	const char *root, *spool, *slug, *yes, *actor;
	bool backups;
	struct sql *core;
	struct access *access; /* NULL: there is none */
	char uuid[37];
	int root_fd;
};

/* ---- is it meant? ----------------------------------------------------- */

static void
ask(const struct wish *wish)
{
	char line[128] = "";

	if (wish->yes != NULL) {
		if (strcmp(wish->yes, wish->slug) != 0)
			die(EXIT_WRONG, "--yes %s: is not --tenant %s",
			    wish->yes, wish->slug);
		return;
	}
	if (!isatty(STDIN_FILENO))
		die(EXIT_WRONG, "give --yes %s: this cannot be taken back",
		    wish->slug);
	fprintf(stderr,
	    "All of tenant %s will be destroyed, its keys as well, and cannot"
	    " be brought back.\nType its name: ",
	    wish->slug);
	if (fgets(line, sizeof(line), stdin) != NULL)
		line[strcspn(line, "\n")] = '\0';
	if (strcmp(line, wish->slug) != 0)
		die(EXIT_WRONG, "nothing was done");
}

/* ---- the log ---------------------------------------------------------- */

/* Where the tenant's own log stands: it goes with the tenant, and this is
 * what is left of it. NULL where it cannot be read any more. */
static json_t *
head_of_log(const struct wish *wish)
{
	struct failure ignored;
	struct tenant *tenant =
	    tenant_open(wish->root, wish->slug, SQL_READ, &ignored);
	struct sql_query *query = NULL;
	json_t *head = NULL;

	if (tenant != NULL)
		query = sql_prepare(tenant_sql(tenant),
		    "SELECT id, hash FROM audit_logs ORDER BY id DESC LIMIT 1",
		    &ignored);
	if (query != NULL && sql_step(query, &ignored) == 1)
		head = json_pack("{s:I,s:s}", "seq", sql_integer(query, 0),
		    "hash", sql_text(query, 1));
	sql_query_free(query);
	tenant_close(tenant);
	return head;
}

/* A line of core's log and a change of core, together: it tells of the
 * tenant by its uuid only. */
static int
change(const struct wish *wish, const char *text, const char *step,
    json_t *before, struct failure *why)
{
	struct buf object = { 0 };
	json_t *request = json_pack("{s:s}", "step", step);
	struct audit_event event = { .actor = wish->actor,
		.event = "tenant.delete",
		.before = before,
		.request = request };
	int result = sql_begin(wish->core, why);

	buf_print(&object, "clients/%s", wish->uuid);
	event.object = object.data;
	if (result == 0)
		result = audit_append(wish->core, &event, why);
	if (result == 0)
		result = sql_run_text(wish->core, text, wish->slug, why);
	if (result == 0)
		result = sql_commit(wish->core, true, why);
	else
		sql_rollback(wish->core);
	json_decref(request);
	json_decref(before);
	buf_free(&object);
	return result;
}

/* ---- step by step ----------------------------------------------------- */

static int
shred(const struct wish *wish, struct arena *arena, struct failure *why)
{
	const char *folder = keys_folder(arena, wish->root);

	if (ring_shred(folder, wish->uuid, RING_VERSION_MAX, why) == -1)
		return -1;
	return ring_shred(arena_print(arena, "%s/archive", folder), wish->slug,
	    RING_VERSION_MAX, why);
}

/* Out of its place at once, so that no program finds half of it. */
static int
remove_folder(const struct wish *wish, struct arena *arena, struct failure *why)
{
	const char *place = arena_print(arena, "tenants/%s", wish->slug);
	const char *away =
	    arena_print(arena, "tenants/.deleted-%s", wish->slug);

	/* what a restore or an unpack that was cut off has left of it */
	if (io_remove_tree(wish->root_fd,
		arena_print(arena, "tenants/.restore-%s", wish->slug),
		why) == -1 ||
	    io_remove_tree(wish->root_fd, away, why) == -1)
		return -1;
	if (renameat(wish->root_fd, place, wish->root_fd, away) != 0 &&
	    errno != ENOENT)
		return failure_set(why, EXIT_AGAIN, "%s:", place);
	return io_remove_tree(wish->root_fd, away, why);
}

static int
remove_files(const struct wish *wish, struct arena *arena, struct failure *why)
{
	if (remove_folder(wish, arena, why) == -1 ||
	    io_remove_tree(wish->root_fd,
		arena_print(arena, "site/%s", wish->slug), why) == -1)
		return -1;
	if (!wish->backups)
		return 0;
	return io_remove_tree(
	    wish->root_fd, arena_print(arena, "backups/%s", wish->slug), why);
}

static int delete (
    const struct wish *wish, struct arena *arena, struct failure *why)
{
	json_t *head = head_of_log(wish);

	if (change(wish,
		"UPDATE clients SET status = 'archived' WHERE slug = ?1",
		"begin", head, why) == -1 ||
	    (wish->access != NULL &&
		access_forget(wish->access, wish->slug, why) == -1) ||
	    shred(wish, arena, why) == -1 ||
	    remove_files(wish, arena, why) == -1 ||
	    spool_forget(wish->spool, wish->slug, why) == -1)
		return -1;
	return change(
	    wish, "DELETE FROM clients WHERE slug = ?1", "end", NULL, why);
}

/* What is left, elsewhere or because it was not asked for. */
static void
tell(const struct wish *wish, struct arena *arena)
{
	const char *backups =
	    arena_print(arena, "%s/backups/%s", wish->root, wish->slug);

	if (access(backups, F_OK) == 0)
		warn("%s: backups are left: those that are sealed with the "
		     "tenant's own key open no more, others do; nobody "
		     "removes them now",
		    backups);
	if (access(arena_print(arena, "%s/keys", wish->root), F_OK) == 0)
		warn("%s is deleted; a copy of keys/ made until now holds its "
		     "key: destroy it",
		    wish->slug);
}

/* ---- start ------------------------------------------------------------ */

/* Who it is: by core.db, or by its own database where core knows nothing of
 * it. */
static void
find(struct wish *wish)
{
	struct failure why;
	struct tenant *tenant;
	struct sql_query *query;
	int got;

	wish->core = core_open(wish->root, SQL_WRITE, &why);
	if (wish->core == NULL)
		die_failure(&why);
	got = keys_uuid(wish->core, wish->slug, wish->uuid, &why);
	if (got == -1)
		die_failure(&why);
	if (got == 1)
		return;
	tenant = tenant_open(wish->root, wish->slug, SQL_READ, &why);
	if (tenant == NULL)
		die_failure(&why);
	query =
	    sql_prepare(tenant_sql(tenant), "SELECT uuid FROM client", &why);
	if (query == NULL || sql_step(query, &why) != 1)
		die(EXIT_WRONG, "tenant %s: has no uuid", wish->slug);
	snprintf(wish->uuid, sizeof(wish->uuid), "%s", sql_text(query, 0));
	sql_query_free(query);
	tenant_close(tenant);
}

/* Where a link stands in its place, what it leads to would be left. */
static void
refuse_link(const struct wish *wish, struct arena *arena)
{
	const char *place =
	    arena_print(arena, "%s/tenants/%s", wish->root, wish->slug);
	struct stat info;

	if (lstat(place, &info) == 0 && !S_ISDIR(info.st_mode))
		die(EXIT_WRONG,
		    "%s: is no directory: put the tenant's folder there first",
		    place);
}

/* Folders that were exchanged: another tenant's is not destroyed. One that
 * cannot be read may be. */
static void
refuse_other(const struct wish *wish)
{
	struct failure ignored;
	struct tenant *tenant =
	    tenant_open_any(wish->root, wish->slug, &ignored);
	struct sql_query *query = NULL;

	if (tenant != NULL)
		query = sql_prepare(
		    tenant_sql(tenant), "SELECT slug FROM client", &ignored);
	if (query != NULL && sql_step(query, &ignored) == 1 &&
	    strcmp(sql_text(query, 0), wish->slug) != 0)
		die(EXIT_WRONG, "tenant %s: its tenant.db is that of tenant %s",
		    wish->slug, sql_text(query, 0));
	sql_query_free(query);
	tenant_close(tenant);
}

static void
read_options(struct wish *wish, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "ht:", options, NULL)) != -1)
		switch (c) {
		case 'b':
			wish->backups = true;
			break;
		case 's':
			wish->spool = optarg;
			break;
		case 'y':
			wish->yes = optarg;
			break;
		default:
			one_option(&wish->root, &wish->slug, c, synopsis);
		}
	if (argc > optind || wish->slug == NULL)
		arg_usage(synopsis, false);
	if (!io_slug_ok(wish->slug))
		die(EXIT_WRONG, "\"%s\" is no name of a tenant", wish->slug);
	wish->root = arg_root(wish->root);
}

static void
box(const struct wish *wish)
{
	const struct box_path paths[] = { { wish->root, BOX_WRITE },
		{ wish->spool, BOX_WRITE } };

	box_paths(paths, sizeof(paths) / sizeof(*paths));
}

int
delete_main(int argc, char **argv)
{
	struct wish wish = { .root = NULL };
	struct arena arena = { 0 };
	struct failure why;

	read_options(&wish, argc, argv);
	if (wish.spool == NULL)
		wish.spool = arena_print(&arena, "%s/spool", wish.root);
	wish.actor = actor_name(&arena);
	find(&wish);
	refuse_link(&wish, &arena);
	refuse_other(&wish);
	ask(&wish);
	wish.access = client_access(wish.root);
	wish.root_fd = open(wish.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (wish.root_fd < 0)
		die(EXIT_AGAIN, "%s:", wish.root);
	box(&wish);
	if (delete (&wish, &arena, &why) == -1)
		die_failure(&why);
	tell(&wish, &arena);
	access_close(wish.access);
	sql_close(wish.core);
	close(wish.root_fd);
	arena_free(&arena);
	return EXIT_OK;
}
