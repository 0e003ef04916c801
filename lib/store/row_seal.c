/* Values of a row that are stored sealed: tenant(5). */
#include <string.h>

#include "store/row_writer.h"

/* Instead of a value: there is none any more. */
static const char none[] = "";

bool
row_seal_kept(const json_t *member)
{
	return json_is_object(member) && json_object_size(member) == 1 &&
	    json_is_true(json_object_get(member, "sealed"));
}

/* Is it a setting that is sensitive: as the row says, or else as the one
 * that is there does? 1 or 0; -1 with a failure. */
static int
is_sensitive(
    struct row_writer *writer, const json_t *object, struct failure *why)
{
	const json_t *given = json_object_get(object, "is_sensitive");
	struct sql_query *query;
	int got;

	if (given != NULL)
		return json_is_true(given);
	query = sql_prepare(writer->sql,
	    "SELECT 1 FROM system_config WHERE config_key = ?1"
	    " AND is_sensitive = 1",
	    why);
	if (query == NULL)
		return -1;
	sql_bind_text(
	    query, 1, json_string_value(json_object_get(object, "config_key")));
	got = sql_step(query, why);
	sql_query_free(query);
	return got;
}

static int
seal_value(struct row_writer *writer, size_t n, struct failure *why)
{
	const struct table_column *column = &writer->table->column[n];
	struct sql_value *value = &writer->value[n];

	if (value->type != SQL_TYPE_TEXT) {
		writer->secret[n] = none;
		return 0;
	}
	if (sealed_stand(writer->sql, writer->table->name, column->name,
		value->text, writer->stand[n], why) == -1)
		return failure_prefix(why, "column %s", column->member);
	writer->secret[n] = value->text;
	value->text = writer->stand[n];
	if (value->text[0] == '\0')
		value->type = SQL_TYPE_NULL;
	return 0;
}

int
row_seal_before(
    struct row_writer *writer, const json_t *object, struct failure *why)
{
	const struct table *table = writer->table;
	int wanted = 1;

	memset(writer->secret, 0, table->count * sizeof(*writer->secret));
	if (writer->version == 0)
		return 0;
	if (strcmp(table->name, "system_config") == 0)
		wanted = is_sensitive(writer, object, why);
	if (wanted == -1)
		return -1;
	for (size_t i = 0; i < table->count; i++) {
		if (!writer->given[i] ||
		    !sealed_column(table->name, table->column[i].name))
			continue;
		if (wanted == 0)
			writer->secret[i] = none;
		else if (seal_value(writer, i, why) == -1)
			return -1;
	}
	return 0;
}

int
row_seal_after(struct row_writer *writer, int64_t id, struct failure *why)
{
	const struct table *table = writer->table;

	for (size_t i = 0; i < table->count; i++) {
		const char *secret = writer->secret[i];

		if (secret != NULL &&
		    sealed_put(writer->sql, table->name, table->column[i].name,
			id, secret == none ? NULL : secret, why) == -1)
			return -1;
	}
	return 0;
}
