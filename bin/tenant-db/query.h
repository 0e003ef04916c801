/* Rows of a query as lines, CSV or a table for the eye. */
#ifndef QUERY_H
#define QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "store/sql.h"

enum query_form { QUERY_LINES, QUERY_CSV, QUERY_TABLE };

struct query_rows {
	enum query_form form;
	bool raw; /* CSV: text is not kept from being a formula */
	int columns;
	size_t *width; /* table: of each column */
	bool *right; /* table: holds numbers only */
	struct buf cells; /* table: NUL-terminated, row by row */
};

void query_rows_begin(struct query_rows *rows, struct sql_query *query,
    enum query_form form, bool raw, struct buf *out);
void query_rows_add(
    struct query_rows *rows, struct sql_query *query, struct buf *out);
void query_rows_end(struct query_rows *rows, struct buf *out);
void query_rows_free(struct query_rows *rows);

#endif
