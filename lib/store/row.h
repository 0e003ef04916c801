/* Rows of the tables as lines, and back: what tenant-db put and get do. */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/json.h"
#include "store/sql.h"
#include "store/table.h"

/* ---- putting ---------------------------------------------------------- */

struct row_writer;
/* The database must outlive it. NULL with a failure: EXIT_WRONG for a table
 * that is not there. */
struct row_writer *row_writer_open(
    struct sql *sql, const char *table, struct failure *why);
void row_writer_close(struct row_writer *writer);
/*
 * A column that is sealed needs sealed_open of the database, else it is
 * EXIT_WRONG.
 * Insert the row, or change the one with the same key: members that are
 * absent keep their value or get their default, null is NULL. Each value is
 * checked against its column, and references (by key or number) must be
 * there. Call it in a transaction. 0, or -1 with a failure, EXIT_REFUSED
 * for a bad row: then nothing of it is stored.
 */
int row_put(
    struct row_writer *writer, const json_t *object, struct failure *why);

/* ---- getting ---------------------------------------------------------- */

struct row_reader;
/* As row_writer_open. */
struct row_reader *row_reader_open(
    struct sql *sql, const char *table, struct failure *why);
/* Append the next row as a line that row_put takes back; `tenant` (may be
 * NULL) becomes its first member. 1, 0 at the end, -1 with a failure. */
int row_next(struct row_reader *reader, const char *tenant, struct buf *out,
    struct failure *why);
void row_reader_close(struct row_reader *reader);

/* What a line has where a value is sealed and cannot be opened. In a line
 * that is put it stands for the value that is there. */
#define ROW_SEALED "{\"sealed\":true}"

/* ---- values ----------------------------------------------------------- */

/* A member's value as its column wants it; texts in the arena or the
 * member. -1 with a failure (EXIT_REFUSED) without the column's name. */
int row_value_read(const struct table_column *column, const json_t *member,
    struct arena *arena, struct sql_value *value, struct failure *why);
/* Checks that no CHECK can say: zones, addresses, selections. */
int row_value_check(const char *table, const struct table_column *column,
    const struct sql_value *value, struct failure *why);
/* Append column n of the row that `query` stands on as JSON. */
void row_value_print(const struct table_column *column, struct sql_query *query,
    int n, struct buf *out);

#endif
