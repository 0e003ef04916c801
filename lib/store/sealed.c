#include "store/sealed.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "store/sealed_parts.h"
#include "store/sqlite.h"

const struct sealed_column sealed_columns[] = {
	{ "users", "email", "sealed:", true, NULL, 255 },
	{ "users", "phone", NULL, false, NULL, 50 },
	{ "locations", "responsible_phone", NULL, false, NULL, 50 },
	{ "locations", "responsible_email", NULL, false, NULL, 255 },
	{ "batteries", "alert_contacts", NULL, false, NULL, 65536 },
	{ "batteries", "bms_config", NULL, false, NULL, 65536 },
	{ "system_config", "config_value", "null", false, "is_sensitive = 1",
	    65536 },
};
const size_t sealed_columns_count =
    sizeof(sealed_columns) / sizeof(*sealed_columns);

static const struct sealed_column *
find_column(const char *table, const char *column)
{
	for (size_t i = 0; i < sealed_columns_count; i++)
		if (strcmp(sealed_columns[i].table, table) == 0 &&
		    strcmp(sealed_columns[i].column, column) == 0)
			return &sealed_columns[i];
	return NULL;
}

bool
sealed_table(const char *table)
{
	for (size_t i = 0; i < sealed_columns_count; i++)
		if (strcmp(sealed_columns[i].table, table) == 0)
			return true;
	return false;
}

bool
sealed_column(const char *table, const char *column)
{
	return find_column(table, column) != NULL;
}

/* ---- the key ---------------------------------------------------------- */

/* The uuid of a tenant, or what core is called. */
static int
read_uuid(struct sql *sql, char *uuid, struct failure *why)
{
	struct sql_query *query;
	int got = (int)sql_ask(sql,
	    "SELECT 1 FROM sqlite_schema WHERE name = 'client'", NULL, 0, why);

	snprintf(uuid, 37, "%s", SEALED_CORE);
	if (got != 1)
		return got;
	query = sql_prepare(sql, "SELECT uuid FROM client", why);
	got = query == NULL ? -1 : sql_step(query, why);
	if (got == 1)
		snprintf(uuid, 37, "%s", sql_text(query, 0));
	sql_query_free(query);
	return got == -1 ? -1 : 0;
}

int
sealed_version(struct sql *sql, char *uuid, struct failure *why)
{
	int64_t version =
	    sql_ask(sql, "SELECT version FROM sealing", NULL, 0, why);

	if (version != -1 && uuid != NULL && read_uuid(sql, uuid, why) == -1)
		return -1;
	return (int)version;
}

int
sealed_open(struct sql *sql, const struct vault_secret *master,
    const char *root, struct failure *why)
{
	struct column_keys *keys = NULL;
	struct vault_secret *key = NULL;
	struct ring *ring = NULL;
	struct buf folder = { 0 };
	char uuid[37];
	int version = sealed_version(sql, uuid, why);

	if (version == -1)
		return -1;
	if (version == 0 || master == NULL)
		return sealed_register(sql, why);
	buf_print(&folder, "%s/keys", root);
	ring = ring_open(RING_TENANTS, master, folder.data, why);
	if (ring != NULL)
		key = ring_get(ring, uuid, (unsigned)version, why);
	if (key != NULL)
		keys = column_keys_open(key, uuid, why);
	vault_secret_free(key);
	ring_close(ring);
	buf_free(&folder);
	return keys == NULL ? -1 : sealed_keep(sql, keys, why);
}

/* ---- out -------------------------------------------------------------- */

static const char find[] =
    "SELECT value FROM sealed_values WHERE table_name = ?1"
    " AND column_name = ?2 AND row_id = ?3";

/* The answer to unsealed(value, table, column, id), `keys` may be NULL. */
static void
answer(sqlite3_context *context, const struct column_keys *keys,
    sqlite3_value **arguments, sqlite3_stmt *statement)
{
	struct column_place place = { (const char *)sqlite3_value_text(
					  arguments[1]),
		(const char *)sqlite3_value_text(arguments[2]),
		sqlite3_value_int64(arguments[3]) };
	struct buf text = { 0 };

	for (int i = 1; i <= 3; i++)
		sqlite3_bind_value(statement, i, arguments[i]);
	if (sqlite3_step(statement) != SQLITE_ROW)
		sqlite3_result_value(context, arguments[0]);
	else if (keys != NULL && place.table != NULL && place.column != NULL &&
	    column_open(keys, &place, sqlite3_column_blob(statement, 0),
		(size_t)sqlite3_column_bytes(statement, 0), &text))
		sqlite3_result_text(
		    context, text.data, (int)text.size, SQLITE_TRANSIENT);
	else
		sqlite3_result_zeroblob(context, 0);
	buf_free(&text);
}

static void
unsealed(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	sqlite3 *db = sqlite3_context_db_handle(context);
	const struct column_keys *keys = sqlite3_user_data(context);
	sqlite3_stmt *statement = NULL;

	(void)count;
	if (sqlite3_prepare_v2(db, find, -1, &statement, NULL) == SQLITE_OK)
		answer(context, keys, arguments, statement);
	else
		sqlite3_result_error(context, sqlite3_errmsg(db), -1);
	sqlite3_finalize(statement);
}

static void
forget(void *keys)
{
	column_keys_close(keys);
}

int
sealed_keep(struct sql *sql, struct column_keys *keys, struct failure *why)
{
	int code = sqlite3_create_function_v2(sql->db, "unsealed", 4,
	    SQLITE_UTF8 | SQLITE_DIRECTONLY, keys, unsealed, NULL, NULL,
	    forget);

	sql->keys = code == SQLITE_OK ? keys : NULL;
	return code == SQLITE_OK ? 0 : sqlite_failure(sql, code, why);
}

int
sealed_register(struct sql *sql, struct failure *why)
{
	return sql->keys != NULL ? 0 : sealed_keep(sql, NULL, why);
}

/* ---- in --------------------------------------------------------------- */

void
sealed_stand_for(const struct column_keys *keys,
    const struct sealed_column *column, const char *text,
    char stand[SEALED_STAND])
{
	char index[COLUMN_INDEX] = "";

	if (column->indexed)
		column_index(keys, column->table, column->column, text, index);
	snprintf(stand, SEALED_STAND, "%s%s",
	    column->stands == NULL ? "" : column->stands, index);
}

int
sealed_stand(struct sql *sql, const char *table, const char *column,
    const char *text, char stand[SEALED_STAND], struct failure *why)
{
	const struct sealed_column *found = find_column(table, column);

	if (sql->keys == NULL)
		return failure_set(
		    why, EXIT_WRONG, "is sealed, and there is no master key");
	if (strlen(text) > found->room)
		return failure_set(
		    why, EXIT_REFUSED, "is longer than %zu bytes", found->room);
	sealed_stand_for(sql->keys, found, text, stand);
	return 0;
}

int
sealed_store(struct sql *sql, const struct column_keys *keys,
    const struct column_place *place, const char *text, struct failure *why)
{
	struct sql_query *query = sql_prepare(sql,
	    text == NULL ? "DELETE FROM sealed_values WHERE table_name = ?1"
			   " AND column_name = ?2 AND row_id = ?3"
			 : "INSERT OR REPLACE INTO sealed_values (table_name,"
			   " column_name, row_id, value)"
			   " VALUES (?1, ?2, ?3, ?4)",
	    why);
	struct buf sealed = { 0 };
	int result;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, place->table);
	sql_bind_text(query, 2, place->column);
	sql_bind_integer(query, 3, place->row);
	if (text != NULL) {
		column_seal(keys, place, text, strlen(text), &sealed);
		sql_bind_blob(query, 4, sealed.data, sealed.size);
	}
	result = sql_done(query, why);
	sql_query_free(query);
	buf_free(&sealed);
	return result;
}

int
sealed_put(struct sql *sql, const char *table, const char *column, int64_t row,
    const char *text, struct failure *why)
{
	struct column_place place = { table, column, row };

	return sealed_store(sql, sql->keys, &place, text, why);
}
