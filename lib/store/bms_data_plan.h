/* What SQLite may ask of the table bms_data, and how it is planned. */
#ifndef STORE_BMS_DATA_PLAN_H
#define STORE_BMS_DATA_PLAN_H

#include <sqlite3.h>

enum column {
	COLUMN_BATTERY_ID,
	COLUMN_BATTERY,
	COLUMN_TIMESTAMP,
	COLUMN_KIND,
	COLUMN_GEN,
	COLUMN_FIRST /* of the measurements */
};

/* idxNum: which arguments xFilter gets, in this order, and the direction. */
enum plan {
	PLAN_BATTERY_ID = 1,
	PLAN_BATTERY = 2,
	PLAN_FROM = 4,
	PLAN_AFTER = 8,
	PLAN_TO = 16,
	PLAN_BEFORE = 32,
	PLAN_AT = 64,
	PLAN_DOWN = 128
};

/* The table's xBestIndex: bounds on battery and timestamp become a plan. */
int bms_data_plan(sqlite3_vtab *base, sqlite3_index_info *info);

#endif
