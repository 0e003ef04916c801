/* A frame in the making: evidence, the other way. */
#ifndef PROFILE_WRITING_H
#define PROFILE_WRITING_H

#include "base/buf.h"
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
	uint32_t used; /* up to the last one that was written */
	uint8_t function;
	uint8_t *data;
};

/* Can the source hold the number? */
bool writing_fits(
    const struct writing *writing, const struct source *source, int64_t raw);
/* Put a raw number where the source says; parts leave the rest alone. */
void writing_put(struct writing *writing, const struct source *source,
    uint32_t step, int64_t raw);
/* Is what has been put there within a range? Nothing put is 0. */
bool writing_holds(struct writing *writing, const struct source *source,
    int64_t low, int64_t high);
/* The answers and reports of a ThingSet device. */
void writing_thingset(struct writing *writing, struct frame *frame);
/* The answers of an HTTP device; there is room for them in the frame. */
void writing_http(struct writing *writing, struct frame *frame);
/* Put a text where there is room for all of it, and zeros behind. */
void writing_text(struct writing *writing, const struct source *source,
    const char *text, size_t size);
void writing_rule(struct writing *writing, const struct rule *rule);
/* A piece for each key that the rules name, by rising keys. */
void writing_pieces(struct writing *writing);
/* An item's text: digits of a mask, or what a rule made. */
void writing_item(const struct written_item *item, struct buf *out);

/* What rules have in common. */
static inline bool
writing_has(const struct writing *writing, const struct rule *rule)
{
	return reading_has(writing->reading, rule->measurement);
}
static inline int64_t
writing_number(const struct writing *writing, const struct rule *rule)
{
	return writing->reading->value[rule->measurement].number;
}
/* Make the conditions of a rule true, as far as they name one value. */
void writing_when(struct writing *writing, const struct rule *rule);
/* Item i of a rule: its source and how far behind its address. */
const struct source *writing_source(
    const struct rule *rule, unsigned i, uint32_t *step);
/* Rules whose values are not numbers. */
void writing_flag(struct writing *writing, const struct rule *rule);
void writing_choice(struct writing *writing, const struct rule *rule);
void writing_bits(struct writing *writing, const struct rule *rule);
void writing_each(struct writing *writing, const struct rule *rule);
void writing_bit_list(struct writing *writing, const struct rule *rule);

#endif
