/* The inside of a row writer: opened in one file, used in another. */
#ifndef STORE_ROW_WRITER_H
#define STORE_ROW_WRITER_H

#include <stdbool.h>

#include "store/row.h"
#include "store/row_checks.h"

struct row_reference {
	struct sql_query *by_key; /* ?1 key, ?2 entity_type if asked */
	struct sql_query *by_id;
};

struct row_writer {
	struct sql *sql;
	struct table *table;
	struct row_reference *reference; /* per column */
	struct sql_query *find[TABLE_KEYS];
	struct row_checks *checks;
	struct arena arena; /* as long as the writer */
	struct arena row; /* as long as a row */
	struct row_value *value; /* per column, of this row */
	bool *given; /* per column: in this row */
};

/* Does the column refer to what entity_type names? */
bool row_is_entity(const struct table_column *column);

#endif
