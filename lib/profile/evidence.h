/* What a frame holds, in a form in which a rule finds its raw value. */
#ifndef PROFILE_EVIDENCE_H
#define PROFILE_EVIDENCE_H

#include "json/json.h"
#include "profile/rule.h"

/* A run of bytes and the address of the first of them. */
struct piece {
	uint32_t first;
	uint32_t size; /* bytes */
	uint8_t function;
	const uint8_t *data;
};

struct evidence {
	const struct profile *profile;
	struct arena *arena;
	/* registers and bytes */
	struct piece *pieces;
	size_t piece_count;
	size_t coils_from; /* before it are no coils */
	/* CAN: values by slot; a bit for each that was there, and for each
	 * that is not 0: others have no value in `slots` */
	int64_t *slots;
	uint64_t *slot_set;
	uint64_t *slot_live;
	/* text: values by item, borrowed from `documents` */
	const json_t **items;
	json_t **documents;
	size_t document_count;
};

enum raw_kind {
	RAW_NONE, /* not in the frame */
	RAW_UNSET, /* in it, and said to be not implemented */
	RAW_INTEGER,
	RAW_REAL,
	RAW_TEXT
};

struct raw {
	enum raw_kind kind;
	int64_t number;
	double real;
	const char *text; /* RAW_TEXT, not terminated */
	size_t text_size;
};

/* Take a frame apart. 0, or -1 with a failure (EXIT_REFUSED). Whatever
 * comes back, evidence_close must follow. */
int evidence_open(struct evidence *evidence, const struct profile *profile,
    const struct frame *frame, struct arena *arena, struct failure *why);
void evidence_close(struct evidence *evidence);

static inline bool
evidence_slot(const struct evidence *evidence, uint32_t slot, int64_t *raw)
{
	uint64_t bit = UINT64_C(1) << slot % 64;

	if ((evidence->slot_set[slot / 64] & bit) == 0)
		return false;
	*raw = 0;
	if ((evidence->slot_live[slot / 64] & bit) != 0)
		*raw = evidence->slots[slot];
	return true;
}
/* `bytes` from an address on, or NULL where the frame has not all. */
const uint8_t *evidence_bytes(const struct evidence *evidence, uint8_t function,
    uint32_t address, size_t bytes);

/* The number of a source (no string or coils) that stands in `data`. */
void evidence_number(
    const struct source *source, const uint8_t *data, struct raw *raw);
/* One source; `step` is added to its address, `index` is for arrays. */
void evidence_raw(const struct evidence *evidence, const struct source *source,
    uint32_t step, unsigned index, struct raw *raw);
/* Item i of a rule. */
static inline void
evidence_item(const struct evidence *evidence, const struct rule *rule,
    unsigned i, struct raw *raw)
{
	if (rule->stride != 0)
		evidence_raw(evidence, rule->source, i * rule->stride, 0, raw);
	else if (rule->of_array)
		evidence_raw(evidence, rule->source, 0, i, raw);
	else
		evidence_raw(evidence, rule->source + i, 0, 0, raw);
}
bool evidence_holds(const struct evidence *evidence,
    const struct condition *conditions, size_t count);

/* The registers of a SunSpec chain out of blocks. */
int framing_sunspec(struct evidence *evidence, const struct frame *frame,
    struct arena *arena, struct failure *why);
/* Items out of the answers of HTTP, by their JSON paths. */
int evidence_http(struct evidence *evidence, const struct frame *frame,
    struct arena *arena, struct failure *why);

#endif
