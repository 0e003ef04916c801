/*
 * Tables of which the hours that are long over stand in sheets: a row for
 * each hour of a battery in one table, and its sheets in another, read
 * together through a virtual table that has the columns of the first.
 */
#ifndef STORE_SHEETED_H
#define STORE_SHEETED_H

/* Columns that bounds are taken of. */
enum sheeted_bound {
	SHEETED_BATTERY,
	SHEETED_PERIOD,
	SHEETED_START,
	SHEETED_BOUNDS
};

struct sheeted {
	const char *both, *rows, *blocks; /* names of the tables */
	const char *bound[SHEETED_BOUNDS];
	const char *hour; /* what the period is, as SQL has it ... */
	const char *hour_text; /* ... and as text */
};
enum sheeted_table { SHEETED_HISTORY, SHEETED_CELLS, SHEETED_COUNT };
extern const struct sheeted sheeted_tables[SHEETED_COUNT];

#endif
