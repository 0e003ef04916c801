/*
 * Wishes to annul or correct: one that the options tell, or one a line. They
 * are complete in memory before a transaction begins; one that is wrong is
 * named and the good ones are stored, durably.
 */
#include "amend.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "store/corrections_store.h"

#define BATCH_LINES 200 /* in one transaction: others wait for it */

struct line {
	json_t *wish;
	char *text; /* as it came */
	size_t size;
	const char *name;
	uint64_t number;
};

/* ---- options ---------------------------------------------------------- */

static void
set_text(struct amend *amend, const char *name, const char *text)
{
	if (!num_utf8(text, strlen(text)))
		die(EXIT_WRONG, "--%s: is no UTF-8", name);
	json_object_set_new(amend->wish, name, json_string(text));
}

static void
set_integer(struct amend *amend, const char *name, int64_t high)
{
	char option[16] = "--";

	strncat(option, name, sizeof(option) - 3);
	json_object_set_new(amend->wish, name,
	    json_integer(arg_integer(option, optarg, 1, high)));
}

void
amend_option(struct amend *amend, int letter)
{
	static const struct {
		int letter;
		const char *name;
	} texts[] = { { 'b', "battery" }, { 'f', "from" }, { 'k', "kind" },
		{ 'T', "time" }, { 'u', "to" }, { 'w', "reason" },
		{ 'B', "by" } };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i].letter == letter) {
			set_text(amend, texts[i].name, optarg);
			return;
		}
	switch (letter) {
	case 'i':
		set_integer(amend, "item", 1024);
		break;
	case 'j':
		amend->reject_path = optarg;
		break;
	case 'm':
		amend->measurements = optarg;
		break;
	case 'U':
		set_integer(amend, "undo", INT64_MAX);
		break;
	default:
		one_option(&amend->root, &amend->slug, letter, amend->synopsis);
	}
}

/* Do the options tell a wish, or only who and why of those in lines? */
static bool
tells_one(const struct amend *amend)
{
	size_t rest = json_object_size(amend->wish);

	rest -= json_object_get(amend->wish, "reason") != NULL;
	rest -= json_object_get(amend->wish, "by") != NULL;
	return rest > 0 || amend->measurements != NULL;
}

/* ---- storing ---------------------------------------------------------- */

static int
put(struct amend *amend, const json_t *wish, struct failure *why)
{
	const struct correction_author author = { amend->actor,
		arena_print(&amend->arena, "tenant-db %s", amend->actor),
		clock_now_ms() };
	json_t *done;
	char *text;

	if (corrections_put(amend->place.tenant, wish, amend->correct, &author,
		&done, why) == -1)
		return -1;
	text = json_dumps(done, JSON_COMPACT | JSON_REAL_PRECISION(15));
	json_decref(done);
	if (text != NULL)
		buf_print(&amend->out.buf, "%s\n", text);
	free(text);
	return 0;
}

static void
commit(struct amend *amend)
{
	struct failure why;

	if (sql_commit(amend->place.sql, true, &why) == -1)
		die_failure(&why);
	io_writer_check(&amend->out);
}

static void
begin(struct amend *amend)
{
	struct failure why;

	if (sql_begin(amend->place.sql, &why) == -1)
		die_failure(&why);
}

/* Which option is missing, by its name. */
static void
need(const struct amend *amend, const char *name)
{
	if (json_object_get(amend->wish, name) == NULL)
		die(EXIT_WRONG, "--%s is missing", name);
}

/* What the options tell, once for each measurement: all or nothing. */
static void
put_one(struct amend *amend)
{
	bool undo = json_object_get(amend->wish, "undo") != NULL;
	const char *next = amend->measurements;
	struct failure why;

	if (!undo)
		need(amend, "battery");
	if (!undo && amend->measurements == NULL)
		die(EXIT_WRONG, "--measurement is missing");
	need(amend, "reason");
	begin(amend);
	do {
		size_t size = next == NULL ? 0 : strcspn(next, ",");

		if (next != NULL) {
			json_object_set_new(amend->wish, "measurement",
			    json_stringn(next, size));
			next = next[size] == ',' ? next + size + 1 : NULL;
		}
		if (put(amend, amend->wish, &why) == -1) {
			sql_rollback(amend->place.sql);
			die(why.status == EXIT_REFUSED ? EXIT_WRONG
						       : why.status,
			    "%s", why.message);
		}
	} while (next != NULL);
	commit(amend);
}

/* ---- lines ------------------------------------------------------------ */

static void
refuse(struct amend *amend, const struct line *line, const char *message)
{
	refusals_line(&amend->refusals, line->name, line->number, line->text,
	    line->size, message);
}

/* The line as a wish; who and why where it does not say. */
static bool
read_line(struct amend *amend, struct line *line)
{
	struct failure why;

	line->wish = json_read(line->text, line->size, &why);
	if (line->wish != NULL && !json_is_object(line->wish)) {
		json_decref(line->wish);
		line->wish = NULL;
		failure_set(&why, EXIT_REFUSED, "is no object");
	}
	if (line->wish == NULL) {
		refuse(amend, line, why.message);
		return false;
	}
	json_object_update_missing(line->wish, amend->wish);
	return true;
}

/* The next lines, as many as go in one transaction; false: the end. */
static bool
read_batch(struct amend *amend, struct line *batch, size_t *count)
{
	char *text;
	size_t size;

	for (*count = 0; *count < BATCH_LINES;) {
		enum io_result result = lines_next(&amend->lines, &text, &size);
		struct line *line = &batch[*count];

		if (result == IO_ERROR)
			die(io_read_status(), "%s:", amend->lines.reader.name);
		if (result == IO_END || result == IO_STOP)
			return false;
		*line = (struct line){ .name = amend->lines.reader.name,
			.number = amend->lines.reader.line };
		if (result == IO_LONG) {
			refuse(amend, line, "line is too long");
			continue;
		}
		line->text = mem_copy_bytes(text, size);
		line->size = size;
		if (read_line(amend, line))
			++*count;
		else
			free(line->text);
	}
	return true;
}

static void
put_batch(struct amend *amend, struct line *batch, size_t count)
{
	struct failure why;

	begin(amend);
	for (size_t i = 0; i < count; i++) {
		struct line *line = &batch[i];

		if (put(amend, line->wish, &why) == -1) {
			if (why.status != EXIT_REFUSED) {
				sql_rollback(amend->place.sql);
				die_failure(&why);
			}
			refuse(amend, line, why.message);
		}
		json_decref(line->wish);
		free(line->text);
	}
	commit(amend);
}

static void
put_lines(struct amend *amend)
{
	struct line *batch = mem_alloc(BATCH_LINES * sizeof(*batch));
	size_t count;
	bool more = true;

	while (more) {
		more = read_batch(amend, batch, &count);
		if (count > 0)
			put_batch(amend, batch, count);
	}
	free(batch);
}

/* ---- all of it -------------------------------------------------------- */

int
amend_run(struct amend *amend, int argc, char **argv)
{
	bool one = tells_one(amend);

	if (amend->slug == NULL || (one && argc > optind))
		arg_usage(amend->synopsis, false);
	amend->root = arg_root(amend->root);
	amend->actor = actor_name(&amend->arena);
	io_stop_on_signals();
	if (!one)
		lines_open(&amend->lines, argv + optind);
	place_open(&amend->place, amend->root, amend->slug, SQL_WRITE);
	io_writer_open(&amend->out, STDOUT_FILENO, "stdout");
	if (amend->reject_path != NULL)
		reject_open(&amend->refusals, amend->reject_path);
	box_tenants(amend->root, &amend->slug, 1, false);
	if (one)
		put_one(amend);
	else
		put_lines(amend);
	place_close(&amend->place);
	if (!one)
		lines_close(&amend->lines);
	if (refusals_close(&amend->refusals) == -1)
		die(EXIT_AGAIN, "%s:", amend->reject_path);
	if (io_writer_close(&amend->out) == -1)
		die_output();
	json_decref(amend->wish);
	arena_free(&amend->arena);
	return amend->refusals.count > 0 ? EXIT_REFUSED : EXIT_OK;
}
