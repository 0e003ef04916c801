/*
 * What a person said of stored values: annulled, or corrected. The rows stay
 * as they came; this is laid over them on reading, so that every reader sees
 * it and what comes later in a stretch is met by it too.
 */
#ifndef STORE_CORRECTIONS_H
#define STORE_CORRECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/reading.h"
#include "store/sql.h"
#include "store/stored.h"

/* In the order of their words. */
enum correction_action { CORRECTION_ANNUL, CORRECTION_SET, CORRECTION_SHIFT };
extern const char *const correction_words[3];

#define CORRECTION_ALL (-1) /* as a measurement or a kind */

struct correction {
	int64_t id, battery_id;
	int64_t time_ms, until_ms; /* both included */
	int kind; /* enum reading_kind or CORRECTION_ALL */
	int measurement; /* its id or CORRECTION_ALL */
	int64_t item; /* of a list, from 1; 0 all of it */
	enum correction_action action;
	union reading_value value; /* SET; not owned; of an item: number */
	double scale; /* SHIFT: old * scale + offset ... */
	int64_t offset; /* ... scaled as the measurement is */
};

/* May a measurement have its items or values shifted; is it a list? */
bool correction_can_shift(int measurement);
bool correction_is_list(int measurement);
/*
 * Read the JSON text of a value for a measurement as reading(5) has it. For
 * an item of a list it is one number or null; lists and texts are the
 * arena's. 0, or -1 with a failure (EXIT_REFUSED).
 */
int correction_value(int measurement, bool item, const char *json,
    struct arena *arena, union reading_value *value, struct failure *why);

/*
 * Those that may speak of the readings that go by; zero-initialise. They
 * are asked for a day at a time; whether there are any at all is asked once,
 * so that one made later is not seen.
 */
struct corrections {
	struct correction *one; /* those of a time, in its order, then by id */
	struct correction *stretch; /* in order of id */
	size_t ones, stretches, one_room, stretch_room;
	struct sql_query *query;
	struct arena arena; /* values */
	bool asked, none;
	int64_t from_ms, to_ms; /* what is loaded, ... */
	int64_t battery_id; /* ... of whom, 0 all */
};
void corrections_free(struct corrections *corrections);
/* Whoever reads on after a pause asks again. */
void corrections_forget(struct corrections *corrections);

/*
 * stored_reading with the corrections laid over, and what derives from it
 * (but where `bare`) made of them: where any spoke data_quality is at best
 * fair and notes say which; where all was annulled it is invalid.
 * battery_id: of whom they are loaded, 0 all. 0, or -1 with a failure.
 */
int corrections_reading(struct corrections *corrections, struct sql *sql,
    int64_t battery_id, const struct stored_row *row, bool bare,
    struct arena *arena, struct reading *reading, struct failure *why);

/* Until when, from a row on, nothing is laid over the rows of its battery:
 * its own time where something is laid over it. 0, or -1 with a failure. */
int corrections_quiet(struct corrections *corrections, struct sql *sql,
    int64_t battery_id, const struct readings_row *row, int64_t *until_ms,
    struct failure *why);

#endif
