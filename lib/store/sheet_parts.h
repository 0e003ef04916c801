/*
 * What the sides of a sheet know. It is a body of codes.h:
 *
 *	varint	columns
 *	each	size and bytes of its name, size of its part
 *	parts	one behind the other:
 *		varint	its type: 0 all NULL, 1 INTEGER, 2 REAL, 3 TEXT,
 *			4 BLOB
 *		runs	is there a value: 0 or 1, for each row
 *		INTEGER	varint 0, and zigzags of the difference to the value
 *			before; or 1, and such of what it is more than the
 *			first column of its row
 *		REAL	varint of decimals, then as INTEGER what it is times
 *			10 to their power; or SHEET_RAW, then its 8 bytes,
 *			the lowest first
 *		TEXT	varint of different texts, size and bytes of each,
 *			runs of their places
 *		BLOB	runs of sizes, then all bytes
 */
#ifndef STORE_SHEET_PARTS_H
#define STORE_SHEET_PARTS_H

#include "store/sheet.h"

#define SHEET_EDITION 1
#define SHEET_NAME_MAX 64
#define SHEET_DECIMALS 9 /* more are raw */
#define SHEET_RAW (SHEET_DECIMALS + 1)

enum sheet_type {
	SHEET_NONE,
	SHEET_INTEGER,
	SHEET_REAL,
	SHEET_TEXT,
	SHEET_BLOB
};
enum sheet_way { SHEET_DOWN, SHEET_ACROSS, SHEET_WAYS };

/* What a scaled number stands for: both sides must agree to the last bit. */
double sheet_real(int64_t scaled, unsigned decimals);

#endif
