/* Private to export: what its kinds of rows share. */
#ifndef STORE_EXPORT_PARTS_H
#define STORE_EXPORT_PARTS_H

#include "store/export.h"

/* Append a number with at most `decimals`, from a double. */
void export_real(struct buf *out, double value, unsigned decimals);
/* Append 2026-01-02T03:04:05.678-05:00 */
void export_local_time(
    struct buf *out, const struct zone *zone, int64_t time_ms);
/* A heading: name [unit]. */
void export_heading(struct export *export, const char *name, const char *unit);
/* End the row that was put together in out->buf. */
void export_row_end(struct export *export);
/* The slug of a battery, from what was read once. */
struct export_slug {
	int64_t id;
	char *slug;
};
struct export_names {
	struct export_slug *name; /* in order of id */
	size_t count;
};
int export_names_load(
    struct export_names *names, struct tenant *tenant, struct failure *why);
const char *export_name(const struct export_names *names, int64_t id);
void export_names_free(struct export_names *names);

#endif
