/* The virtual table bms_data: packed readings as columns. */
#ifndef STORE_BMS_DATA_H
#define STORE_BMS_DATA_H

#include "base/err.h"
#include "store/sql.h"

/* Make the table known to a tenant's open database: battery_id, battery
 * (slug), timestamp (ms), kind, gen, then a column per measurement; and
 * bms_cell_history. */
int bms_data_register(struct sql *sql, struct failure *why);

#endif
