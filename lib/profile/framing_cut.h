/* Bodies of varying layout, cut into parts, and made out of them again. */
#ifndef PROFILE_FRAMING_CUT_H
#define PROFILE_FRAMING_CUT_H

#include "profile/framing.h"

#define FRAMING_PARTS 3 /* of a module: two lists and the rest */
#define FRAMING_DATA_MAX 2047

struct framing_cut {
	struct evidence *evidence;
	const uint8_t *data;
	size_t size, at;
	unsigned key, part; /* of the next one */
};

/* So many bytes are the next part. */
void framing_part(struct framing_cut *cut, size_t size);
/* A list with its number before it is; nothing, where the data end. */
void framing_list(struct framing_cut *cut, size_t step);

struct framing_joined {
	uint8_t data[FRAMING_DATA_MAX];
	size_t size;
};

/*
 * The other way: what was written for a key, with `head` bytes before the
 * first list, lists as long as they say (of `step` bytes each) or empty.
 * `rest` (NULL: as long as what was written) says how long the third part
 * of a module is. Step 0: there is part 0 and nothing else.
 */
void framing_join(const struct writing *writing, unsigned key, size_t head,
    size_t step, size_t (*rest)(const uint8_t *rest, size_t size),
    struct framing_joined *joined);

#endif
