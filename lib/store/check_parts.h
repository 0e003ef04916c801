/* What the parts of check.h share. */
#ifndef STORE_CHECK_PARTS_H
#define STORE_CHECK_PARTS_H

#include "base/buf.h"
#include "base/mem.h"
#include "store/check.h"
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
};

/* What stands in `text` is wrong; clears it. */
void check_tell(struct checking *checking);

/* ---- check_sheets.c: sheets of history --------------------------------- */

extern const char check_next_sheets[];
/* 1 there may be more, 0 the end, -1 with a failure. */
int check_some_sheets(
    struct checking *checking, struct sql_query *query, struct failure *why);

#endif
