/*
 * A sheet: rows of a table in one block, column by column, as differences,
 * compressed. What comes out is what went in: NULL, integers, reals to the
 * last bit, texts and blobs. Columns are known by name, so that a sheet stays
 * readable when its table gets more of them.
 */
#ifndef STORE_SHEET_H
#define STORE_SHEET_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/sql.h"

/* A sheet that says it has more is none of ours. */
#define SHEET_ROWS_MAX 65536
#define SHEET_COLUMNS_MAX 1024
#define SHEET_TEXT_MAX 65536 /* bytes of one text; of a name 64 */

/*
 * Append the sheet of all rows that a query has from its first step on, and
 * say how many; none give no sheet. Its first column is an integer in each
 * row, and is what other integers are compared with. The same rows always
 * give the same bytes with one release of libzstd. 0, or -1 with a failure:
 * EXIT_WRONG where a column has values of two types.
 */
int sheet_make(struct sql_query *rows, struct buf *out, size_t *count,
    struct failure *why);

struct sheet;
/* Open a sheet; `data` may go then. NULL with a failure (EXIT_WRONG) where
 * its head or its list of columns is damaged. */
struct sheet *sheet_open(const void *data, size_t size, struct failure *why);
void sheet_close(struct sheet *sheet);
size_t sheet_rows(const struct sheet *sheet);
size_t sheet_columns(const struct sheet *sheet);
const char *sheet_name(const struct sheet *sheet, size_t column);
/* The column of this name, or -1. */
int sheet_find(const struct sheet *sheet, const char *name);

/* Its texts and blobs live as long as the sheet. 0, or -1 with a failure
 * (EXIT_WRONG) where the column is damaged. */
int sheet_get(struct sheet *sheet, size_t column, size_t row,
    struct sql_value *value, struct failure *why);

#endif
