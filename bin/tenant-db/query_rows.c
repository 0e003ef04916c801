/* How a query's rows are written. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/json.h"
#include "query.h"
#include "store/row.h"

/* A value as text, without quotes; numbers as in a line. */
static void
put_plain(struct sql_query *query, int n, struct buf *out)
{
	static const struct table_column any = { .shape = TABLE_TEXT };
	const void *data;
	size_t size;

	switch (sql_column_type(query, n)) {
	case SQL_TYPE_NULL:
		break;
	case SQL_TYPE_TEXT:
		buf_text(out, sql_text(query, n));
		break;
	case SQL_TYPE_BLOB:
		data = sql_blob(query, n, &size);
		buf_hex(out, data, size);
		break;
	default:
		row_value_print(&any, query, n, out);
		break;
	}
}

static void
put_json(struct sql_query *query, int n, struct buf *out)
{
	static const struct table_column any = { .shape = TABLE_TEXT };

	if (sql_column_type(query, n) != SQL_TYPE_BLOB) {
		row_value_print(&any, query, n, out);
		return;
	}
	buf_char(out, '"');
	put_plain(query, n, out);
	buf_char(out, '"');
}

/* ---- CSV -------------------------------------------------------------- */

/* Spreadsheets take such text for a formula: = + - @ TAB CR and the wide
 * forms of the first four. */
static bool
is_formula(const char *text)
{
	static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b",
		"\xef\xbc\x8d", "\xef\xbc\xa0" };

	if (*text != '\0' && strchr("=+-@\t\r", *text) != NULL)
		return true;
	for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++)
		if (strncmp(text, wide[i], 3) == 0)
			return true;
	return false;
}

static void
put_field(const char *text, bool guard, struct buf *out)
{
	bool quoted = strpbrk(text, ",\"\r\n") != NULL;

	if (quoted)
		buf_char(out, '"');
	if (guard && is_formula(text))
		buf_char(out, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_char(out, '"');
		buf_char(out, *text);
	}
	if (quoted)
		buf_char(out, '"');
}

static void
put_csv_row(struct query_rows *rows, struct sql_query *query, struct buf *out)
{
	for (int n = 0; n < rows->columns; n++) {
		if (n > 0)
			buf_char(out, ',');
		if (sql_column_type(query, n) == SQL_TYPE_TEXT)
			put_field(sql_text(query, n), !rows->raw, out);
		else
			put_plain(query, n, out);
	}
	buf_text(out, "\r\n");
}

/* ---- table ------------------------------------------------------------ */

/* Characters, not bytes. */
static size_t
width_of(const char *text)
{
	size_t width = 0;

	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void
keep_cell(struct query_rows *rows, int n, size_t start)
{
	char *cell;
	size_t width;

	buf_char(&rows->cells, '\0');
	/* a terminal must not act on what a device has named itself */
	for (cell = rows->cells.data + start; *cell != '\0'; cell++)
		if ((unsigned char)*cell < 0x20 || *cell == 0x7f)
			*cell = '?';
	width = width_of(rows->cells.data + start);
	if (width > rows->width[n])
		rows->width[n] = width;
}

static void
put_table(const struct query_rows *rows, struct buf *out)
{
	const char *cell = rows->cells.data;
	const char *end = cell + rows->cells.size;

	while (cell < end)
		for (int n = 0; n < rows->columns; n++) {
			size_t blanks = rows->width[n] - width_of(cell);
			bool last = n == rows->columns - 1;

			if (rows->right[n])
				buf_print(out, "%*s", (int)blanks, "");
			buf_text(out, cell);
			if (!rows->right[n] && !last)
				buf_print(out, "%*s", (int)blanks, "");
			buf_text(out, last ? "\n" : "  ");
			cell += strlen(cell) + 1;
		}
}

/* ----------------------------------------------------------------------- */

void
query_rows_begin(struct query_rows *rows, struct sql_query *query,
    enum query_form form, bool raw, struct buf *out)
{
	rows->form = form;
	rows->raw = raw;
	rows->columns = sql_columns(query);
	rows->width = mem_zero((size_t)rows->columns, sizeof(*rows->width));
	rows->right = mem_zero((size_t)rows->columns, sizeof(*rows->right));
	for (int n = 0; n < rows->columns && form != QUERY_LINES; n++) {
		const char *name = sql_column_name(query, n);
		size_t start = rows->cells.size;

		if (form == QUERY_TABLE) {
			buf_text(&rows->cells, name);
			keep_cell(rows, n, start);
			rows->right[n] = true;
			continue;
		}
		if (n > 0)
			buf_char(out, ',');
		put_field(name, !raw, out);
	}
	if (form == QUERY_CSV)
		buf_text(out, "\r\n");
}

void
query_rows_add(
    struct query_rows *rows, struct sql_query *query, struct buf *out)
{
	if (rows->form == QUERY_CSV) {
		put_csv_row(rows, query, out);
		return;
	}
	if (rows->form == QUERY_LINES)
		buf_char(out, '{');
	for (int n = 0; n < rows->columns; n++) {
		size_t start = rows->cells.size;

		if (rows->form == QUERY_LINES) {
			json_put_name(out, sql_column_name(query, n));
			put_json(query, n, out);
			continue;
		}
		put_plain(query, n, &rows->cells);
		keep_cell(rows, n, start);
		if (sql_column_type(query, n) == SQL_TYPE_TEXT)
			rows->right[n] = false;
	}
	if (rows->form == QUERY_LINES)
		buf_text(out, "}\n");
}

void
query_rows_end(struct query_rows *rows, struct buf *out)
{
	if (rows->form == QUERY_TABLE)
		put_table(rows, out);
}

void
query_rows_free(struct query_rows *rows)
{
	free(rows->width);
	free(rows->right);
	buf_free(&rows->cells);
}
