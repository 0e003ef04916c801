/* A frame in the making: evidence, the other way. */
#ifndef PROFILE_WRITING_H
#define PROFILE_WRITING_H

#include "profile/rule.h"

/* A text item: its JSON text, or a mask for the digits of one. */
struct written_item {
	const char *text;
	uint64_t mask;
	uint8_t digits; /* how many; 0: none */
};

struct writing {
	const struct profile *profile;
	const struct reading *reading;
	struct arena *arena;
	/* registers and bytes */
	uint8_t *image;
	struct written_piece *pieces;
	size_t piece_count;
	/* CAN */
	int64_t *slots;
	uint64_t *slot_set;
	struct written_item *items;
};

struct written_piece {
	uint32_t first;
	uint32_t size; /* bytes */
	uint8_t function;
	uint8_t *data;
};

/* Can the source hold the number? */
bool writing_fits(
    const struct writing *writing, const struct source *source, int64_t raw);
/* Put a raw number where the source says; parts leave the rest alone. */
void writing_put(struct writing *writing, const struct source *source,
    uint32_t step, int64_t raw);
void writing_rule(struct writing *writing, const struct rule *rule);

#endif
