/*
 * Rows of a table as lines: references by the other row's key. Rows are
 * read in pages that go on behind the last number, so that no transaction
 * is open while the caller writes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/row.h"
#include "store/sealed.h"

#define PAGE_ROWS 500

struct row_reader {
	struct sql_query *query;
	struct buf page; /* lines */
	size_t next; /* where in the page */
	int64_t last_id;
	bool ended;
	struct table *table;
	struct arena arena;
};

/* Names are SQLite's own, of our schema; quoted all the same. */
static void
put_name(struct buf *text, const char *name)
{
	buf_char(text, '"');
	buf_text(text, name);
	buf_char(text, '"');
}

static const char entity_key[] =
    "CASE t.entity_type"
    " WHEN 'battery' THEN"
    " (SELECT slug FROM batteries WHERE id = t.entity_id)"
    " WHEN 'location' THEN"
    " (SELECT slug FROM locations WHERE id = t.entity_id)"
    " ELSE (SELECT slug FROM battery_types WHERE id = t.entity_id) END";

static int
put_column(struct buf *text, struct sql *sql, const char *table,
    const struct table_column *column, struct arena *arena, struct failure *why)
{
	const struct table *other;

	if (strcmp(column->member, "entity") == 0) {
		buf_text(text, entity_key);
		return 0;
	}
	if (sealed_column(table, column->name)) {
		buf_print(text, "unsealed(t.\"%s\", '%s', '%s', t.id)",
		    column->name, table, column->name);
		return sealed_register(sql, why);
	}
	if (column->refers == NULL) {
		buf_text(text, "t.");
		put_name(text, column->name);
		return 0;
	}
	other = table_load(sql, column->refers, arena, why);
	if (other == NULL)
		return -1;
	buf_text(text, "(SELECT ");
	put_name(text,
	    other->key_count == 0
		? "id"
		: other->column[other->key[0].column[0]].name);
	buf_text(text, " FROM ");
	put_name(text, other->name);
	buf_text(text, " WHERE id = t.");
	put_name(text, column->name);
	buf_char(text, ')');
	return 0;
}

static int
put_select(struct buf *text, struct sql *sql, const struct table *table,
    struct arena *arena, struct failure *why)
{
	buf_text(text, "SELECT ");
	for (size_t i = 0; i < table->count; i++) {
		if (i > 0)
			buf_text(text, ", ");
		if (table->column[i].shape == TABLE_BLOB)
			return failure_set(why, EXIT_WRONG,
			    "%s: has packed columns; use bms_data with "
			    "tenant-db query",
			    table->name);
		if (put_column(text, sql, table->name, &table->column[i], arena,
			why) == -1)
			return -1;
	}
	buf_text(text, " FROM ");
	put_name(text, table->name);
	/* tables without a number are small: one page */
	buf_text(text,
	    table->column[0].id ? " t WHERE t.id > ?1 ORDER BY t.id LIMIT ?2"
				: " t WHERE ?1 + ?2 > 0 ORDER BY 1, 2");
	return 0;
}

struct row_reader *
row_reader_open(struct sql *sql, const char *table, struct failure *why)
{
	struct row_reader *reader = mem_zero(1, sizeof(*reader));
	struct buf text = { 0 };

	reader->table = table_load(sql, table, &reader->arena, why);
	if (reader->table != NULL &&
	    put_select(&text, sql, reader->table, &reader->arena, why) == 0)
		reader->query = sql_prepare(sql, text.data, why);
	buf_free(&text);
	if (reader->query != NULL)
		return reader;
	row_reader_close(reader);
	return NULL;
}

static void
print_row(struct row_reader *reader, const char *tenant, struct buf *out)
{
	const struct table *table = reader->table;

	buf_char(out, '{');
	if (tenant != NULL) {
		json_put_name(out, "tenant");
		json_put_text(out, tenant, strlen(tenant));
	}
	for (size_t i = 0; i < table->count; i++) {
		const struct table_column *column = &table->column[i];

		if ((column->id && table->key_count > 0) ||
		    sql_column_type(reader->query, (int)i) == SQL_TYPE_NULL)
			continue;
		json_put_name(out, column->member);
		row_value_print(column, reader->query, (int)i, out);
	}
	buf_text(out, "}\n");
}

static int
read_page(struct row_reader *reader, const char *tenant, struct failure *why)
{
	bool numbered = reader->table->column[0].id;
	int count = 0, got;

	buf_clear(&reader->page);
	reader->next = 0;
	sql_bind_integer(reader->query, 1, reader->last_id);
	sql_bind_integer(reader->query, 2, PAGE_ROWS);
	while ((got = sql_step(reader->query, why)) == 1) {
		count++;
		if (numbered)
			reader->last_id = sql_integer(reader->query, 0);
		print_row(reader, tenant, &reader->page);
	}
	sql_reset(reader->query);
	reader->ended = !numbered || count < PAGE_ROWS;
	return got;
}

int
row_next(struct row_reader *reader, const char *tenant, struct buf *out,
    struct failure *why)
{
	const char *line;
	size_t size;

	if (reader->next == reader->page.size) {
		if (reader->ended)
			return 0;
		if (read_page(reader, tenant, why) == -1)
			return -1;
		if (reader->page.size == 0)
			return 0;
	}
	line = reader->page.data + reader->next;
	size = strcspn(line, "\n") + 1;
	buf_put(out, line, size);
	reader->next += size;
	return 1;
}

void
row_reader_close(struct row_reader *reader)
{
	if (reader == NULL)
		return;
	sql_query_free(reader->query);
	buf_free(&reader->page);
	arena_free(&reader->arena);
	free(reader);
}
