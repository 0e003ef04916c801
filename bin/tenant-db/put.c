/*
 * tenant-db put: rows from lines into a table. Lines are read in batches,
 * which are complete in memory before a transaction begins; a bad row is
 * named by its line and the good ones are stored, durably.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "store/chosen.h"
#include "status_log.h"
#include "store/row.h"
#include "store/sealed.h"
#include "tenant-db.h"
#include "vault.h"

#define BATCH_ROWS 1000

static const char synopsis[] =
    "usage: tenant-db put [--dry-run] [--master FILE] [--reject FILE]\n"
    "           [--root DIR] --core | --tenant SLUG TABLE [FILE ...]\n";

static const struct option options[] = { { "core", no_argument, NULL, 'c' },
	{ "dry-run", no_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'h' },
	{ "master", required_argument, NULL, 'm' },
	{ "reject", required_argument, NULL, 'j' },
	{ "root", required_argument, NULL, 'r' },
	{ "tenant", required_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

/* Tables that are written by the programs whose work they hold. */
static const char *const closed_tables[] = { "alert_again", "alert_seen",
	"alert_state", "audit_logs", "blocks", "bms_data_history",
	"cell_blocks", "cell_history", "cell_rows", "client", "corrections",
	"counter_state", "cursors", "device_state", "fault_events",
	"history_blocks", "history_rows", "job_runs", "judged", "readings",
	"retained", "sealed_values", "sealing", "suspects", "touched" };

struct row {
	json_t *object;
	char *line; /* as it came, for --reject */
	size_t size;
	const char *name;
	uint64_t number;
	struct failure why;
	bool done;
};

struct job {
	const char *root, *slug, *table, *reject_path, *master, *actor;
	bool core, dry;
	struct place place;
	struct access *access; /* for rows of clients */
	struct row_writer *writer;
	struct lines lines;
	struct row *rows;
	size_t count, room;
	struct refusals refusals;
	int uncopied; /* why a client could not be copied */
};

static void
refuse(struct job *job, const char *name, uint64_t number, const char *line,
    size_t size, const char *message)
{
	refusals_line(&job->refusals, name, number, line, size, message);
}

/* Lines of get name their tenant: it must be this one. */
static int
take_tenant(const struct job *job, json_t *object, struct failure *why)
{
	const char *slug = NULL;

	if (job->core)
		return 0;
	if (json_member_text(object, "tenant", false, &slug, why) == -1)
		return -1;
	if (slug != NULL && strcmp(slug, job->slug) != 0)
		return failure_set(why, EXIT_REFUSED,
		    "is of tenant %.60s, not %s", slug, job->slug);
	json_object_del(object, "tenant");
	return 0;
}

static void
add_line(struct job *job, const char *line, size_t size)
{
	struct failure why;
	json_t *object = json_read(line, size, &why);

	if (object != NULL && take_tenant(job, object, &why) == -1) {
		json_decref(object);
		object = NULL;
	}
	if (object == NULL) {
		refuse(job, job->lines.reader.name, job->lines.reader.line,
		    line, size, why.message);
		return;
	}
	if (job->count == job->room) {
		job->room = job->room == 0 ? 64 : job->room * 2;
		job->rows = mem_grow(job->rows, job->room, sizeof(*job->rows));
	}
	job->rows[job->count++] = (struct row){ object,
		mem_copy_bytes(line, size), size, job->lines.reader.name,
		job->lines.reader.line, { 0 }, false };
}

/* Fill a batch. A trial is one batch: its rows may need each other. */
static bool
read_batch(struct job *job)
{
	enum io_result result = IO_LINE;
	char *line;
	size_t size;

	while (job->dry || job->count < BATCH_ROWS) {
		result = lines_next(&job->lines, &line, &size);
		if (result == IO_LONG)
			refuse(job, job->lines.reader.name,
			    job->lines.reader.line, NULL, 0,
			    "line is too long");
		else if (result == IO_ERROR)
			die(io_read_status(), "%s:", job->lines.reader.name);
		else if (result == IO_END || result == IO_STOP)
			return false;
		else
			add_line(job, line, size);
	}
	return true;
}

/* Rows may refer to rows behind them: go round while that helps. */
static void
put_rows(struct job *job)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < job->count; i++) {
			struct row *row = &job->rows[i];

			if (row->done)
				continue;
			row->done =
			    row_put(job->writer, row->object, &row->why) == 0;
			if (!row->done && row->why.status != EXIT_REFUSED) {
				sql_rollback(job->place.sql);
				die_failure(&row->why);
			}
			more = more || row->done;
		}
	}
}

static bool
is_clients(const struct job *job)
{
	return job->core && strcmp(job->table, "clients") == 0;
}

static void
store_batch(struct job *job)
{
	struct failure why;

	if (sql_begin(job->place.sql, &why) == -1 ||
	    (is_clients(job) && status_log_begin(job->place.sql, &why) == -1))
		die_failure(&why);
	put_rows(job);
	if (is_clients(job) &&
	    status_log_end(job->place.sql, job->actor, &why) == -1)
		die_failure(&why);
	if (job->dry)
		sql_rollback(job->place.sql);
	else if (sql_commit(job->place.sql, true, &why) == -1)
		die_failure(&why);
}

static void
finish_batch(struct job *job)
{
	for (size_t i = 0; i < job->count; i++) {
		struct row *row = &job->rows[i];

		if (!row->done)
			refuse(job, row->name, row->number, row->line,
			    row->size, row->why.message);
		json_decref(row->object);
		free(row->line);
	}
	job->count = 0;
}

/* One that fails is told, and does not keep others from theirs. */
static void
copy_client(struct job *job, const char *slug)
{
	struct failure why;

	if (client_copy(job->place.sql, job->access, job->root, slug, &why) ==
	    0)
		return;
	warn("%s", why.message);
	job->uncopied = chosen_worse(job->uncopied, (int)why.status);
}

static void
copy_clients(struct job *job)
{
	if (!is_clients(job) || job->dry)
		return;
	for (size_t i = 0; i < job->count; i++)
		if (job->rows[i].done)
			copy_client(job,
			    json_string_value(
				json_object_get(job->rows[i].object, "slug")));
}

static void
put_all(struct job *job)
{
	bool more = true;

	while (more) {
		more = read_batch(job);
		if (job->count > 0)
			store_batch(job);
		copy_clients(job);
		finish_batch(job);
	}
}

static void
read_options(struct job *job, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "hnt:", options, NULL)) != -1)
		switch (c) {
		case 'c':
			job->core = true;
			break;
		case 'j':
			job->reject_path = optarg;
			break;
		case 'm':
			job->master = optarg;
			break;
		case 'n':
			job->dry = true;
			break;
		default:
			one_option(&job->root, &job->slug, c, synopsis);
		}
	if (argc <= optind || job->core == (job->slug != NULL))
		arg_usage(synopsis, false);
	job->table = argv[optind];
	job->root = arg_root(job->root);
}

/* The key of the database, where it has sealed columns to be put. */
static void
unseal(const struct job *job)
{
	struct vault_secret *master;
	struct failure why;

	if (!sealed_table(job->table))
		return;
	master = master_open(job->master, job->root);
	if (sealed_open(job->place.sql, master, job->root, &why) == -1)
		die_failure(&why);
	if (job->core && master != NULL &&
	    sealed_version(job->place.sql, NULL, &why) == 0)
		warn("core.db has no key, what is sensitive is in clear: run "
		     "tenant-db key init --core");
	vault_secret_free(master);
}

static void
box(const struct job *job)
{
	struct arena arena = { 0 };
	struct failure why;
	char **slugs = NULL;
	size_t count = 0;

	if (!job->core) {
		box_tenants(job->root, &job->slug, 1, false);
		return;
	}
	if (is_clients(job) &&
	    tenant_list(job->root, &arena, &slugs, &count, &why) == -1)
		die_failure(&why);
	box_tenants(job->root, (const char *const *)slugs, count, true);
	arena_free(&arena);
}

int
put_main(int argc, char **argv)
{
	struct job job = { 0 };
	struct arena arena = { 0 };
	struct failure why;

	read_options(&job, argc, argv);
	for (size_t i = 0; i < sizeof(closed_tables) / sizeof(*closed_tables);
	     i++)
		if (strcmp(job.table, closed_tables[i]) == 0)
			die(EXIT_WRONG, "%s: is written by other programs",
			    job.table);
	io_stop_on_signals();
	lines_open(&job.lines, argv + optind + 1);
	place_open(&job.place, job.root, job.slug, SQL_WRITE);
	unseal(&job);
	job.writer = row_writer_open(job.place.sql, job.table, &why);
	if (job.writer == NULL)
		die_failure(&why);
	if (job.reject_path != NULL)
		reject_open(&job.refusals, job.reject_path);
	job.actor = actor_name(&arena);
	if (is_clients(&job))
		job.access = client_access(job.root);
	box(&job);
	put_all(&job);
	row_writer_close(job.writer);
	place_close(&job.place);
	access_close(job.access);
	lines_close(&job.lines);
	if (refusals_close(&job.refusals) == -1)
		die(EXIT_AGAIN, "%s:", job.reject_path);
	free(job.rows);
	arena_free(&arena);
	return chosen_worse(
	    job.refusals.count > 0 ? EXIT_REFUSED : EXIT_OK, job.uncopied);
}
