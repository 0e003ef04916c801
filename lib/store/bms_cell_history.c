/*
 * bms_cell_history: what is packed in cell_history, a row for each cell and
 * each temperature sensor. Bounds on battery, period_type and period_start
 * narrow what is read; SQLite tests each row again itself.
 */
#include "store/bms_cell_history.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/cells.h"
#include "store/zones.h"

enum column {
	COLUMN_BATTERY_ID,
	COLUMN_BATTERY,
	COLUMN_PERIOD_TYPE,
	COLUMN_PERIOD_START,
	COLUMN_LIST,
	COLUMN_NUMBER,
	COLUMN_MIN,
	COLUMN_AVG,
	COLUMN_MAX,
	COLUMN_COVERED
};

/* idxNum: which arguments xFilter gets, in this order. */
enum plan {
	PLAN_BATTERY_ID = 1,
	PLAN_BATTERY = 2,
	PLAN_PERIOD = 4,
	PLAN_FROM = 8, /* also of what is greater */
	PLAN_TO = 16,
	PLANS = 5
};

struct table {
	sqlite3_vtab base; /* SQLite's part, first */
	sqlite3 *db;
};

struct cursor {
	sqlite3_vtab_cursor base;
	sqlite3_stmt *rows, *slug;
	struct cells cells; /* of the row in hand */
	size_t list, item;
	bool ended;
};

static const struct {
	double scale;
	const char *word;
} lists[BUCKET_LISTS] = {
	[BUCKET_CELLS] = { 1000, "cell" },
	[BUCKET_TEMPS] = { 100, "temperature" },
};

/* ---- the declaration -------------------------------------------------- */

static int
table_connect(sqlite3 *db, void *data, int count, const char *const *words,
    sqlite3_vtab **made, char **message)
{
	struct table *table;
	int code = sqlite3_declare_vtab(db,
	    "CREATE TABLE bms_cell_history (battery_id INTEGER,"
	    " battery TEXT, period_type TEXT, period_start INTEGER,"
	    " list TEXT, number INTEGER, min REAL, avg REAL, max REAL,"
	    " covered REAL)");

	(void)data, (void)count, (void)words, (void)message;
	if (code != SQLITE_OK)
		return code;
	sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
	table = mem_zero(1, sizeof(*table));
	table->db = db;
	*made = &table->base;
	return SQLITE_OK;
}

static int
table_disconnect(sqlite3_vtab *base)
{
	free(base);
	return SQLITE_OK;
}

static int
plan_of(int column, int operation)
{
	bool equal = operation == SQLITE_INDEX_CONSTRAINT_EQ;

	switch (column) {
	case COLUMN_BATTERY_ID:
		return equal ? PLAN_BATTERY_ID : 0;
	case COLUMN_BATTERY:
		return equal ? PLAN_BATTERY : 0;
	case COLUMN_PERIOD_TYPE:
		return equal ? PLAN_PERIOD : 0;
	case COLUMN_PERIOD_START:
		if (operation == SQLITE_INDEX_CONSTRAINT_GE ||
		    operation == SQLITE_INDEX_CONSTRAINT_GT)
			return PLAN_FROM;
		return operation == SQLITE_INDEX_CONSTRAINT_LE ||
			operation == SQLITE_INDEX_CONSTRAINT_LT
		    ? PLAN_TO
		    : 0;
	default:
		return 0;
	}
}

static int
table_plan(sqlite3_vtab *base, sqlite3_index_info *info)
{
	int where[PLANS] = { -1, -1, -1, -1, -1 };
	int argument = 0;

	(void)base;
	info->idxNum = 0;
	info->estimatedCost = 1e7;
	for (int i = 0; i < info->nConstraint; i++) {
		int one = plan_of(
		    info->aConstraint[i].iColumn, info->aConstraint[i].op);

		if (!info->aConstraint[i].usable || one == 0 ||
		    (info->idxNum & one) != 0 ||
		    !sqlite_compares_bytes(info, i))
			continue;
		info->idxNum |= one;
		info->estimatedCost /= 10;
		where[__builtin_ctz((unsigned)one)] = i;
	}
	for (int i = 0; i < PLANS; i++)
		if (where[i] >= 0)
			info->aConstraintUsage[where[i]].argvIndex = ++argument;
	return SQLITE_OK;
}

/* ---- walking ---------------------------------------------------------- */

static int
cursor_open(sqlite3_vtab *base, sqlite3_vtab_cursor **made)
{
	struct cursor *cursor = mem_zero(1, sizeof(*cursor));

	(void)base;
	*made = &cursor->base;
	return SQLITE_OK;
}

static int
cursor_close(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	sqlite3_finalize(cursor->rows);
	sqlite3_finalize(cursor->slug);
	cells_free(&cursor->cells);
	free(cursor);
	return SQLITE_OK;
}

/* The next row of cell_history. */
static int
next_row(struct cursor *cursor)
{
	int code = sqlite3_step(cursor->rows);
	const void *data;

	cursor->list = cursor->item = 0;
	cells_clear(&cursor->cells);
	if (code == SQLITE_DONE) {
		cursor->ended = true;
		return SQLITE_OK;
	}
	if (code != SQLITE_ROW)
		return code;
	data = sqlite3_column_blob(cursor->rows, 3);
	if (cells_unpack(data, (size_t)sqlite3_column_bytes(cursor->rows, 3),
		&cursor->cells))
		return SQLITE_OK;
	cursor->base.pVtab->zErrMsg =
	    sqlite3_mprintf("a row of cell_history is damaged");
	return SQLITE_CORRUPT_VTAB;
}

/* On to an item of which something is known. */
static int
settle(struct cursor *cursor)
{
	int code = SQLITE_OK;

	while (!cursor->ended && code == SQLITE_OK) {
		const struct cells_list *list =
		    &cursor->cells.list[cursor->list];

		if (cursor->item < list->count) {
			const struct cells_item *item =
			    &list->item[cursor->item];

			if (item->seen || item->covered_ms > 0)
				break;
			cursor->item++;
		} else if (cursor->list + 1 < BUCKET_LISTS) {
			cursor->list++;
			cursor->item = 0;
		} else {
			code = next_row(cursor);
		}
	}
	return code;
}

static int
cursor_next(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	cursor->item++;
	return settle(cursor);
}

static int
prepare(struct cursor *cursor, int plan)
{
	sqlite3 *db = ((struct table *)cursor->base.pVtab)->db;
	struct buf text = { NULL, 0, 0 };
	int code;

	buf_text(&text,
	    "SELECT battery_id, period, start, cells FROM cell_history"
	    " WHERE true");
	if ((plan & PLAN_BATTERY_ID) != 0)
		buf_text(&text, " AND battery_id = ?1");
	if ((plan & PLAN_BATTERY) != 0)
		buf_text(&text,
		    " AND battery_id ="
		    " (SELECT id FROM batteries WHERE slug = ?2)");
	if ((plan & PLAN_PERIOD) != 0)
		buf_text(&text, " AND period = ?3");
	if ((plan & PLAN_FROM) != 0)
		buf_text(&text, " AND start >= ?4");
	if ((plan & PLAN_TO) != 0)
		buf_text(&text, " AND start <= ?5");
	if ((plan & (PLAN_BATTERY_ID | PLAN_BATTERY)) != 0)
		buf_text(&text, " ORDER BY period, start"); /* few enough */
	sqlite3_finalize(cursor->rows);
	code = sqlite3_prepare_v2(db, text.data, -1, &cursor->rows, NULL);
	buf_free(&text);
	return code;
}

/* -1 for what is no period: then there are no rows. */
static int
period_of(sqlite3_value *value)
{
	const char *word = (const char *)sqlite3_value_text(value);

	for (enum period i = PERIOD_HOUR; word != NULL && i < PERIOD_COUNT; i++)
		if (strcmp(word, period_word(i)) == 0)
			return (int)i;
	return -1;
}

static int
cursor_filter(sqlite3_vtab_cursor *base, int plan, const char *text, int count,
    sqlite3_value **values)
{
	struct cursor *cursor = (struct cursor *)base;
	int code = prepare(cursor, plan), argument = 0;

	(void)text;
	if (code != SQLITE_OK)
		return code;
	for (int i = 0; i < PLANS && argument < count; i++) {
		sqlite3_value *value;

		if ((plan & 1 << i) == 0)
			continue;
		value = values[argument++];
		if (1 << i == PLAN_PERIOD)
			sqlite3_bind_int(cursor->rows, i + 1, period_of(value));
		else
			sqlite3_bind_value(cursor->rows, i + 1, value);
	}
	cursor->ended = false;
	code = next_row(cursor);
	return code == SQLITE_OK ? settle(cursor) : code;
}

static int
cursor_eof(sqlite3_vtab_cursor *base)
{
	return ((struct cursor *)base)->ended;
}

static int
cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *row)
{
	struct cursor *cursor = (struct cursor *)base;
	sqlite3_stmt *rows = cursor->rows;
	/* of the key: two walks must call it the same, and no other row */
	*row = (sqlite3_int64)((uint64_t)sqlite3_column_int64(rows, 0) << 42 |
	    (uint64_t)sqlite3_column_int64(rows, 1) << 40 |
	    (uint64_t)(sqlite3_column_int64(rows, 2) / 60000) << 12 |
	    (uint64_t)cursor->list << 11 | (uint64_t)cursor->item);
	return SQLITE_OK;
}

/* ---- values ----------------------------------------------------------- */

static void
result_item(struct cursor *cursor, sqlite3_context *context, int column)
{
	const struct cells_item *item =
	    &cursor->cells.list[cursor->list].item[cursor->item];
	double scale = lists[cursor->list].scale;

	if (column == COLUMN_MIN && item->seen)
		sqlite3_result_double(context, item->least / scale);
	else if (column == COLUMN_MAX && item->seen)
		sqlite3_result_double(context, item->most / scale);
	else if (column == COLUMN_AVG && item->covered_ms > 0)
		sqlite3_result_double(
		    context, (double)item->mean / (scale * CELLS_FINER));
	else if (column == COLUMN_COVERED)
		sqlite3_result_double(
		    context, (double)item->covered_ms / 60000);
}

static int
cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
	struct cursor *cursor = (struct cursor *)base;

	switch (column) {
	case COLUMN_BATTERY_ID:
	case COLUMN_PERIOD_START:
		sqlite3_result_value(context,
		    sqlite3_column_value(
			cursor->rows, column == COLUMN_BATTERY_ID ? 0 : 2));
		return SQLITE_OK;
	case COLUMN_BATTERY:
		return sqlite_result_slug(((struct table *)base->pVtab)->db,
		    &cursor->slug, sqlite3_column_int64(cursor->rows, 0),
		    context);
	case COLUMN_PERIOD_TYPE:
		sqlite3_result_text(context,
		    period_word(
			(enum period)(sqlite3_column_int(cursor->rows, 1) & 3)),
		    -1, SQLITE_STATIC);
		return SQLITE_OK;
	case COLUMN_LIST:
		sqlite3_result_text(
		    context, lists[cursor->list].word, -1, SQLITE_STATIC);
		return SQLITE_OK;
	case COLUMN_NUMBER:
		sqlite3_result_int64(context, (sqlite3_int64)cursor->item + 1);
		return SQLITE_OK;
	default:
		result_item(cursor, context, column);
		return SQLITE_OK;
	}
}

int
bms_cell_history_module(struct sql *sql)
{
	/* Without xCreate it is there at once, and only under its name. */
	static const sqlite3_module module = { .xConnect = table_connect,
		.xBestIndex = table_plan,
		.xDisconnect = table_disconnect,
		.xOpen = cursor_open,
		.xClose = cursor_close,
		.xFilter = cursor_filter,
		.xNext = cursor_next,
		.xEof = cursor_eof,
		.xColumn = cursor_column,
		.xRowid = cursor_rowid };

	return sqlite3_create_module_v2(
	    sql->db, "bms_cell_history", &module, NULL, NULL);
}
