#include "store/bms_data_plan.h"

#include "store/sqlite.h"

static int
plan_of(int column, int operation)
{
	if (column == COLUMN_BATTERY_ID || column == COLUMN_BATTERY)
		return operation != SQLITE_INDEX_CONSTRAINT_EQ ? 0
		    : column == COLUMN_BATTERY_ID              ? PLAN_BATTERY_ID
							       : PLAN_BATTERY;
	if (column != COLUMN_TIMESTAMP)
		return 0;
	switch (operation) {
	case SQLITE_INDEX_CONSTRAINT_EQ:
		return PLAN_AT;
	case SQLITE_INDEX_CONSTRAINT_GE:
		return PLAN_FROM;
	case SQLITE_INDEX_CONSTRAINT_GT:
		return PLAN_AFTER;
	case SQLITE_INDEX_CONSTRAINT_LE:
		return PLAN_TO;
	case SQLITE_INDEX_CONSTRAINT_LT:
		return PLAN_BEFORE;
	default:
		return 0;
	}
}

static double
cost_of(int plan)
{
	double cost = 1e7;

	if ((plan & PLAN_AT) != 0)
		return 10;
	if ((plan & (PLAN_FROM | PLAN_AFTER)) != 0)
		cost /= 20;
	if ((plan & (PLAN_TO | PLAN_BEFORE)) != 0)
		cost /= 4;
	return (plan & (PLAN_BATTERY_ID | PLAN_BATTERY)) != 0 ? cost / 4 : cost;
}

int
bms_data_plan(sqlite3_vtab *base, sqlite3_index_info *info)
{
	(void)base;
	int where[8] = { -1, -1, -1, -1, -1, -1, -1, -1 };
	int plan = 0, argument = 0;

	for (int i = 0; i < info->nConstraint; i++) {
		int one = plan_of(
		    info->aConstraint[i].iColumn, info->aConstraint[i].op);

		if (!info->aConstraint[i].usable || one == 0 ||
		    (plan & one) != 0 || !sqlite_compares_bytes(info, i))
			continue;
		plan |= one;
		where[__builtin_ctz((unsigned)one)] = i;
	}
	for (int i = 0; i < 8; i++)
		if (where[i] >= 0)
			info->aConstraintUsage[where[i]].argvIndex = ++argument;
	/* of one battery: several come one after the other */
	if (info->nOrderBy == 1 &&
	    (plan & (PLAN_BATTERY_ID | PLAN_BATTERY)) != 0 &&
	    info->aOrderBy[0].iColumn == COLUMN_TIMESTAMP) {
		info->orderByConsumed = 1;
		plan |= info->aOrderBy[0].desc ? PLAN_DOWN : 0;
	}
	info->idxNum = plan;
	info->estimatedCost = cost_of(plan & ~PLAN_DOWN);
	info->estimatedRows = (sqlite3_int64)(info->estimatedCost / 10) + 1;
	return SQLITE_OK;
}
