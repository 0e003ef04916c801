/* Private to lib/record: the two ways of reading a reading, which a test
 * holds against each other, and what both need. */
#ifndef RECORD_READING_PARTS_H
#define RECORD_READING_PARTS_H

#include "record/reading.h"

#define READING_GEN_MAX INT64_C(1000000000)
#define READING_ERROR_MAX 1024 /* bytes of `error` */

/* The word of each kind in a line. */
extern const char *const reading_kind_names[3];

/* May this kind of reading carry this measurement? */
bool reading_carries(enum reading_kind kind, int id);
/* The one-pass way. False: not canonical (or wrong); the line is as it was
 * and the reading is undefined. */
bool reading_scan(
    char *line, size_t size, struct arena *arena, struct reading *reading);
/* The way through jansson, for everything. As reading_parse, but the line
 * is not changed. */
int reading_load(const char *line, size_t size, struct arena *arena,
    struct reading *reading, struct failure *why);

#endif
