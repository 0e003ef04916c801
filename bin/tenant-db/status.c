/*
 * tenant-db status: what a client may do, told or changed: its row of
 * core.db and the copies that other programs look at, in one command.
 */
#include <getopt.h>
#include <string.h>

#include "status_log.h"
#include "store/status.h"
#include "tenant-db.h"

static const char synopsis[] =
    "usage: tenant-db status [--root DIR] --tenant SLUG\n"
    "           [active|trial|suspended|archived]\n";

static const struct option options[] = { { "help", no_argument, NULL, 'h' },
	{ "root", required_argument, NULL, 'r' },
	{ "tenant", required_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

static struct sql_query *
prepare(struct sql *core, const char *text, const char *slug)
{
	struct failure why;
	struct sql_query *query = sql_prepare(core, text, &why);

	if (query == NULL)
		die_failure(&why);
	sql_bind_text(query, 1, slug);
	return query;
}

static void
tell(struct sql *core, const char *slug)
{
	struct sql_query *query =
	    prepare(core, "SELECT status FROM clients WHERE slug = ?1", slug);
	struct buf line = { NULL, 0, 0 };
	struct failure why;
	int got = sql_step(query, &why);

	if (got == 0)
		failure_set(&why, EXIT_WRONG,
		    "%s: not among the clients of core.db", slug);
	if (got != 1)
		die_failure(&why);
	buf_print(&line, "%s\n", sql_text(query, 0));
	line_out(&line);
	sql_query_free(query);
}

static int
put(struct sql *core, const char *slug, const char *word, struct failure *why)
{
	struct sql_query *query = prepare(core,
	    "UPDATE clients SET status = ?2, updated_at = unixepoch() * 1000"
	    " WHERE slug = ?1",
	    slug);
	int result;

	sql_bind_text(query, 2, word);
	result = sql_done(query, why);
	sql_query_free(query);
	if (result == 0 && sql_changes(core) == 0)
		return failure_set(why, EXIT_WRONG,
		    "%s: not among the clients of core.db", slug);
	return result;
}

static void
change(struct sql *core, struct access *access, const char *root,
    const char *slug, const char *word, const char *actor)
{
	struct failure why;

	if (sql_begin(core, &why) == -1 || status_log_begin(core, &why) == -1 ||
	    put(core, slug, word, &why) == -1 ||
	    status_log_end(core, actor, &why) == -1 ||
	    sql_commit(core, true, &why) == -1 ||
	    client_copy(core, access, root, slug, &why) == -1)
		die_failure(&why);
}

static const char *
known_word(const char *word)
{
	for (enum status one = 0; one < STATUS_COUNT; one++)
		if (strcmp(word, status_word(one)) == 0)
			return word;
	die(EXIT_WRONG, "%s: not active, trial, suspended or archived", word);
}

int
status_main(int argc, char **argv)
{
	const char *root = NULL, *slug = NULL, *word = NULL;
	struct access *access = NULL;
	struct arena arena = { 0 };
	const char *actor;
	struct place place;
	int c;

	while ((c = getopt_long(argc, argv, "ht:", options, NULL)) != -1)
		one_option(&root, &slug, c, synopsis);
	if (slug == NULL || argc - optind > 1)
		arg_usage(synopsis, false);
	if (argc > optind)
		word = known_word(argv[optind]);
	root = arg_root(root);
	place_open(&place, root, NULL, word == NULL ? SQL_READ : SQL_WRITE);
	actor = actor_name(&arena);
	if (word != NULL)
		access = client_access(root);
	box_tenants(root, &slug, 1, true);
	if (word == NULL)
		tell(place.sql, slug);
	else
		change(place.sql, access, root, slug, word, actor);
	access_close(access);
	place_close(&place);
	arena_free(&arena);
	return EXIT_OK;
}
