/* The virtual tables of sheeted.h: rows and sheets as one. */
#ifndef STORE_HISTORY_TABLE_H
#define STORE_HISTORY_TABLE_H

#include "base/err.h"
#include "store/sql.h"

/* Make them known to an open database. 0 or -1 with a failure. */
int history_table_register(struct sql *sql, struct failure *why);

#endif
