/* How the values of one frame came about, in words. */
#ifndef PROFILE_EXPLAIN_H
#define PROFILE_EXPLAIN_H

#include "base/buf.h"
#include "profile/work.h"

/*
 * Append to `out`, for people, what each rule of the profile finds in the
 * frame and makes of it, and what the reading then has. The rules are those
 * of profile_decode, applied one by one the long way. 0, or -1 with a failure
 * where profile_decode fails too; what could be explained is in `out` then.
 */
int profile_explain(const struct profile *profile, const struct frame *frame,
    struct arena *arena, struct buf *out, struct failure *why);

/* Parts of it. Is the rule about something that the frame has at all? Not so
 * where it is of a SunSpec model that the device does not have. */
bool explain_concerns(const struct evidence *evidence, const struct rule *rule);
/* Where a source is, and the raw number or text there. */
void explain_place(struct buf *out, const struct profile *profile,
    const struct source *source, uint32_t step);
void explain_raw(struct buf *out, const struct evidence *evidence,
    const struct source *source, uint32_t step, unsigned index);
/* The unit, with a blank before it, where there is one. */
void explain_unit(struct buf *out, const struct measurement *measurement);
/* The value of a measurement, as the line of its reading has it. */
void explain_value(struct buf *out, const struct reading *reading, int id);
/* What the raw number is multiplied by, and what is added. */
void explain_scaling(struct buf *out, const struct rule *rule);
/* The messages of a CAN frame as they came. */
void explain_messages(
    struct buf *out, const struct profile *profile, const struct frame *frame);
/* The lines of a serial frame that are damaged. */
void explain_lines(
    struct buf *out, const struct profile *profile, const struct frame *frame);
/* The condition and whether it holds. */
void explain_condition(struct buf *out, const struct evidence *evidence,
    const struct condition *condition);

#endif
