/* One device at one instant in the field's terms: reading(5). */
#ifndef RECORD_READING_H
#define RECORD_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "record/measurement.h"

/* Limits of one reading; more is refused. */
#define READING_LIST_MAX 1024
#define READING_TEXT_MAX 8192 /* a code list, map or text as JSON */

/* An item of a list that is unknown: null in the line. */
#define READING_ITEM_UNKNOWN INT32_MIN

/* `status` tells only that a device was asked and did not answer. */
enum reading_kind { READING_BATTERY, READING_ENERGY, READING_STATUS };

/* One measurement's value; which member counts is its shape's business. */
union reading_value {
	int64_t number; /* NUMBER, FLAG, WORD, TIME */
	struct {
		const int32_t *item; /* LIST, scaled like a number */
		uint32_t count;
	} list;
	struct {
		const char *json; /* CODES, MAP, TEXT; NUL-terminated */
		uint32_t size;
	} text;
};

/*
 * Unknown is absent: read value[id] only where reading_has says so. Texts
 * and lists belong to the arena (or line) that the reading was made from.
 * Names are NUL-terminated; "" is absent.
 */
struct reading {
	enum reading_kind kind;
	int64_t time_ms;
	const char *tenant, *device, *profile;
	const char *battery; /* slug; "" where the device tells it */
	const char *error; /* kind status: why there is no answer */
	int64_t gen; /* 0 live; each replay one more */
	uint64_t present; /* bit per measurement */
	/* Of one that is stored: a bit per measurement that is not believed
	 * (store/suspects.h), or READING_POOR. */
	uint64_t suspect;
	union reading_value value[MEASUREMENT_COUNT];
};

/* In `suspect`: its own data_quality is poor or invalid besides. */
#define READING_POOR (UINT64_C(1) << 63)

/* Make it empty: nothing present, names "". Values are left as they are. */
void reading_clear(struct reading *reading);
static inline bool
reading_has(const struct reading *reading, int id)
{
	return (reading->present >> id & 1) != 0;
}
static inline void
reading_set(struct reading *reading, int id, int64_t number)
{
	reading->present |= UINT64_C(1) << id;
	reading->value[id].number = number;
}
void reading_set_list(
    struct reading *reading, int id, const int32_t *item, size_t count);
/* `json` must be canonical and NUL-terminated (see json_canonical). */
void reading_set_text(
    struct reading *reading, int id, const char *json, size_t size);
void reading_unset(struct reading *reading, int id);

/*
 * Fill the derived measurements from what they derive from: extremes, mean
 * and spread of the cells and temperatures, currents and powers of each
 * direction, the mode where the device gives none. Where the sources are
 * there the result replaces a derived value that came with the reading;
 * where they are not, that value stays. The only place that does this.
 */
void reading_derive(struct reading *reading);

/*
 * Parse one line (its NUL included behind size). Canonical lines take the
 * one-pass way and keep pointers into `line` (which is changed); all others
 * go through jansson, with the same result. Unknown members are refused.
 * 0, or -1 with a failure (status EXIT_REFUSED).
 */
int reading_parse(char *line, size_t size, struct arena *arena,
    struct reading *reading, struct failure *why);
/* Append the canonical line with its line end: members in table order. */
void reading_print(const struct reading *reading, struct buf *out);
/* Append ,"name":value of one measurement that the reading has. */
void reading_print_one(const struct reading *reading, int id, struct buf *out);

#endif
