/* What the files of sealed columns share. */
#ifndef STORE_SEALED_PARTS_H
#define STORE_SEALED_PARTS_H

#include "store/sealed.h"
#include "vault/column.h"

struct sealed_column {
	const char *table, *column;
	const char *stands; /* for what cannot be NULL: before the index, or
			     * as it is; NULL: it can be */
	bool indexed; /* a blind index follows */
	const char *where; /* which rows, or NULL: all */
	size_t room; /* bytes */
};

extern const struct sealed_column sealed_columns[];
extern const size_t sealed_columns_count;

void sealed_stand_for(const struct column_keys *keys,
    const struct sealed_column *column, const char *text,
    char stand[SEALED_STAND]);
/* sealed_put with these keys. */
int sealed_store(struct sql *sql, const struct column_keys *keys,
    const struct column_place *place, const char *text, struct failure *why);
/* Keep the keys (or none) with `sql`, whose they become. */
int sealed_keep(struct sql *sql, struct column_keys *keys, struct failure *why);

#endif
