/*
 * bms_data is the customer's table of readings, made on the fly from packed
 * rows. SQLite asks with bounds on timestamp and a battery; the bounds
 * only narrow what is walked, SQLite tests each row again itself.
 */
#include "store/bms_data.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/bms_cell_history.h"
#include "store/bms_data_plan.h"
#include "store/bms_data_value.h"
#include "store/corrections.h"
#include "store/sqlite.h"
#include "store/stored.h"
#include "store/suspects.h"

struct table {
	sqlite3_vtab base; /* SQLite's part, first */
	sqlite3 *db;
	struct sql *sql;
};

struct cursor {
	sqlite3_vtab_cursor base;
	struct stored *stored;
	struct stored_row row;
	sqlite3_stmt *slug;
	bool ended, read; /* read: `reading` is of this row */
	struct arena arena;
	struct buf text;
	struct reading reading;
	sqlite3_int64 battery_id; /* that was asked for, 0 all */
	struct corrections corrections;
	struct suspects suspects;
	sqlite3_int64 suspects_ms; /* the hour that they are of */
};

/* ---- the declaration -------------------------------------------------- */

static int
table_connect(sqlite3 *db, void *data, int count, const char *const *words,
    sqlite3_vtab **made, char **message)
{
	struct buf text = { 0 };
	struct table *table;
	int code;

	(void)count, (void)words, (void)message;
	buf_text(&text,
	    "CREATE TABLE bms_data (battery_id INTEGER,"
	    " battery TEXT, timestamp INTEGER, kind TEXT, gen INTEGER");
	bms_data_columns(&text);
	buf_char(&text, ')');
	code = sqlite3_declare_vtab(db, text.data);
	buf_free(&text);
	if (code != SQLITE_OK)
		return code;
	sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
	table = mem_zero(1, sizeof(*table));
	table->db = db;
	table->sql = data;
	*made = &table->base;
	return SQLITE_OK;
}

static int
table_disconnect(sqlite3_vtab *base)
{
	free(base);
	return SQLITE_OK;
}

/* ---- walking ---------------------------------------------------------- */

static int
cursor_open(sqlite3_vtab *base, sqlite3_vtab_cursor **made)
{
	struct cursor *cursor = mem_zero(1, sizeof(*cursor));

	(void)base;
	cursor->suspects_ms = -1;
	*made = &cursor->base;
	return SQLITE_OK;
}

static int
cursor_close(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	stored_close(cursor->stored);
	sqlite3_finalize(cursor->slug);
	arena_free(&cursor->arena);
	buf_free(&cursor->text);
	corrections_free(&cursor->corrections);
	suspects_free(&cursor->suspects);
	free(cursor);
	return SQLITE_OK;
}

static int
cursor_next(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;
	struct failure why;
	int got = stored_next(cursor->stored, &cursor->row, &why);

	cursor->ended = got != 1;
	cursor->read = false;
	return got == -1 ? sqlite_table_failed(cursor->base.pVtab, &why)
			 : SQLITE_OK;
}

/* The id of a battery; 0, which none has, where there is none. */
static sqlite3_int64
find_battery(sqlite3 *db, sqlite3_value *slug)
{
	sqlite3_stmt *query;
	sqlite3_int64 id = 0;

	if (sqlite3_prepare_v2(db, "SELECT id FROM batteries WHERE slug = ?1",
		-1, &query, NULL) != SQLITE_OK)
		return 0;
	sqlite3_bind_value(query, 1, slug);
	if (sqlite3_step(query) == SQLITE_ROW)
		id = sqlite3_column_int64(query, 0);
	sqlite3_finalize(query);
	return id;
}

struct bounds {
	sqlite3_int64 from, to, battery_id;
	bool one;
};

/* A bound that is no integer is left to SQLite's own test. */
static void
narrow(struct bounds *bounds, sqlite3 *db, int plan, sqlite3_value *value)
{
	sqlite3_int64 number = sqlite3_value_int64(value);

	if (plan == PLAN_BATTERY) {
		bounds->one = true;
		bounds->battery_id = find_battery(db, value);
		return;
	}
	if (sqlite3_value_type(value) != SQLITE_INTEGER ||
	    number <= INT64_MIN + 1 || number >= INT64_MAX - 1)
		return;
	if (plan == PLAN_BATTERY_ID) {
		bounds->one = true;
		bounds->battery_id = number;
		return;
	}
	if (plan == PLAN_AFTER)
		number++;
	else if (plan == PLAN_BEFORE)
		number--;
	if ((plan & (PLAN_FROM | PLAN_AFTER | PLAN_AT)) != 0 &&
	    number > bounds->from)
		bounds->from = number;
	if ((plan & (PLAN_TO | PLAN_BEFORE | PLAN_AT)) != 0 &&
	    number < bounds->to)
		bounds->to = number;
}

static int
cursor_filter(sqlite3_vtab_cursor *base, int plan, const char *text, int count,
    sqlite3_value **values)
{
	struct cursor *cursor = (struct cursor *)base;
	sqlite3 *db = ((struct table *)base->pVtab)->db;
	struct bounds bounds = { 0, CLOCK_MAX_MS, 0, false };
	struct sql *sql = ((struct table *)base->pVtab)->sql;
	struct failure why;
	int argument = 0;

	(void)text;
	for (int i = 0; i < 7 && argument < count; i++)
		if ((plan & 1 << i) != 0)
			narrow(&bounds, db, 1 << i, values[argument++]);
	if (bounds.one &&
	    (bounds.battery_id <= 0 || bounds.battery_id > INT32_MAX))
		bounds.battery_id = -1;
	stored_close(cursor->stored);
	cursor->stored = stored_open(sql, bounds.battery_id, bounds.from,
	    bounds.to + 1, (plan & PLAN_DOWN) != 0, &why);
	if (cursor->stored == NULL)
		return sqlite_table_failed(cursor->base.pVtab, &why);
	cursor->battery_id = bounds.battery_id;
	corrections_forget(&cursor->corrections);
	return cursor_next(base);
}

static int
cursor_eof(sqlite3_vtab_cursor *base)
{
	return ((struct cursor *)base)->ended;
}

static int
cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *row)
{
	const struct readings_row *key = &((struct cursor *)base)->row.row;

	/* of the key: two walks of one statement must call a row the same,
	 * and no two rows */
	*row = (sqlite3_int64)((uint64_t)key->battery_id << 44 |
	    ((uint64_t)key->time_ms << 1 & ((UINT64_C(1) << 44) - 1)) |
	    (uint64_t)key->kind);
	return SQLITE_OK;
}

/* ---- values ----------------------------------------------------------- */

/* What is doubted is loaded hour by hour, as the rows go by. */
static int
lay_over(struct cursor *cursor, struct failure *why)
{
	struct sql *sql = ((struct table *)cursor->base.pVtab)->sql;
	sqlite3_int64 hour_ms = cursor->reading.time_ms;

	hour_ms -= hour_ms % HOUR_MS;
	if (hour_ms != cursor->suspects_ms &&
	    suspects_load(&cursor->suspects, sql, 0, hour_ms, hour_ms + HOUR_MS,
		why) == -1)
		return -1;
	cursor->suspects_ms = hour_ms;
	suspects_apply(&cursor->suspects, cursor->row.row.battery_id,
	    &cursor->arena, &cursor->reading);
	return 0;
}

static int
read_row(struct cursor *cursor)
{
	struct sql *sql = ((struct table *)cursor->base.pVtab)->sql;
	struct reading *reading = &cursor->reading;
	struct failure why;

	if (cursor->read)
		return SQLITE_OK;
	arena_reset(&cursor->arena);
	if (corrections_reading(&cursor->corrections, sql, cursor->battery_id,
		&cursor->row, false, &cursor->arena, reading, &why) == -1 ||
	    lay_over(cursor, &why) == -1)
		return sqlite_table_failed(cursor->base.pVtab, &why);
	cursor->read = true;
	return SQLITE_OK;
}

static int
cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
	struct cursor *cursor = (struct cursor *)base;
	int code;

	switch (column) {
	case COLUMN_BATTERY_ID:
		sqlite3_result_int64(context, cursor->row.row.battery_id);
		return SQLITE_OK;
	case COLUMN_BATTERY:
		return sqlite_result_slug(((struct table *)base->pVtab)->db,
		    &cursor->slug, cursor->row.row.battery_id, context);
	case COLUMN_TIMESTAMP:
		sqlite3_result_int64(context, cursor->row.row.time_ms);
		return SQLITE_OK;
	case COLUMN_KIND:
		sqlite3_result_text(context,
		    cursor->row.row.kind == READING_ENERGY ? "energy"
							   : "battery",
		    -1, SQLITE_STATIC);
		return SQLITE_OK;
	case COLUMN_GEN:
		sqlite3_result_int64(context, cursor->row.row.gen);
		return SQLITE_OK;
	default:
		code = read_row(cursor);
		if (code == SQLITE_OK &&
		    reading_has(&cursor->reading, column - COLUMN_FIRST))
			bms_data_value(context, &cursor->reading,
			    column - COLUMN_FIRST, &cursor->text);
		return code;
	}
}

int
bms_data_module(struct sql *sql, void (*forget)(void *))
{
	/* Without xCreate it is there at once, and only under its name. */
	static const sqlite3_module module = { .xConnect = table_connect,
		.xBestIndex = bms_data_plan,
		.xDisconnect = table_disconnect,
		.xOpen = cursor_open,
		.xClose = cursor_close,
		.xFilter = cursor_filter,
		.xNext = cursor_next,
		.xEof = cursor_eof,
		.xColumn = cursor_column,
		.xRowid = cursor_rowid };

	return sqlite3_create_module_v2(
	    sql->db, "bms_data", &module, sql, forget);
}

int
bms_data_register(struct sql *sql, struct failure *why)
{
	int code = bms_data_module(sql, NULL);

	if (code == SQLITE_OK)
		code = bms_cell_history_module(sql);
	if (code != SQLITE_OK)
		return sqlite_failure(sql, code, why);
	/* It is declared at its first use: now, before any guard. */
	return sql_run(sql,
	    "SELECT 1 FROM bms_data LIMIT 0;"
	    "SELECT 1 FROM bms_cell_history LIMIT 0",
	    why);
}
