/*
 * What damages a file is told and counted, and the rest is looked at all
 * the same; only what keeps from looking is a failure.
 */
#include <string.h>

#include "base/clock.h"
#include "store/block.h"
#include "store/check_parts.h"
#include "store/pack.h"
#include "store/schema.h"
#include "store/sql.h"
#include "store/stored.h"

void
check_tell(struct checking *c)
{
	c->check->wrong++;
	c->check->say(c->check->context, c->text.data);
	buf_clear(&c->text);
}

/* A failure that says that something is wrong was an answer. */
static int
answer(struct checking *c, int result, const struct failure *why)
{
	if (result != -1 || why->status == EXIT_AGAIN)
		return result;
	buf_text(&c->text, why->message);
	check_tell(c);
	return 0;
}

/* ---- what SQLite sees ------------------------------------------------- */

static int
integrity(struct checking *c, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(c->sql, "PRAGMA integrity_check", why);
	int got = -1;

	while (query != NULL && (got = sql_step(query, why)) == 1) {
		const char *text = sql_text(query, 0);

		if (text != NULL && strcmp(text, "ok") == 0)
			continue;
		buf_print(&c->text, "file: %s", text == NULL ? "?" : text);
		check_tell(c);
	}
	sql_query_free(query);
	return got;
}

static int
references(struct checking *c, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(c->sql, "PRAGMA foreign_key_check", why);
	int got = -1;

	while (query != NULL && (got = sql_step(query, why)) == 1) {
		buf_print(&c->text, "table %s: row %lld: no such row of %s",
		    sql_text(query, 0), (long long)sql_integer(query, 1),
		    sql_text(query, 2));
		check_tell(c);
	}
	sql_query_free(query);
	return got;
}

static int
owner(struct checking *c, const char *slug, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(c->sql, "SELECT slug FROM client", why);
	int got = query == NULL ? -1 : sql_step(query, why);
	const char *found = got == 1 ? sql_text(query, 0) : NULL;

	if (got == 0)
		buf_text(&c->text, "table client: is empty");
	else if (got == 1 && (found == NULL || strcmp(found, slug) != 0))
		buf_print(&c->text, "table client: is tenant %s",
		    found == NULL ? "?" : found);
	if (c->text.size > 0)
		check_tell(c);
	sql_query_free(query);
	return got == -1 ? -1 : 0;
}

static int
count_batteries(struct checking *c, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(c->sql, "SELECT count(*) FROM batteries", why);
	int got = query == NULL ? -1 : sql_step(query, why);

	if (got == 1)
		c->check->batteries += (uint64_t)sql_integer(query, 0);
	sql_query_free(query);
	return got == -1 ? -1 : 0;
}

/* ---- blocks ----------------------------------------------------------- */

/* What a block's row says of it, and who stands where it should not. */
static const char next_blocks[] =
    "SELECT id, first, last, count, data,"
    " id >> 32 IN (SELECT id FROM batteries),"
    " (SELECT p.last FROM blocks p WHERE p.id < b.id"
    " AND p.id >= b.id >> 32 << 32 ORDER BY p.id DESC LIMIT 1) >= first,"
    " (SELECT time FROM readings WHERE time BETWEEN first AND last"
    " AND battery_id = b.id >> 32 LIMIT 1)"
    " FROM blocks b WHERE id > ?1 ORDER BY id LIMIT ?2";

static void
name_block(struct checking *c)
{
	buf_print(&c->text, "block %lld of battery %lld: ", (long long)c->block,
	    (long long)(c->block >> 32));
}

static void
wrong_block(struct checking *c, const char *what)
{
	name_block(c);
	buf_text(&c->text, what);
	check_tell(c);
}

/* Its rows in order, each once. */
static bool
ordered(const struct block *block)
{
	struct readings_row before, row;

	block_row(block, 0, &before);
	for (size_t i = 1; i < block_count(block); i++) {
		block_row(block, i, &row);
		if (row.time_ms < before.time_ms ||
		    (row.time_ms == before.time_ms && row.kind <= before.kind))
			return false;
		before = row;
	}
	return true;
}

static void
compare_rows(
    struct checking *c, struct sql_query *query, const struct block *block)
{
	size_t count = block_count(block);
	struct readings_row first, last;

	c->check->sealed += count;
	block_row(block, 0, &first);
	block_row(block, count - 1, &last);
	if (!ordered(block))
		wrong_block(c, "its readings are not in order of time");
	if (first.time_ms != sql_integer(query, 1))
		wrong_block(c, "first is not that of its readings");
	if (last.time_ms != sql_integer(query, 2))
		wrong_block(c, "last is not that of its readings");
	if ((int64_t)count != sql_integer(query, 3))
		wrong_block(c, "count is not that of its readings");
	if (block_key(c->block >> 32, first.time_ms) != c->block)
		wrong_block(c, "its key is not that of its first reading");
}

static void
look_at_block(struct checking *c, struct sql_query *query)
{
	struct failure why;
	size_t size;
	const void *data = sql_blob(query, 4, &size);

	c->open = block_open_in(c->open, data, size, &why);
	if (c->open == NULL)
		wrong_block(c, why.message);
	else
		compare_rows(c, query, c->open);
	if (sql_integer(query, 5) == 0)
		wrong_block(c, "there is no such battery");
	if (sql_integer(query, 6) != 0)
		wrong_block(c, "begins in the time of the block before it");
	if (sql_column_type(query, 7) == SQL_TYPE_NULL)
		return;
	name_block(c);
	buf_text(&c->text, "a fresh reading stands in its time, at ");
	buf_time(&c->text, sql_integer(query, 7));
	check_tell(c);
}

/* 1 there may be more, 0 the end, -1 with a failure. */
static int
some_blocks(struct checking *c, struct sql_query *query, struct failure *why)
{
	uint64_t before = c->check->blocks;
	int got;

	sql_bind_integer(query, 1, c->block);
	sql_bind_integer(query, 2, CHECK_BATCH);
	while ((got = sql_step(query, why)) == 1) {
		c->block = sql_integer(query, 0);
		c->check->blocks++;
		look_at_block(c, query);
	}
	sql_reset(query);
	return got == -1 ? -1 : c->check->blocks - before == CHECK_BATCH;
}

/* ---- fresh rows ------------------------------------------------------- */

static const char next_rows[] =
    "SELECT time, battery_id, kind, gen, quality, packed,"
    " battery_id IN (SELECT id FROM batteries) FROM readings"
    " WHERE (time, battery_id, kind) > (?1, ?2, ?3)"
    " ORDER BY time, battery_id, kind LIMIT ?4";

static void
wrong_row(struct checking *c, const char *what)
{
	buf_print(
	    &c->text, "reading of battery %lld at ", (long long)c->battery_id);
	buf_time(&c->text, c->time_ms);
	buf_print(&c->text, ": %s", what);
	check_tell(c);
}

static void
look_at_row(struct checking *c, struct sql_query *query)
{
	struct reading reading;
	struct failure why;
	size_t size;
	const void *data = sql_blob(query, 5, &size);

	arena_reset(&c->arena);
	reading_clear(&reading);
	reading.kind = (enum reading_kind)c->kind;
	reading.time_ms = c->time_ms;
	reading.gen = sql_integer(query, 3);
	if (pack_read(data, size, sql_integer(query, 4), &c->arena, &reading,
		&why) == -1)
		wrong_row(c, why.message);
	if (sql_integer(query, 6) == 0)
		wrong_row(c, "there is no such battery");
}

static int
some_rows(struct checking *c, struct sql_query *query, struct failure *why)
{
	uint64_t before = c->check->fresh;
	int got;

	sql_bind_integer(query, 1, c->time_ms);
	sql_bind_integer(query, 2, c->battery_id);
	sql_bind_integer(query, 3, c->kind);
	sql_bind_integer(query, 4, CHECK_BATCH);
	while ((got = sql_step(query, why)) == 1) {
		c->time_ms = sql_integer(query, 0);
		c->battery_id = sql_integer(query, 1);
		c->kind = sql_integer(query, 2);
		c->check->fresh++;
		look_at_row(c, query);
	}
	sql_reset(query);
	return got == -1 ? -1 : c->check->fresh - before == CHECK_BATCH;
}

/* ---- all of it -------------------------------------------------------- */

int
check_walk(
    struct checking *c, const char *text, check_some *step, struct failure *why)
{
	struct sql_query *query = sql_prepare(c->sql, text, why);
	int got = query == NULL ? -1 : 1;

	while (got == 1) {
		if (c->check->stop != NULL && c->check->stop())
			got = failure_set(why, EXIT_AGAIN, "was stopped");
		else
			got = step(c, query, why);
	}
	sql_query_free(query);
	return got;
}

static int
look(struct checking *c, const char *slug, struct failure *why)
{
	if (answer(c, integrity(c, why), why) == -1 ||
	    answer(c, references(c, why), why) == -1 ||
	    answer(c, owner(c, slug, why), why) == -1 ||
	    answer(c, count_batteries(c, why), why) == -1 ||
	    answer(c, check_walk(c, next_blocks, some_blocks, why), why) ==
		-1 ||
	    answer(c, check_sheets(c, SHEETED_HISTORY, why), why) == -1 ||
	    answer(c, check_sheets(c, SHEETED_CELLS, why), why) == -1)
		return -1;
	return answer(c, check_walk(c, next_rows, some_rows, why), why);
}

int
check_file(struct check *check, const char *path, const char *slug,
    struct failure *why)
{
	struct checking c = { .check = check, .block = INT64_MIN };
	int result;

	c.sql = sql_open(path, SQL_READ, why);
	if (c.sql == NULL)
		result = answer(&c, -1, why);
	else if (schema_check(c.sql, path, SCHEMA_OF_TENANT, why) == -1)
		result = -1;
	else
		result = look(&c, slug, why);
	sql_close(c.sql);
	buf_free(&c.text);
	arena_free(&c.arena);
	block_close(c.open);
	return result;
}
