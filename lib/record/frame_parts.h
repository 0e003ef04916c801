/* Private to lib/record: the two ways of reading a frame, which a test holds
 * against each other, and what both need. */
#ifndef RECORD_FRAME_PARTS_H
#define RECORD_FRAME_PARTS_H

#include "record/frame.h"

#define FRAME_GEN_MAX INT64_C(1000000000)
#define FRAME_MONO_MAX INT64_C(100000000000000)
#define FRAME_ERROR_MAX 1024 /* bytes of `error` */
#define FRAME_ERRORS_MAX INT64_C(1000000000)
#define FRAME_PATH_MAX 256 /* bytes of a path that was asked */

/* May these bytes be one register block? */
bool frame_block_check(const struct frame_block *block);
/* Names that must be there, and parts or an error? */
bool frame_check(const struct frame *frame);
/* The one-pass way, for Modbus, CAN and plain serial lines. False: not
 * canonical (or wrong); the line is as it was, the frame undefined. */
bool frame_scan(
    char *line, size_t size, struct arena *arena, struct frame *frame);
/* The way through jansson, for everything. As frame_parse, but the line is
 * not changed. */
int frame_load(const char *line, size_t size, struct arena *arena,
    struct frame *frame, struct failure *why);

#endif
