/* Batteries by their serial number, as readings tell it. */
#ifndef STORE_SERIALS_H
#define STORE_SERIALS_H

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "record/reading.h"
#include "store/sql.h"

struct serial {
	const char *json; /* with its quotes */
	int64_t battery_id;
};
struct serials {
	struct serial *one; /* in order of json */
	size_t count;
};
/* All of a tenant, in the arena. 0 or -1 with a failure. */
int serials_load(struct serials *serials, struct sql *sql, struct arena *arena,
    struct failure *why);
/* The battery whose number the reading tells; 0 for none. */
int64_t serials_find(
    const struct serials *serials, const struct reading *reading);

#endif
