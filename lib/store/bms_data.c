/*
 * bms_data is the customer's table of readings, made on the fly from packed
 * rows. SQLite asks with bounds on timestamp and a battery; the bounds
 * only narrow what is walked, SQLite tests each row again itself.
 */
#include "store/bms_data.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/bms_data_plan.h"
#include "store/bms_data_value.h"
#include "store/pack.h"
#include "store/sqlite.h"
#include "store/suspects.h"

#define HOUR_MS INT64_C(3600000)

struct table {
	sqlite3_vtab base; /* SQLite's part, first */
	sqlite3 *db;
	struct sql *sql;
};

struct cursor {
	sqlite3_vtab_cursor base;
	sqlite3_stmt *rows;
	sqlite3_stmt *slug;
	int variant; /* what `rows` was prepared for; -1 */
	sqlite3_int64 row;
	bool ended, read; /* read: `reading` is of this row */
	struct arena arena;
	struct buf text;
	struct reading reading;
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
	cursor->variant = -1;
	cursor->suspects_ms = -1;
	*made = &cursor->base;
	return SQLITE_OK;
}

static int
cursor_close(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	sqlite3_finalize(cursor->rows);
	sqlite3_finalize(cursor->slug);
	arena_free(&cursor->arena);
	buf_free(&cursor->text);
	suspects_free(&cursor->suspects);
	free(cursor);
	return SQLITE_OK;
}

static int
cursor_next(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;
	int code = sqlite3_step(cursor->rows);

	cursor->ended = code != SQLITE_ROW;
	cursor->read = false;
	cursor->row++;
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int
prepare_rows(struct cursor *cursor, sqlite3 *db, int variant)
{
#define ROWS                                                                   \
	"SELECT time, battery_id, kind, gen, quality, packed"                  \
	" FROM readings WHERE time >= ?1 AND time <= ?2"
	static const char *const texts[] = { ROWS " ORDER BY time",
		ROWS " ORDER BY time DESC",
		ROWS " AND battery_id = ?3 ORDER BY time",
		ROWS " AND battery_id = ?3 ORDER BY time DESC" };
#undef ROWS
	if (variant == cursor->variant)
		return sqlite3_reset(cursor->rows);
	sqlite3_finalize(cursor->rows);
	cursor->variant = -1;
	cursor->rows = NULL;
	if (sqlite3_prepare_v2(db, texts[variant], -1, &cursor->rows, NULL) !=
	    SQLITE_OK)
		return sqlite3_extended_errcode(db);
	cursor->variant = variant;
	return SQLITE_OK;
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
	int code, argument = 0;

	(void)text;
	for (int i = 0; i < 7 && argument < count; i++)
		if ((plan & 1 << i) != 0)
			narrow(&bounds, db, 1 << i, values[argument++]);
	code = prepare_rows(cursor, db,
	    (bounds.one ? 2 : 0) + ((plan & PLAN_DOWN) != 0 ? 1 : 0));
	if (code != SQLITE_OK)
		return code;
	sqlite3_bind_int64(cursor->rows, 1, bounds.from);
	sqlite3_bind_int64(cursor->rows, 2, bounds.to);
	if (bounds.one)
		sqlite3_bind_int64(cursor->rows, 3, bounds.battery_id);
	cursor->row = 0;
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
	*row = ((struct cursor *)base)->row;
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
	suspects_apply(&cursor->suspects, sqlite3_column_int64(cursor->rows, 1),
	    &cursor->arena, &cursor->reading);
	return 0;
}

static int
read_row(struct cursor *cursor)
{
	struct reading *reading = &cursor->reading;
	struct failure why;
	const void *data = sqlite3_column_blob(cursor->rows, 5);
	size_t size = (size_t)sqlite3_column_bytes(cursor->rows, 5);

	if (cursor->read)
		return SQLITE_OK;
	arena_reset(&cursor->arena);
	reading_clear(reading);
	reading->time_ms = sqlite3_column_int64(cursor->rows, 0);
	reading->kind = sqlite3_column_int(cursor->rows, 2) == READING_ENERGY
	    ? READING_ENERGY
	    : READING_BATTERY;
	if (pack_read(data, size, sqlite3_column_int64(cursor->rows, 4),
		&cursor->arena, reading, &why) == -1 ||
	    lay_over(cursor, &why) == -1) {
		cursor->base.pVtab->zErrMsg =
		    sqlite3_mprintf("%s", why.message);
		return SQLITE_CORRUPT_VTAB;
	}
	cursor->read = true;
	return SQLITE_OK;
}

static int
result_slug(struct cursor *cursor, sqlite3_context *context)
{
	sqlite3 *db = ((struct table *)cursor->base.pVtab)->db;

	if (cursor->slug == NULL &&
	    sqlite3_prepare_v2(db, "SELECT slug FROM batteries WHERE id = ?1",
		-1, &cursor->slug, NULL) != SQLITE_OK)
		return sqlite3_extended_errcode(db);
	sqlite3_bind_int64(
	    cursor->slug, 1, sqlite3_column_int64(cursor->rows, 1));
	if (sqlite3_step(cursor->slug) == SQLITE_ROW)
		sqlite3_result_value(
		    context, sqlite3_column_value(cursor->slug, 0));
	return sqlite3_reset(cursor->slug);
}

static int
cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
	struct cursor *cursor = (struct cursor *)base;
	int code;

	switch (column) {
	case COLUMN_BATTERY_ID:
		sqlite3_result_value(
		    context, sqlite3_column_value(cursor->rows, 1));
		return SQLITE_OK;
	case COLUMN_BATTERY:
		return result_slug(cursor, context);
	case COLUMN_TIMESTAMP:
		sqlite3_result_value(
		    context, sqlite3_column_value(cursor->rows, 0));
		return SQLITE_OK;
	case COLUMN_KIND:
		sqlite3_result_text(context,
		    sqlite3_column_int(cursor->rows, 2) == READING_ENERGY
			? "energy"
			: "battery",
		    -1, SQLITE_STATIC);
		return SQLITE_OK;
	case COLUMN_GEN:
		sqlite3_result_value(
		    context, sqlite3_column_value(cursor->rows, 3));
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
bms_data_register(struct sql *sql, struct failure *why)
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
	int code = sqlite3_create_module(sql->db, "bms_data", &module, sql);

	if (code != SQLITE_OK)
		return sqlite_failure(sql, code, why);
	/* It is declared at its first use: now, before any guard. */
	return sql_run(sql, "SELECT 1 FROM bms_data LIMIT 0", why);
}
