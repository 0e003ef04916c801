/* The server's half of ThingSet text mode: GET and FETCH. Reads only. */
#ifndef WIRE_THINGSET_SERVER_H
#define WIRE_THINGSET_SERVER_H

#include <stddef.h>

#include "base/buf.h"
#include "base/mem.h"
#include "record/frame.h"

/*
 * Answer one line (without its end) from the answers of a frame: "?", a
 * path of the frame or an item below it, "?path [names]" and "?path null".
 * A request whose checksum is wrong gets no answer, as the firmware's.
 */
void thingset_serve(const char *line, size_t size, const struct frame *frame,
    struct arena *arena, struct buf *out);

#endif
