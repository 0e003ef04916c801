/* Each sheet of history with its checksum, key and count, value by value. */
#include <string.h>

#include "store/check_parts.h"
#include "store/history_seal.h"
#include "store/sheet.h"

/* What a sheet's row says of it, and whether rows stand beside it. */
static void
print_query(const struct sheeted *table, struct buf *text)
{
	const char *start = table->bound[SHEETED_START];

	buf_print(text,
	    "SELECT id, count, data, id >> 32 IN (SELECT id FROM batteries),"
	    " EXISTS (SELECT 1 FROM %s WHERE %s = b.id >> 32 AND %s = %s"
	    " AND %s >= ?3 * (b.id & 4294967295)"
	    " AND %s < ?3 * ((b.id & 4294967295) + 1))"
	    " FROM %s b WHERE id > ?1 ORDER BY id LIMIT ?2",
	    table->rows, table->bound[SHEETED_BATTERY],
	    table->bound[SHEETED_PERIOD], table->hour, start, start,
	    table->blocks);
}

static void
wrong(struct checking *c, const char *what)
{
	buf_print(&c->text, "%s %lld of battery %lld: %s",
	    sheeted_tables[c->table].blocks, (long long)c->sheet,
	    (long long)(c->sheet >> 32), what);
	check_tell(c);
}

/* Hours of this battery that begin in this window, in order. */
static void
look_at_row(
    struct checking *c, struct sheet *sheet, size_t row, int64_t *before_ms)
{
	int battery = sheet_find(sheet, "battery_id");
	struct sql_value start, id;
	struct failure why;

	if (battery < 0 ||
	    sheet_get(sheet, (size_t)battery, row, &id, &why) == -1 ||
	    sheet_get(sheet, 0, row, &start, &why) == -1)
		wrong(c, "it has no battery or no time");
	else if (history_key(id.integer, start.integer) != c->sheet)
		wrong(c, "an hour is not of its battery and time");
	else if (start.integer <= *before_ms)
		wrong(c, "its hours are not in order of time");
	else
		*before_ms = start.integer;
}

static void
look_at_sheet(struct checking *c, struct sheet *sheet)
{
	int64_t before_ms = -1;
	uint64_t found = c->check->wrong;
	struct sql_value value;
	struct failure why;

	for (size_t i = 0; i < sheet_columns(sheet); i++)
		if (sheet_get(sheet, i, 0, &value, &why) == -1)
			wrong(c, why.message);
	for (size_t row = 0;
	     row < sheet_rows(sheet) && c->check->wrong == found; row++)
		look_at_row(c, sheet, row, &before_ms);
}

static void
look(struct checking *c, struct sql_query *query)
{
	struct failure why;
	size_t size;
	const void *data = sql_blob(query, 2, &size);
	struct sheet *sheet = sheet_open(data, size, &why);

	if (sheet == NULL) {
		wrong(c, why.message);
	} else {
		if ((int64_t)sheet_rows(sheet) != sql_integer(query, 1))
			wrong(c, "count is not that of its hours");
		look_at_sheet(c, sheet);
		if (c->table == SHEETED_HISTORY)
			c->check->hours += sheet_rows(sheet);
	}
	sheet_close(sheet);
	if (sql_integer(query, 3) == 0)
		wrong(c, "there is no such battery");
	if (sql_integer(query, 4) != 0)
		wrong(c, "hours of its time stand as rows");
}

static int
some_sheets(struct checking *c, struct sql_query *query, struct failure *why)
{
	int count = 0, got;

	sql_bind_integer(query, 1, c->sheet);
	sql_bind_integer(query, 2, CHECK_BATCH);
	sql_bind_integer(query, 3, HISTORY_WINDOW_MS);
	while ((got = sql_step(query, why)) == 1) {
		c->sheet = sql_integer(query, 0);
		count++;
		look(c, query);
	}
	sql_reset(query);
	return got == -1 ? -1 : count == CHECK_BATCH;
}

int
check_sheets(struct checking *c, enum sheeted_table table, struct failure *why)
{
	struct buf text = { 0 };
	int result;

	c->table = table;
	c->sheet = INT64_MIN;
	print_query(&sheeted_tables[table], &text);
	result = check_walk(c, text.data, some_sheets, why);
	buf_free(&text);
	return result;
}
