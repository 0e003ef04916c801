/* What a table looks like, from SQLite's own description of it. */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/sql.h"

/* How a column's values look in a line; taken from its type and CHECK. */
enum table_shape {
	TABLE_INTEGER,
	TABLE_REAL,
	TABLE_TEXT,
	TABLE_FLAG, /* IN (0, 1): true or false */
	TABLE_WORD, /* IN ('a', 'b') */
	TABLE_TIME, /* ms since 1970 UTC: RFC 3339 */
	TABLE_DATE, /* yyyy-mm-dd */
	TABLE_OBJECT,
	TABLE_ARRAY,
	TABLE_JSON,
	TABLE_BLOB /* not for lines */
};

#define TABLE_KEY_COLUMNS 4
#define TABLE_KEYS 4

struct table_column {
	const char *name;
	/* Its member in a line: as name, but for a reference x_id it is x,
	 * and the value is the other row's key. */
	const char *member;
	enum table_shape shape;
	const char *const *words; /* of TABLE_WORD, NULL-terminated */
	const char *refers; /* table that it refers to, or NULL */
	bool id; /* the row's number */
	bool must; /* NOT NULL and without a default */
	bool null; /* may be NULL */
};

/* UNIQUE columns; the first key of a table is the one that it is known by. */
struct table_key {
	size_t count;
	size_t column[TABLE_KEY_COLUMNS];
};

struct table {
	const char *name;
	struct table_column *column;
	size_t count;
	struct table_key key[TABLE_KEYS];
	size_t key_count;
};

/* In the arena. A name that is no table: NULL with EXIT_WRONG. */
struct table *table_load(struct sql *sql, const char *name, struct arena *arena,
    struct failure *why);
/* The column of a member's or column's name, or NULL. */
const struct table_column *table_find(
    const struct table *table, const char *name);

#endif
