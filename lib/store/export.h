/* Readings, history and tables of a tenant as CSV or NDJSON. */
#ifndef STORE_EXPORT_H
#define STORE_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/io.h"
#include "store/tenant.h"
#include "store/zones.h"

/*
 * What to write and how. CSV has a heading with the unit of each column,
 * and times as RFC 3339 UTC; `local` adds a column with the time of the
 * battery's site. NDJSON has the same names without units.
 */
struct export
{
	struct tenant *tenant;
	const struct zones *zones;
	struct io_writer *out;
	bool csv, local;
	bool guard; /* see csv_text */
	int64_t from_ms, to_ms; /* from <= time < to */
	const int64_t *battery; /* NULL: all */
	const char *const *slug; /* of each battery */
	size_t batteries;
	const char *period; /* history: "daily" …; NULL: all */
	int64_t rows; /* counted */
	bool (*stop)(void);
};

/* reading(5) lines, or a column per measurement. Battery after battery
 * where batteries are named, else all in order of time. */
int export_readings(struct export *export, struct failure *why);
/* rollup(5) lines, or a column per column of history. */
int export_history(struct export *export, struct failure *why);

/* The tables that can be written, NULL at the end. */
const char *const *export_tables(void);
int export_table(struct export *export, const char *name, struct failure *why);

#endif
