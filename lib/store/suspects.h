/* What is not believed of stored readings, laid over them on reading. */
#ifndef STORE_SUSPECTS_H
#define STORE_SUSPECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "record/reading.h"
#include "store/tenant.h"

/* In the order of their words. */
enum suspects_reason { SUSPECT_SIGN, SUSPECT_STEP, SUSPECT_STUCK };
extern const char *const suspects_reason_words[3];
enum suspects_reason suspects_reason(const char *word);

/* ["soc_percent"] of a mask of measurement ids, and back. */
void suspects_names(uint64_t mask, struct buf *out);
uint64_t suspects_mask(const char *names);

struct suspect {
	int64_t battery_id, time_ms, until_ms;
	enum suspects_reason reason;
	uint64_t mask;
};
/* Those of a stretch of time, in order of time; zero-initialise. */
struct suspects {
	struct suspect *one;
	size_t count, room;
	struct sql_query *query; /* kept from load to load ... */
	bool all; /* ... of all batteries, or of one */
};
/* battery_id 0: of all. Replaces what was there; always of the same
 * database. 0, or -1 with a failure. */
int suspects_load(struct suspects *suspects, struct sql *sql,
    int64_t battery_id, int64_t from_ms, int64_t to_ms, struct failure *why);
void suspects_free(struct suspects *suspects);

/*
 * Lay them over a reading within the stretch: reading->suspect has a bit
 * for each measurement that is not believed, what derives from it included;
 * data_quality is at best poor, and notes say why. Texts are the arena's.
 */
void suspects_apply(const struct suspects *suspects, int64_t battery_id,
    struct arena *arena, struct reading *reading);

/* Until when, from a time on, nothing of a battery is doubted: that time
 * where something is. Within the stretch. */
int64_t suspects_quiet(
    const struct suspects *suspects, int64_t battery_id, int64_t time_ms);

#endif
