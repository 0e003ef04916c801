/*
 * The schema is written down once, in share/schema. Types, references and
 * keys come from SQLite's pragmas; what STRICT types cannot say (flags,
 * words, times, JSON) stands in the CHECK of a column, which is read here
 * in the few forms that the schema uses.
 */
#include "store/table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

#define TABLE_COLUMNS_MAX 200

/* ---- the text of CREATE TABLE ----------------------------------------- */

/* Comments away, white space as single blanks, quoted text as it is. */
static char *
tidy(struct arena *arena, const char *text)
{
	struct buf out = { 0 };
	char *copy;

	for (; *text != '\0'; text++) {
		if (text[0] == '-' && text[1] == '-') {
			text += strcspn(text, "\n");
			if (*text == '\0')
				break;
		}
		if (*text == '\'') {
			size_t size = strcspn(text + 1, "'") + 2;

			buf_put(&out, text, size);
			text += size - 1;
		} else if (!isspace((unsigned char)*text)) {
			buf_char(&out, *text);
		} else if (out.size > 0 && out.data[out.size - 1] != ' ') {
			buf_char(&out, ' ');
		}
	}
	copy = arena_text(arena, out.size > 0 ? out.data : "", out.size);
	buf_free(&out);
	return copy;
}

/* The next definition between the outer brackets; NULL behind the last. */
static char *
next_definition(char **at)
{
	char *start = *at + strspn(*at, " ");
	int depth = 0;
	char *p;

	for (p = start; *p != '\0'; p++) {
		if (*p == '\'')
			p += strcspn(p + 1, "'") + 1;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && depth-- == 0)
			break;
		else if (*p == ',' && depth == 0)
			break;
	}
	if (p == start)
		return NULL;
	*at = *p == ',' ? p + 1 : p;
	*p = '\0';
	return start;
}

static const char *const *
read_words(struct arena *arena, char *list)
{
	size_t count = 0;
	const char **words;
	char *p;

	for (p = list; *p != '\0' && *p != ')'; p++)
		count += *p == ',';
	words = arena_alloc(arena, (count + 2) * sizeof(*words));
	count = 0;
	while (*list == '\'') {
		size_t size = strcspn(list + 1, "'");

		words[count++] = arena_text(arena, list + 1, size);
		list += size + 2;
		list += strspn(list, ", ");
	}
	words[count] = NULL;
	return words;
}

/* Where "name text" stands in a definition: behind both, or NULL. */
static char *
behind(char *definition, const char *name, const char *text)
{
	size_t name_size = strlen(name), text_size = strlen(text);
	char *at = definition;

	while ((at = strstr(at, name)) != NULL) {
		at += name_size;
		if (*at == ' ' && strncmp(at + 1, text, text_size) == 0)
			return at + 1 + text_size;
	}
	return NULL;
}

static void
read_check(struct arena *arena, char *definition, struct table_column *column)
{
	static const struct {
		const char *text;
		enum table_shape shape;
	} forms[] = { { "IN (0, 1)", TABLE_FLAG },
		{ "BETWEEN 0 AND 253402300799999", TABLE_TIME },
		{ "IS date(", TABLE_DATE }, { "GLOB '{*}'", TABLE_OBJECT },
		{ "GLOB '[[]*]'", TABLE_ARRAY },
		{ "GLOB '[-0-9\"[{tfn]*'", TABLE_JSON } };
	char *list = behind(definition, column->name, "IN ('");

	if (list != NULL) {
		column->shape = TABLE_WORD;
		column->words = read_words(arena, list - 1);
		return;
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (behind(definition, column->name, forms[i].text) != NULL)
			column->shape = forms[i].shape;
}

static int
read_checks(struct sql *sql, struct table *table, struct arena *arena,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(sql,
	    "SELECT sql FROM sqlite_schema WHERE type = 'table'"
	    " AND name = ?1",
	    why);
	char *at, *definition;
	size_t n = 0;
	int got;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, table->name);
	got = sql_step(query, why);
	if (got == 1) {
		at = tidy(arena, sql_text(query, 0));
		at += strcspn(at, "(") + 1;
		/* columns come first, in the order of table_xinfo */
		while (n < table->count &&
		    (definition = next_definition(&at)) != NULL)
			read_check(arena, definition, &table->column[n++]);
	}
	sql_query_free(query);
	return got == -1 ? -1 : 0;
}

/* ---- SQLite's pragmas ------------------------------------------------- */

static enum table_shape
shape_of(const char *type)
{
	return strcmp(type, "INTEGER") == 0 ? TABLE_INTEGER
	    : strcmp(type, "REAL") == 0     ? TABLE_REAL
	    : strcmp(type, "BLOB") == 0     ? TABLE_BLOB
					    : TABLE_TEXT;
}

static void
read_column(
    struct sql_query *query, struct table_column *column, struct arena *arena)
{
	const char *name = sql_text(query, 0), *type = sql_text(query, 1);
	bool not_null = sql_integer(query, 2) != 0;
	bool has_default = sql_column_type(query, 3) != SQL_TYPE_NULL;

	*column = (struct table_column){ 0 };
	column->name = arena_text(arena, name, strlen(name));
	column->member = column->name;
	column->shape = shape_of(type);
	column->id = sql_integer(query, 4) != 0 && strcmp(name, "id") == 0;
	column->null = !not_null && !column->id;
	column->must = not_null && !has_default && !column->id;
}

static int
read_columns(struct sql *sql, struct table *table, struct arena *arena,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(sql,
	    "SELECT name, type, \"notnull\", dflt_value, pk"
	    " FROM pragma_table_xinfo(?1) ORDER BY cid",
	    why);
	int got;

	if (query == NULL)
		return -1;
	table->column =
	    arena_alloc(arena, TABLE_COLUMNS_MAX * sizeof(*table->column));
	sql_bind_text(query, 1, table->name);
	while ((got = sql_step(query, why)) == 1 &&
	    table->count < TABLE_COLUMNS_MAX)
		read_column(query, &table->column[table->count++], arena);
	sql_query_free(query);
	if (got == 0 && table->count == 0)
		return failure_set(
		    why, EXIT_WRONG, "%s: is no table", table->name);
	return got == -1 ? -1 : 0;
}

static void
set_reference(struct table *table, const char *name, const char *refers,
    struct arena *arena)
{
	size_t size = strlen(name);

	for (size_t i = 0; i < table->count; i++) {
		struct table_column *column = &table->column[i];

		if (strcmp(column->name, name) != 0)
			continue;
		column->refers = arena_text(arena, refers, strlen(refers));
		if (size > 3 && strcmp(name + size - 3, "_id") == 0)
			column->member = arena_text(arena, name, size - 3);
	}
}

static int
read_references(struct sql *sql, struct table *table, struct arena *arena,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(sql,
	    "SELECT \"from\","
	    " \"table\" FROM pragma_foreign_key_list(?1)",
	    why);
	int got;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, table->name);
	while ((got = sql_step(query, why)) == 1)
		set_reference(
		    table, sql_text(query, 0), sql_text(query, 1), arena);
	sql_query_free(query);
	return got;
}

static size_t
index_of(const struct table *table, const char *name)
{
	size_t i = 0;

	while (i < table->count && strcmp(table->column[i].name, name) != 0)
		i++;
	return i;
}

static int
read_keys(struct sql *sql, struct table *table, struct failure *why)
{
	/* seq counts from the newest index down: the first declared last */
	struct sql_query *query = sql_prepare(sql,
	    "SELECT l.seq, i.name FROM pragma_index_list(?1) l,"
	    " pragma_index_info(l.name) i WHERE l.origin IN ('u', 'pk')"
	    " AND NOT l.partial ORDER BY l.seq DESC, i.seqno",
	    why);
	int64_t last = -1;
	int got;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, table->name);
	while ((got = sql_step(query, why)) == 1) {
		struct table_key *key;

		if (sql_integer(query, 0) != last) {
			if (table->key_count == TABLE_KEYS)
				break;
			table->key[table->key_count++].count = 0;
		}
		last = sql_integer(query, 0);
		key = &table->key[table->key_count - 1];
		if (key->count < TABLE_KEY_COLUMNS)
			key->column[key->count++] =
			    index_of(table, sql_text(query, 1));
	}
	sql_query_free(query);
	return got == -1 ? -1 : 0;
}

/* A value of a custom field belongs to a row of the table that its
 * entity_type names. */
static void
name_entity(struct table *table)
{
	size_t n = index_of(table, "entity_id");

	if (n < table->count && index_of(table, "entity_type") < table->count)
		table->column[n].member = "entity";
}

struct table *
table_load(
    struct sql *sql, const char *name, struct arena *arena, struct failure *why)
{
	struct table *table = arena_alloc(arena, sizeof(*table));

	*table = (struct table){ 0 };
	table->name = arena_text(arena, name, strlen(name));
	if (read_columns(sql, table, arena, why) == -1 ||
	    read_checks(sql, table, arena, why) == -1 ||
	    read_references(sql, table, arena, why) == -1 ||
	    read_keys(sql, table, why) == -1)
		return NULL;
	name_entity(table);
	return table;
}

const struct table_column *
table_find(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->column[i].member, name) == 0)
			return &table->column[i];
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->column[i].name, name) == 0)
			return &table->column[i];
	return NULL;
}
