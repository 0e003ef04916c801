/* The inside of a row writer: opened in one file, used in another. */
#ifndef STORE_ROW_WRITER_H
#define STORE_ROW_WRITER_H

#include <stdbool.h>

#include "store/row.h"
#include "store/row_checks.h"
#include "store/sealed.h"

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
	struct sql_value *value; /* per column, of this row */
	bool *given; /* per column: in this row */
	int version; /* of the key; 0: nothing is sealed */
	const char **secret; /* per column: to be sealed; NULL: not given */
	char (*stand)[SEALED_STAND]; /* per column: what stands for it */
};

/* Row by row: put what stands for them in the place of values that are to be
 * sealed; and behind the row, store them sealed. */
int row_seal_before(
    struct row_writer *writer, const json_t *object, struct failure *why);
int row_seal_after(struct row_writer *writer, int64_t id, struct failure *why);
/* Does the member stand for a sealed value that is there? */
bool row_seal_kept(const json_t *member);

/* Does the column refer to what entity_type names? */
bool row_is_entity(const struct table_column *column);

#endif
