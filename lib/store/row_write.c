/*
 * One row into its table. Statements are made for each row, as its members
 * say: rows of these tables come by hand and in hundreds; readings have a
 * way of their own.
 */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "store/row_writer.h"
#include "store/sqlite.h"

/* ---- values ----------------------------------------------------------- */

static const char *
entity_type(const json_t *object)
{
	return json_string_value(json_object_get(object, "entity_type"));
}

static int
refer(struct row_writer *writer, const json_t *object, size_t n,
    const json_t *member, struct failure *why)
{
	const struct table_column *column = &writer->table->column[n];
	struct row_reference *reference = &writer->reference[n];
	struct sql_value *value = &writer->value[n];
	int64_t id;

	value->type = SQL_TYPE_NULL;
	if (json_is_null(member))
		return column->null
		    ? 0
		    : failure_set(why, EXIT_REFUSED, "must not be null");
	if (json_is_integer(member) && reference->by_id != NULL) {
		sql_bind_integer(
		    reference->by_id, 1, json_integer_value(member));
		id = sql_answer(reference->by_id, why);
	} else if (json_is_string(member)) {
		sql_bind_text(reference->by_key, 1, json_string_value(member));
		if (entity_type(object) != NULL)
			sql_bind_text(
			    reference->by_key, 2, entity_type(object));
		id = sql_answer(reference->by_key, why);
	} else {
		return failure_set(why, EXIT_REFUSED,
		    "is neither a key nor a number of another row");
	}
	if (id == -1)
		return -1;
	if (id == 0 && json_is_string(member))
		return failure_set(why, EXIT_REFUSED, "\"%.60s\" is not in %s",
		    json_string_value(member),
		    row_is_entity(column) ? "the table of its entity_type"
					  : column->refers);
	if (id == 0)
		return failure_set(why, EXIT_REFUSED,
		    "%" JSON_INTEGER_FORMAT " is not in %s",
		    json_integer_value(member), column->refers);
	*value = (struct sql_value){ .type = SQL_TYPE_INTEGER, .integer = id };
	return 0;
}

static int
take_member(struct row_writer *writer, const json_t *object, const char *name,
    const json_t *member, struct failure *why)
{
	const struct table *table = writer->table;
	const struct table_column *column = table_find(table, name);
	size_t n;
	int result;

	if (column == NULL || column->id)
		return failure_set(
		    why, EXIT_REFUSED, "unknown member \"%.60s\"", name);
	n = (size_t)(column - table->column);
	if (writer->given[n])
		return failure_set(
		    why, EXIT_REFUSED, "column %s: given twice", column->name);
	if (row_seal_kept(member) && sealed_column(table->name, column->name))
		return 0;
	writer->given[n] = true;
	if (writer->reference[n].by_key != NULL)
		result = refer(writer, object, n, member, why);
	else
		result = row_value_read(
		    column, member, &writer->row, &writer->value[n], why);
	if (result == 0)
		result = row_value_check(
		    table->name, column, &writer->value[n], why);
	/* what is to be sealed is not to be read in a log */
	if (result == -1 && why->status == EXIT_REFUSED &&
	    writer->version != 0 && sealed_column(table->name, column->name))
		failure_set(
		    why, EXIT_REFUSED, "is not of the form that it has");
	return result == 0 ? 0
			   : failure_prefix(why, "column %s", column->member);
}

static int
take_members(
    struct row_writer *writer, const json_t *object, struct failure *why)
{
	const char *name;
	json_t *member;

	for (size_t i = 0; i < writer->table->count; i++) {
		writer->given[i] = false;
		writer->value[i].type = SQL_TYPE_NULL;
	}
	json_object_foreach((json_t *)(uintptr_t)object, name,
	    member) if (!row_checks_member(writer->checks, name) &&
	    take_member(writer, object, name, member, why) == -1) return -1;
	return 0;
}

/* ---- storing ---------------------------------------------------------- */

/* The row that has one of the row's whole keys; 0: none. */
static int64_t
find_row(struct row_writer *writer, struct failure *why)
{
	const struct table *table = writer->table;
	int64_t id = 0;

	for (size_t n = 0; n < table->key_count && id == 0; n++) {
		const struct table_key *key = &table->key[n];
		size_t i;

		for (i = 0; i < key->count; i++) {
			size_t column = key->column[i];

			if (writer->value[column].type == SQL_TYPE_NULL)
				break;
			sql_bind(writer->find[n], (int)i + 1,
			    &writer->value[column]);
		}
		if (i == key->count)
			id = sql_answer(writer->find[n], why);
		else
			sql_reset(writer->find[n]);
	}
	return id;
}

static void
print_update(struct row_writer *writer, struct buf *text)
{
	const struct table *table = writer->table;

	buf_print(text, "UPDATE \"%s\" SET id = id", table->name);
	for (size_t i = 0; i < table->count; i++) {
		const char *name = table->column[i].name;

		if (writer->given[i])
			buf_print(text, ", \"%s\" = ?%zu", name, i + 2);
		else if (strcmp(name, "updated_at") == 0)
			buf_print(
			    text, ", updated_at = %" PRId64, clock_now_ms());
	}
	buf_text(text, " WHERE id = ?1");
}

static int
print_insert(struct row_writer *writer, struct buf *text, struct failure *why)
{
	const struct table *table = writer->table;

	buf_print(text, "INSERT INTO \"%s\" (id", table->name);
	for (size_t i = 0; i < table->count; i++) {
		if (writer->given[i])
			buf_print(text, ", \"%s\"", table->column[i].name);
		else if (table->column[i].must)
			return failure_set(why, EXIT_REFUSED,
			    "column %s: is missing", table->column[i].member);
	}
	buf_text(text, ") VALUES (NULL");
	for (size_t i = 0; i < table->count; i++)
		if (writer->given[i])
			buf_print(text, ", ?%zu", i + 2);
	buf_char(text, ')');
	return 0;
}

/* What SQLite says of a constraint, in the words of a row. */
static int
explain(struct row_writer *writer, struct failure *why)
{
	const char *text = sqlite3_errmsg(writer->sql->db);
	const char *what = strstr(text, "failed: ");
	const char *column;

	if (strncmp(text, "quota: ", 7) == 0)
		return failure_set(why, EXIT_REFUSED, "%s", text);
	if (why->status != EXIT_REFUSED || what == NULL)
		return -1;
	what += strlen("failed: ");
	column = strrchr(what, '.');
	if (strncmp(text, "CHECK", 5) == 0)
		return failure_set(
		    why, EXIT_REFUSED, "does not hold: %.200s", what);
	return failure_set(why, EXIT_REFUSED,
	    strncmp(text, "UNIQUE", 6) == 0
		? "column %s: another row has this value"
		: "column %s: must not be null",
	    column == NULL ? what : column + 1);
}

static int
run_statement(struct row_writer *writer, const char *text, int64_t id,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(writer->sql, text, why);
	int result;

	if (query == NULL)
		return -1;
	if (id != 0)
		sql_bind_integer(query, 1, id);
	for (size_t i = 0; i < writer->table->count; i++)
		if (writer->given[i])
			sql_bind(query, (int)i + 2, &writer->value[i]);
	result = sql_step(query, why);
	if (result == -1)
		explain(writer, why);
	sql_query_free(query);
	return result;
}

static int
store(struct row_writer *writer, int64_t *id, struct failure *why)
{
	struct buf text = { 0 };
	int result = 0;

	*id = find_row(writer, why);
	if (*id == -1)
		return -1;
	if (*id != 0)
		print_update(writer, &text);
	else
		result = print_insert(writer, &text, why);
	if (result == 0)
		result = run_statement(writer, text.data, *id, why);
	if (result == 0 && *id == 0)
		*id = sql_last_id(writer->sql);
	buf_free(&text);
	return result;
}

static int
put(struct row_writer *writer, const json_t *object, struct failure *why)
{
	int64_t id;

	return take_members(writer, object, why) == -1 ||
		row_seal_before(writer, object, why) == -1 ||
		store(writer, &id, why) == -1 ||
		row_seal_after(writer, id, why) == -1 ||
		row_checks_after(writer->checks, object, id, why) == -1
	    ? -1
	    : 0;
}

int
row_put(struct row_writer *writer, const json_t *object, struct failure *why)
{
	struct failure ignored;

	arena_reset(&writer->row);
	if (!json_is_object(object))
		return failure_set(why, EXIT_REFUSED, "is no object");
	if (sql_run(writer->sql, "SAVEPOINT row", why) == -1)
		return -1;
	if (put(writer, object, why) == 0)
		return sql_run(writer->sql, "RELEASE row", why);
	sql_run(writer->sql, "ROLLBACK TO row; RELEASE row", &ignored);
	return -1;
}
