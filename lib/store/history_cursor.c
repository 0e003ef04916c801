/* Walking a table of sheeted.h: first the sheets that meet the bounds, then
 * the rows. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "store/history_seal.h"
#include "store/history_table_parts.h"
#include "store/sheet.h"
#include "store/sqlite.h"

#define WINDOW_MASK INT64_C(0xffffffff)

struct cursor {
	sqlite3_vtab_cursor base;
	sqlite3_stmt *sheets, *rows;
	struct sheet *sheet; /* NULL: `rows` has the row */
	int *place; /* of the table's columns in the sheet, or -1 */
	size_t at;
	sqlite3_int64 from_ms, to_ms; /* both included */
	bool ended;
};

static void
clear_cursor(struct cursor *cursor)
{
	sheet_close(cursor->sheet);
	cursor->sheet = NULL;
	sqlite3_finalize(cursor->sheets);
	cursor->sheets = NULL;
	sqlite3_finalize(cursor->rows);
	cursor->rows = NULL;
}

int
history_cursor_open(sqlite3_vtab *base, sqlite3_vtab_cursor **made)
{
	struct history_table *table = (struct history_table *)base;
	struct cursor *cursor = mem_zero(1, sizeof(*cursor));

	cursor->place = mem_zero((size_t)table->columns, sizeof(int));
	*made = &cursor->base;
	return SQLITE_OK;
}

int
history_cursor_close(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	clear_cursor(cursor);
	mem_free(cursor->place);
	mem_free(cursor);
	return SQLITE_OK;
}

/* When the row of the sheet begins; its place is within the sheet. */
static int
start_of(struct cursor *cursor, sqlite3_int64 *start_ms, struct failure *why)
{
	struct sql_value value;

	/* the first column, as it was sealed */
	if (sheet_get(cursor->sheet, 0, cursor->at, &value, why) == -1)
		return -1;
	*start_ms = value.integer;
	return 0;
}

/* Go on to the first row of the sheet that is within the bounds: 1 it is
 * there, 0 there is none, -1 with a failure. */
static int
find_row(struct cursor *cursor, struct failure *why)
{
	sqlite3_int64 start_ms;

	for (; cursor->at < sheet_rows(cursor->sheet); cursor->at++) {
		if (start_of(cursor, &start_ms, why) == -1)
			return -1;
		if (start_ms > cursor->to_ms)
			return 0;
		if (start_ms >= cursor->from_ms)
			return 1;
	}
	return 0;
}

static int
open_sheet(struct cursor *cursor, struct failure *why)
{
	struct history_table *table =
	    (struct history_table *)cursor->base.pVtab;
	const void *data = sqlite3_column_blob(cursor->sheets, 1);

	cursor->sheet = sheet_open(
	    data, (size_t)sqlite3_column_bytes(cursor->sheets, 1), why);
	if (cursor->sheet == NULL)
		return -1;
	for (int i = 0; i < table->columns; i++)
		cursor->place[i] = sheet_find(cursor->sheet, table->name[i]);
	cursor->at = 0;
	return 0;
}

/* Does the window of this key meet the bounds? */
static bool
within(const struct cursor *cursor, sqlite3_int64 key)
{
	sqlite3_int64 start_ms = (key & WINDOW_MASK) * HISTORY_WINDOW_MS;

	return start_ms <= cursor->to_ms &&
	    start_ms > cursor->from_ms - HISTORY_WINDOW_MS;
}

/* The next row of a sheet: 1, 0 where there are no more, -1 a failure. */
static int
next_sealed(struct cursor *cursor, struct failure *why)
{
	int got = cursor->sheet == NULL ? 0 : find_row(cursor, why);
	int code;

	while (got == 0) {
		sheet_close(cursor->sheet);
		cursor->sheet = NULL;
		code = sqlite3_step(cursor->sheets);
		if (code == SQLITE_DONE)
			return 0;
		if (code != SQLITE_ROW)
			return failure_set(why, EXIT_AGAIN, "%s",
			    sqlite3_errmsg(
				((struct history_table *)cursor->base.pVtab)
				    ->db));
		if (!within(cursor, sqlite3_column_int64(cursor->sheets, 0)))
			continue;
		got =
		    open_sheet(cursor, why) == -1 ? -1 : find_row(cursor, why);
	}
	return got;
}

static int
advance(struct cursor *cursor)
{
	struct failure why;
	int got, code;

	if (cursor->sheets != NULL) {
		got = next_sealed(cursor, &why);
		if (got == -1)
			return sqlite_table_failed(cursor->base.pVtab, &why);
		if (got == 1)
			return SQLITE_OK;
		sqlite3_finalize(cursor->sheets);
		cursor->sheets = NULL;
	}
	code = sqlite3_step(cursor->rows);
	cursor->ended = code != SQLITE_ROW;
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int
history_cursor_next(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	if (cursor->sheet != NULL)
		cursor->at++;
	return advance(cursor);
}

/* What of the sheets is asked for, from all arguments. */
struct wish {
	sqlite3_int64 first_key, last_key;
	bool hours;
};

static const struct sheeted *
sheeted_of(const struct cursor *cursor)
{
	return ((const struct history_table *)cursor->base.pVtab)->sheeted;
}

/* A bound that is not of its column's type is left to SQLite's own test. */
static void
narrow(struct cursor *cursor, struct wish *wish, const char *plan,
    sqlite3_value *value)
{
	sqlite3_int64 number = sqlite3_value_int64(value);

	if (plan[0] == '0' + SHEETED_PERIOD && plan[1] == '=' &&
	    sqlite3_value_type(value) ==
		(isdigit((unsigned char)sheeted_of(cursor)->hour_text[0])
			? SQLITE_INTEGER
			: SQLITE_TEXT))
		wish->hours = strcmp((const char *)sqlite3_value_text(value),
				  sheeted_of(cursor)->hour_text) == 0;
	if (sqlite3_value_type(value) != SQLITE_INTEGER)
		return;
	if (plan[0] == '0' + SHEETED_BATTERY && plan[1] == '=') {
		if (number < 0 || number > INT32_MAX)
			wish->hours = false;
		wish->first_key = (number & INT32_MAX) << 32;
		wish->last_key = wish->first_key + WINDOW_MASK;
	}
	if (plan[0] != '0' + SHEETED_START)
		return;
	if (strchr("=g>", plan[1]) != NULL && number > cursor->from_ms)
		cursor->from_ms = number;
	if (strchr("=l<", plan[1]) != NULL && number < cursor->to_ms)
		cursor->to_ms = number;
}

static int
prepare_sheets(struct cursor *cursor, sqlite3 *db, const struct wish *wish)
{
	struct buf text = { 0 };
	int code;

	buf_print(&text,
	    "SELECT id, data FROM %s WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
	    sheeted_of(cursor)->blocks);
	code = sqlite3_prepare_v2(db, text.data, -1, &cursor->sheets, NULL);
	buf_free(&text);
	if (code == SQLITE_OK) {
		sqlite3_bind_int64(cursor->sheets, 1, wish->first_key);
		sqlite3_bind_int64(cursor->sheets, 2, wish->last_key);
	}
	return code;
}

static const char *
words_of(char letter)
{
	return letter == '=' ? "="
	    : letter == 'g'  ? ">="
	    : letter == '>'  ? ">"
	    : letter == 'l'  ? "<="
			     : "<";
}

static int
prepare_rows(struct cursor *cursor, sqlite3 *db, const char *plan, int count,
    sqlite3_value **values)
{
	const struct sheeted *sheeted = sheeted_of(cursor);
	struct buf text = { 0 };
	int code;

	buf_print(&text, "SELECT * FROM %s", sheeted->rows);
	for (int i = 0; i < count; i++)
		buf_print(&text, "%s %s %s ?%d", i == 0 ? " WHERE" : " AND",
		    sheeted->bound[plan[2 * i] - '0'],
		    words_of(plan[2 * i + 1]), i + 1);
	code = sqlite3_prepare_v2(db, text.data, -1, &cursor->rows, NULL);
	buf_free(&text);
	for (int i = 0; i < count && code == SQLITE_OK; i++)
		code = sqlite3_bind_value(cursor->rows, i + 1, values[i]);
	return code;
}

int
history_cursor_filter(sqlite3_vtab_cursor *base, int number, const char *plan,
    int count, sqlite3_value **values)
{
	struct cursor *cursor = (struct cursor *)base;
	sqlite3 *db = ((struct history_table *)base->pVtab)->db;
	struct wish wish = { 0, INT64_MAX, true };
	int code;

	(void)number;
	clear_cursor(cursor);
	cursor->ended = false;
	cursor->from_ms = INT64_MIN / 2;
	cursor->to_ms = INT64_MAX;
	for (int i = 0; i < count; i++)
		narrow(cursor, &wish, plan + 2 * (size_t)i, values[i]);
	code = prepare_rows(cursor, db, plan, count, values);
	if (code == SQLITE_OK && wish.hours)
		code = prepare_sheets(cursor, db, &wish);
	return code == SQLITE_OK ? advance(cursor) : code;
}

int
history_cursor_eof(sqlite3_vtab_cursor *base)
{
	return ((struct cursor *)base)->ended;
}

/* What the row in hand has in an integer column. */
static sqlite3_int64
integer_of(const struct cursor *cursor, int column)
{
	struct sql_value value = { .integer = 0 };
	struct failure why;

	if (cursor->sheet == NULL)
		return sqlite3_column_int64(cursor->rows, column);
	if (cursor->place[column] >= 0)
		(void)sheet_get(cursor->sheet, (size_t)cursor->place[column],
		    cursor->at, &value, &why);
	return value.integer;
}

/* Two walks of one statement must call a row the same, and no two rows: it
 * is made of the key. */
int
history_cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *row)
{
	const struct cursor *cursor = (struct cursor *)base;
	const int *bound = ((struct history_table *)base->pVtab)->bound;
	const char *word;
	sqlite3_int64 period;

	word = cursor->sheet != NULL ? sheeted_of(cursor)->hour_text
				     : (const char *)sqlite3_column_text(
					   cursor->rows, bound[SHEETED_PERIOD]);
	period = word == NULL ? 0 : word[0] & 31; /* the letter, or digit */
	*row =
	    (sqlite3_int64)((uint64_t)integer_of(cursor, bound[SHEETED_BATTERY])
		<< 37) |
	    period << 32 |
	    (integer_of(cursor, bound[SHEETED_START]) / MINUTE_MS &
		WINDOW_MASK);
	return SQLITE_OK;
}

int
history_cursor_column(
    sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
	struct cursor *cursor = (struct cursor *)base;
	struct sql_value value;
	struct failure why;

	if (cursor->sheet == NULL) {
		sqlite3_result_value(
		    context, sqlite3_column_value(cursor->rows, column));
		return SQLITE_OK;
	}
	if (cursor->place[column] < 0)
		return SQLITE_OK;
	if (sheet_get(cursor->sheet, (size_t)cursor->place[column], cursor->at,
		&value, &why) == -1)
		return sqlite_table_failed(cursor->base.pVtab, &why);
	if (value.type == SQL_TYPE_INTEGER)
		sqlite3_result_int64(context, value.integer);
	else if (value.type == SQL_TYPE_REAL)
		sqlite3_result_double(context, value.real);
	else if (value.type == SQL_TYPE_TEXT)
		sqlite3_result_text(context, value.text, -1, SQLITE_TRANSIENT);
	else if (value.type == SQL_TYPE_BLOB)
		sqlite3_result_blob64(
		    context, value.blob, value.size, SQLITE_TRANSIENT);
	return SQLITE_OK;
}
