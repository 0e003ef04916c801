/* What the sides of the virtual tables of sheeted.h share. */
#ifndef STORE_HISTORY_TABLE_PARTS_H
#define STORE_HISTORY_TABLE_PARTS_H

#include <sqlite3.h>

#include "store/sheeted.h"

struct history_table {
	sqlite3_vtab base; /* SQLite's part, first */
	sqlite3 *db;
	const struct sheeted *sheeted;
	int columns, bound[SHEETED_BOUNDS];
	char **name;
};

/* The plan is a text: two letters for each argument of xFilter, the digit of
 * the bound and how it compares: = g (>=) > l (<=) <. */

/* ---- history_cursor.c: what SQLite calls of a cursor ------------------- */

int history_cursor_open(sqlite3_vtab *base, sqlite3_vtab_cursor **made);
int history_cursor_close(sqlite3_vtab_cursor *base);
int history_cursor_filter(sqlite3_vtab_cursor *base, int number,
    const char *plan, int count, sqlite3_value **values);
int history_cursor_next(sqlite3_vtab_cursor *base);
int history_cursor_eof(sqlite3_vtab_cursor *base);
int history_cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *row);
int history_cursor_column(
    sqlite3_vtab_cursor *base, sqlite3_context *context, int column);

#endif
