/* What a row writer needs before its first row: lookups by each key and by
 * each reference. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/row_writer.h"

static const char by_entity[] =
    "SELECT id FROM batteries WHERE slug = ?1 AND ?2 = 'battery'"
    " UNION ALL SELECT id FROM locations"
    " WHERE slug = ?1 AND ?2 = 'location'"
    " UNION ALL SELECT id FROM battery_types"
    " WHERE slug = ?1 AND ?2 = 'battery_type'";

bool
row_is_entity(const struct table_column *column)
{
	return strcmp(column->member, "entity") == 0;
}

static int
open_reference(struct row_writer *writer, const struct table_column *column,
    struct row_reference *reference, struct failure *why)
{
	const struct table *other;
	const char *key;

	if (row_is_entity(column)) {
		reference->by_key = sql_prepare(writer->sql, by_entity, why);
		return reference->by_key == NULL ? -1 : 0;
	}
	if (column->refers == NULL)
		return 0;
	other = table_load(writer->sql, column->refers, &writer->arena, why);
	if (other == NULL)
		return -1;
	key = other->column[other->key[0].column[0]].name;
	/* a second part of the key has the name of what it is asked by */
	reference->by_key = sql_prepare(writer->sql,
	    arena_print(&writer->arena,
		"SELECT id FROM \"%s\" WHERE \"%s\""
		" = ?1 AND (?2 IS NULL OR %s = ?2)",
		other->name, key,
		strcmp(other->name, "custom_fields") == 0 ? "applies_to"
							  : "?2"),
	    why);
	if (reference->by_key == NULL)
		return -1;
	reference->by_id = sql_prepare(writer->sql,
	    arena_print(&writer->arena, "SELECT id FROM \"%s\" WHERE id = ?1",
		other->name),
	    why);
	return reference->by_id == NULL ? -1 : 0;
}

static int
open_key(struct row_writer *writer, size_t n, struct failure *why)
{
	const struct table *table = writer->table;
	const struct table_key *key = &table->key[n];
	struct buf text = { 0 };

	buf_print(&text, "SELECT id FROM \"%s\" WHERE ", table->name);
	for (size_t i = 0; i < key->count; i++)
		buf_print(&text, "%s\"%s\" = ?%zu", i == 0 ? "" : " AND ",
		    table->column[key->column[i]].name, i + 1);
	writer->find[n] = sql_prepare(writer->sql, text.data, why);
	buf_free(&text);
	return writer->find[n] == NULL ? -1 : 0;
}

static int
open_all(struct row_writer *writer, const char *name, struct failure *why)
{
	const struct table *table;

	table = writer->table =
	    table_load(writer->sql, name, &writer->arena, why);
	if (table == NULL)
		return -1;
	if (!table->column[0].id || table->key_count == 0)
		return failure_set(
		    why, EXIT_WRONG, "%s: has no key to put rows by", name);
	writer->reference = mem_zero(table->count, sizeof(*writer->reference));
	writer->value = mem_zero(table->count, sizeof(*writer->value));
	writer->given = mem_zero(table->count, sizeof(*writer->given));
	writer->secret = mem_zero(table->count, sizeof(*writer->secret));
	writer->stand = mem_zero(table->count, sizeof(*writer->stand));
	writer->version = sealed_version(writer->sql, NULL, why);
	if (writer->version == -1)
		return -1;
	for (size_t i = 0; i < table->count; i++)
		if (open_reference(writer, &table->column[i],
			&writer->reference[i], why) == -1)
			return -1;
	for (size_t i = 0; i < table->key_count; i++)
		if (open_key(writer, i, why) == -1)
			return -1;
	writer->checks = row_checks_open(writer->sql, name, why);
	return writer->checks == NULL ? -1 : 0;
}

struct row_writer *
row_writer_open(struct sql *sql, const char *table, struct failure *why)
{
	struct row_writer *writer = mem_zero(1, sizeof(*writer));

	writer->sql = sql;
	if (open_all(writer, table, why) == 0)
		return writer;
	row_writer_close(writer);
	return NULL;
}

void
row_writer_close(struct row_writer *writer)
{
	if (writer == NULL)
		return;
	for (size_t i = 0;
	     writer->reference != NULL && i < writer->table->count; i++) {
		sql_query_free(writer->reference[i].by_key);
		sql_query_free(writer->reference[i].by_id);
	}
	for (size_t i = 0; i < TABLE_KEYS; i++)
		sql_query_free(writer->find[i]);
	row_checks_close(writer->checks);
	free(writer->reference);
	free(writer->value);
	free(writer->given);
	free(writer->secret);
	free(writer->stand);
	arena_free(&writer->row);
	arena_free(&writer->arena);
	free(writer);
}
