/* One measurement of a reading as the value of an SQL column. */
#ifndef STORE_BMS_DATA_VALUE_H
#define STORE_BMS_DATA_VALUE_H

#include <sqlite3.h>

#include "base/buf.h"
#include "record/reading.h"

/* Append ", name TYPE" for each measurement. */
void bms_data_columns(struct buf *text);
/* Numbers in their unit, lists and maps as JSON, words as text. The reading
 * must have it; `text` is room to work in. */
void bms_data_value(sqlite3_context *context, const struct reading *reading,
    int id, struct buf *text);

#endif
