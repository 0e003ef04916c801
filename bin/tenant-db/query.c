/*
 * tenant-db query: one SELECT that a person wrote, over one tenant's
 * database, which is opened for reading and guarded: nothing can be
 * changed, attached or loaded, and it ends after five seconds.
 */
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "query.h"
#include "tenant-db.h"

#define LIMIT_MS 5000
#define RESULT_MAX ((size_t)16 << 20)
#define SQL_MAX ((size_t)64 << 10)

static const char synopsis[] =
    "usage: tenant-db query [--csv | --table] [--raw] [--root DIR]\n"
    "           --core | --tenant SLUG SQL\n";

static const struct option options[] = { { "core", no_argument, NULL, 'k' },
	{ "csv", no_argument, NULL, 'c' }, { "help", no_argument, NULL, 'h' },
	{ "raw", no_argument, NULL, 'w' },
	{ "root", required_argument, NULL, 'r' },
	{ "table", no_argument, NULL, 'T' },
	{ "tenant", required_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

struct wish {
	const char *root, *slug;
	bool core, raw;
	enum query_form form;
};

/*
 * All rows are read before the first is written, so that the database is
 * not held open while a pager waits.
 */
static int
run(struct sql *sql, const char *text, const struct wish *wish, struct buf *out,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(sql, text, why);
	struct query_rows rows = { 0 };
	int got;

	if (query == NULL)
		return -1;
	query_rows_begin(&rows, query, wish->form, wish->raw, out);
	while ((got = sql_step(query, why)) == 1) {
		query_rows_add(&rows, query, out);
		if (out->size > RESULT_MAX)
			got = failure_set(why, EXIT_WRONG,
			    "the result is "
			    "larger than %zu MiB",
			    RESULT_MAX >> 20);
		else if (io_stopping())
			got = failure_set(why, EXIT_AGAIN, "stopped");
		if (got == -1)
			break;
	}
	if (got == 0)
		query_rows_end(&rows, out);
	query_rows_free(&rows);
	sql_query_free(query);
	return got;
}

static void
read_options(struct wish *wish, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "ht:", options, NULL)) != -1)
		switch (c) {
		case 'k':
			wish->core = true;
			break;
		case 'c':
			wish->form = QUERY_CSV;
			break;
		case 'T':
			wish->form = QUERY_TABLE;
			break;
		case 'w':
			wish->raw = true;
			break;
		default:
			one_option(&wish->root, &wish->slug, c, synopsis);
		}
	if (argc != optind + 1 || wish->core == (wish->slug != NULL))
		arg_usage(synopsis, false);
	wish->root = arg_root(wish->root);
}

int
query_main(int argc, char **argv)
{
	struct wish wish = { .form = QUERY_LINES };
	struct place place;
	struct io_writer out;
	struct failure why;

	read_options(&wish, argc, argv);
	if (strlen(argv[optind]) > SQL_MAX)
		die(EXIT_WRONG, "the statement is too long");
	io_stop_on_signals();
	place_open(&place, wish.root, wish.slug, SQL_READ);
	box_tenants(wish.root, &wish.slug, wish.core ? 0 : 1, wish.core);
	sql_guard(place.sql, LIMIT_MS);
	io_writer_open(&out, STDOUT_FILENO, "stdout");
	if (run(place.sql, argv[optind], &wish, &out.buf, &why) == -1)
		die_failure(&why);
	place_close(&place);
	if (io_writer_close(&out) == -1)
		die_output();
	return EXIT_OK;
}
