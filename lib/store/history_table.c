/*
 * The virtual tables of sheeted.h, bms_data_history among them: the rows of
 * one table, and the hours that history_seal.h has put away, with its
 * columns, whatever they are; a row of a sheet has no id. SQLite tests each
 * row again itself: bounds only narrow what is walked.
 */
#include "store/history_table.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/history_table_parts.h"
#include "store/sqlite.h"

/* ---- the declaration -------------------------------------------------- */

static int
table_disconnect(sqlite3_vtab *base)
{
	struct history_table *table = (struct history_table *)base;

	for (int i = 0; i < table->columns; i++)
		mem_free(table->name[i]);
	mem_free(table->name);
	mem_free(table);
	return SQLITE_OK;
}

/* The columns of the rows with their types, as text and by name. */
static int
declare(struct history_table *table, sqlite3_stmt *all, struct buf *text)
{
	table->columns = sqlite3_column_count(all);
	table->name = mem_zero((size_t)table->columns, sizeof(*table->name));
	buf_print(text, "CREATE TABLE %s (", table->sheeted->both);
	for (int i = 0; i < table->columns; i++) {
		const char *name = sqlite3_column_name(all, i);
		const char *type = NULL;

		table->name[i] = mem_copy_text(name);
		(void)sqlite3_table_column_metadata(table->db, "main",
		    table->sheeted->rows, name, &type, NULL, NULL, NULL, NULL);
		buf_print(text, "%s\"%s\" %s", i == 0 ? "" : ", ", name,
		    type == NULL ? "" : type);
		for (int b = 0; b < SHEETED_BOUNDS; b++)
			if (strcmp(name, table->sheeted->bound[b]) == 0)
				table->bound[b] = i;
	}
	buf_char(text, ')');
	return sqlite3_declare_vtab(table->db, text->data);
}

static int
table_connect(sqlite3 *db, void *data, int count, const char *const *words,
    sqlite3_vtab **made, char **message)
{
	struct history_table *table;
	sqlite3_stmt *all;
	struct buf text = { 0 };
	int code;

	(void)count, (void)words;
	buf_print(&text, "SELECT * FROM %s LIMIT 0",
	    ((const struct sheeted *)data)->rows);
	code = sqlite3_prepare_v2(db, text.data, -1, &all, NULL);
	buf_clear(&text);
	if (code != SQLITE_OK) {
		*message = sqlite3_mprintf("%s", sqlite3_errmsg(db));
		buf_free(&text);
		return code;
	}
	table = mem_zero(1, sizeof(*table));
	table->db = db;
	table->sheeted = data;
	code = declare(table, all, &text);
	sqlite3_finalize(all);
	buf_free(&text);
	if (code != SQLITE_OK) {
		table_disconnect(&table->base);
		return code;
	}
	sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
	*made = &table->base;
	return SQLITE_OK;
}

/* ---- the plan --------------------------------------------------------- */

static char
letter_of(int operation)
{
	switch (operation) {
	case SQLITE_INDEX_CONSTRAINT_EQ:
		return '=';
	case SQLITE_INDEX_CONSTRAINT_GE:
		return 'g';
	case SQLITE_INDEX_CONSTRAINT_GT:
		return '>';
	case SQLITE_INDEX_CONSTRAINT_LE:
		return 'l';
	case SQLITE_INDEX_CONSTRAINT_LT:
		return '<';
	default:
		return '\0';
	}
}

static int
table_plan(sqlite3_vtab *base, sqlite3_index_info *info)
{
	struct history_table *table = (struct history_table *)base;
	struct buf plan = { 0 };
	int arguments = 0;
	double cost = 1e6;

	buf_text(&plan, "");
	for (int i = 0; i < info->nConstraint; i++) {
		char letter = letter_of(info->aConstraint[i].op);
		int b = 0;

		while (b < SHEETED_BOUNDS &&
		    info->aConstraint[i].iColumn != table->bound[b])
			b++;
		if (b == SHEETED_BOUNDS || letter == '\0' ||
		    !info->aConstraint[i].usable ||
		    !sqlite_compares_bytes(info, i))
			continue;
		buf_char(&plan, (char)('0' + b));
		buf_char(&plan, letter);
		info->aConstraintUsage[i].argvIndex = ++arguments;
		cost /= letter == '=' ? 50 : 4;
	}
	info->idxStr = sqlite3_mprintf("%s", plan.data);
	info->needToFreeIdxStr = 1;
	info->estimatedCost = cost;
	info->estimatedRows = (sqlite3_int64)(cost / 10) + 1;
	buf_free(&plan);
	return info->idxStr == NULL ? SQLITE_NOMEM : SQLITE_OK;
}

/* ---- known to SQLite ------------------------------------------------- */

int
history_table_module(sqlite3 *db)
{
	/* Without xCreate it is there at once, and only under its name. */
	static const sqlite3_module module = { .xConnect = table_connect,
		.xBestIndex = table_plan,
		.xDisconnect = table_disconnect,
		.xOpen = history_cursor_open,
		.xClose = history_cursor_close,
		.xFilter = history_cursor_filter,
		.xNext = history_cursor_next,
		.xEof = history_cursor_eof,
		.xColumn = history_cursor_column,
		.xRowid = history_cursor_rowid };

	int code = SQLITE_OK;

	for (size_t i = 0; i < SHEETED_COUNT && code == SQLITE_OK; i++)
		code = sqlite3_create_module_v2(db, sheeted_tables[i].both,
		    &module, (void *)(uintptr_t)&sheeted_tables[i], NULL);
	return code;
}

int
history_table_register(struct sql *sql, struct failure *why)
{
	int code = history_table_module(sql->db);

	if (code != SQLITE_OK)
		return sqlite_failure(sql, code, why);
	/* They are declared at their first use: now, before any guard. */
	return sql_run(
	    sql, "SELECT 1 FROM bms_data_history, cell_history LIMIT 0", why);
}
