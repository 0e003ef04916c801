/* The server's half of ThingSet: GET and FETCH, and reports. Reads only. */
#ifndef WIRE_THINGSET_SERVER_H
#define WIRE_THINGSET_SERVER_H

#include <stddef.h>

#include "base/buf.h"
#include "base/mem.h"
#include "profile/profile.h"
#include "record/frame.h"

/*
 * Answer one line (without its end) of text mode from the answers of a
 * frame: "?", a path, "?path [names]" and "?path null". A request whose
 * checksum is wrong gets no answer, as the firmware's.
 */
void thingset_serve(const char *line, size_t size, const struct frame *frame,
    const struct profile_thingset *speech, struct arena *arena,
    struct buf *out);
/* Answer one binary message; ids are those of the profile. The answer has
 * no framing; none where the message is no request. */
void thingset_serve_binary(const void *message, size_t size,
    const struct frame *frame, const struct profile_thingset *speech,
    struct buf *out);

/* The line of report i (with its end), or its binary message. Nothing where
 * the frame has no values for it. */
void thingset_tell(const struct frame *frame,
    const struct profile_thingset *speech, size_t i, struct buf *out);
void thingset_tell_binary(const struct frame *frame,
    const struct profile_thingset *speech, size_t i, struct buf *out);

#endif
