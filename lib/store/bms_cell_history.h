/* The virtual table bms_cell_history: cell_history as rows. */
#ifndef STORE_BMS_CELL_HISTORY_H
#define STORE_BMS_CELL_HISTORY_H

#include "store/sqlite.h"

/* Make it known to an open database: a row for each cell or sensor of each
 * period. A code of SQLite. */
int bms_cell_history_module(struct sql *sql);

#endif
