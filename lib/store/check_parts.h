/* What the parts of check.h share. */
#ifndef STORE_CHECK_PARTS_H
#define STORE_CHECK_PARTS_H

#include "base/buf.h"
#include "base/mem.h"
#include "store/check.h"
#include "store/sheeted.h"
#include "store/sql.h"

#define CHECK_BATCH 500 /* rows or blocks that one statement reads */

struct checking {
	struct check *check;
	struct sql *sql;
	struct buf text;
	struct arena arena;
	struct block *open; /* the last one that was read */
	/* the last key that was read */
	int64_t block, time_ms, battery_id, kind, sheet;
	enum sheeted_table table; /* that has the sheet */
};

/* What stands in `text` is wrong; clears it. */
void check_tell(struct checking *checking);

/* 1 there may be more, 0 the end, -1 with a failure. */
typedef int check_some(struct checking *, struct sql_query *, struct failure *);
/* A statement batch by batch to its end; `some` binds, steps and resets. */
int check_walk(struct checking *checking, const char *text, check_some *some,
    struct failure *why);

/* ---- check_sheets.c: sheets of history --------------------------------- */

/* Those of one table; each that is wrong is told. -1 with a failure. */
int check_sheets(
    struct checking *checking, enum sheeted_table table, struct failure *why);

#endif
