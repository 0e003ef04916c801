/* Inside the shorter way: see fast.c. */
#ifndef PROFILE_FAST_H
#define PROFILE_FAST_H

#include <endian.h>
#include <string.h>

#include "profile/work.h"

/* A plain register of 16 or 32 bits, highest byte first. */
static inline int64_t
source_register(const struct source *source, const uint8_t *data)
{
	uint16_t half;
	uint32_t whole;

	if (source->size == 2) {
		memcpy(&half, data, sizeof(half));
		half = be16toh(half);
		return source->type == SOURCE_S16 ? (int16_t)half : half;
	}
	memcpy(&whole, data, sizeof(whole));
	whole = be32toh(whole);
	if (source->type == SOURCE_S32)
		return (int32_t)whole;
	return whole;
}

/* FAST_STATE. */
void fast_state(struct work *work, const struct rule *rule);
/* A run of rules for codes whose coils are all off: they were told, and
 * there is nothing more to say of them. False where it is not so. */
bool fast_quiet(struct work *work, const struct rule *rule);

#endif
