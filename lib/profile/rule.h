/* A profile as it is used: flat arrays of rules, made once at profile_open. */
#ifndef PROFILE_RULE_H
#define PROFILE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "profile/bits.h"
#include "profile/dbc.h"
#include "profile/decimal.h"
#include "profile/profile.h"
#include "record/measurement.h"

/* Limits of one profile; more is refused. */
#define PROFILE_RULES_MAX 1024
#define PROFILE_ABSENT_MAX 8 /* not-implemented values of a rule */
#define PROFILE_CHOICES_MAX 256 /* values or bits of a rule */
#define PROFILE_WHEN_MAX 8 /* conditions of a rule */
#define PROFILE_SUM_MAX 32 /* terms of a sum */
#define PROFILE_SLOTS_MAX 4096 /* CAN signals in use */
#define PROFILE_ITEMS_MAX 4096 /* text items in use */
#define PROFILE_REQUESTS_MAX 64 /* CAN messages to send for a cycle */
#define PROFILE_LISTS 3 /* measurements that are lists */

enum source_type {
	SOURCE_U8,
	SOURCE_S8,
	SOURCE_U16,
	SOURCE_S16,
	SOURCE_U32,
	SOURCE_S32,
	SOURCE_U64,
	SOURCE_S64,
	SOURCE_BCD, /* a decimal digit in each 4 bits */
	SOURCE_SIGN, /* the highest bit is the sign of the others */
	SOURCE_M10K, /* 0 to 9999 in each 16 bits */
	SOURCE_F32,
	SOURCE_F64,
	SOURCE_COILS,
	SOURCE_STRING,
	SOURCE_SLOT,
	SOURCE_ITEM
};

/* What a type says for "not implemented". */
enum source_sentinel {
	SENTINEL_NONE,
	SENTINEL_LOWEST, /* the lowest number */
	SENTINEL_ONES, /* all bits set */
	SENTINEL_SCALE /* of a scale factor: its numbers count unscaled */
};

/* Where one raw value is found. */
struct source {
	uint32_t address; /* register; byte; model << 16 | register;
				 * index of the slot or item */
	uint16_t size; /* bytes; coils: bits */
	uint8_t function; /* Modbus, else 0 */
	uint8_t type;
	uint8_t sentinel;
	bool swap_bytes, swap_words;
	bool part_signed;
	uint8_t shift, bits; /* part of the raw number; 0 bits: all */
	bool digits; /* item: text of 0 and 1, the first is bit 0 */
	int64_t encode; /* what profile_encode writes here, if fixed */
	bool encode_is;
};

/* A rule holds only while low <= raw <= high (or not, where `negate`). */
struct condition {
	struct source source;
	int64_t low, high;
	bool negate;
};

/* A raw value or bit and what it stands for. */
struct choice {
	int64_t raw;
	int32_t word; /* SHAPE_WORD: index; -1 absent; else 0 or: */
#define CHOICE_UNKNOWN 1 /* a bit that the profile has no name for */
	const char *json; /* CODES, TEXT: the string; MAP: "name": */
	uint32_t json_size;
};

enum rule_action {
	RULE_NUMBER, /* NUMBER, TIME, or an item of a LIST */
	RULE_FLAG,
	RULE_WORD, /* by choices */
	RULE_CHOICE, /* CODES or TEXT: the choice with the raw value */
	RULE_BITS, /* CODES or MAP: choices are bits of the raw value */
	RULE_EACH, /* CODES or MAP: a choice per source, if it is set */
	RULE_BIT_LIST, /* LIST: numbers of the bits that are set */
	RULE_SUM, /* NUMBER: of all sources that are not absent */
	RULE_STRING, /* TEXT: as it is */
	RULE_FIXED /* WORD: always choices[0] */
};

/* What nearly all rules are, for which there is a shorter way (fast.c). */
enum rule_fast {
	FAST_NONE,
	FAST_REGISTER, /* one number of 16 or 32 bits, highest byte first */
	FAST_REGISTERS, /* a list of 16-bit registers, one behind the other */
	FAST_SLOT, /* one integer signal */
	FAST_SLOTS, /* a list of integer signals in neighbouring slots */
	FAST_EACH, /* codes of signals in neighbouring slots */
	FAST_STATE /* a flag, word or codes of one source */
};

struct rule {
	uint8_t measurement;
	uint8_t action;
	uint8_t fast;
	uint8_t list; /* which list, 0xff: none */
	bool is_list;
	bool invert; /* FLAG */
	bool of_array; /* the items are those of one JSON array */
	bool count_is_mask; /* number of items: bits set in it */
	bool has_set;
	bool append; /* LIST: behind the items that are there */
	bool optional; /* not every device of the make has it */
	uint16_t index; /* first item in the list */
	uint16_t count; /* items or sources, at least 1 */
	uint16_t stride; /* from item to item, in addresses */
	uint32_t minus; /* SUM: a bit for each source that is taken off */
	const struct source *source; /* one, or `count` where stride is 0 */
	const struct source *valid; /* one for each item, or NULL */
	const struct source *counter; /* number of items, or NULL */
	const struct source *exponent; /* power of ten, or NULL */
	const struct source *per; /* what the number is divided by, or NULL */
	const struct condition *when;
	size_t when_count;
	struct scaling scaling;
	int64_t low, high; /* plausible, scaled */
	int64_t raw_low, raw_high; /* raw numbers that are surely in it, and
				    * none of them absent */
	int64_t valid_is;
	int64_t set; /* FLAG, EACH: the raw value that is "set" */
	int64_t absent[PROFILE_ABSENT_MAX];
	size_t absent_count;
	const struct choice *choices;
	size_t choice_count;
	int8_t decimals; /* text that profile_encode writes; -1 ours */
	/* the first of several rules for codes out of coils, function 1 or 2:
	 * how many there are, and which coils they look at together */
	uint16_t run;
	bool run_faults, run_warnings;
	uint32_t run_first, run_coils;
};

/* Bits that one source of a RULE_BIT_LIST has. */
static inline unsigned
rule_bit_width(const struct rule *rule)
{
	const struct source *source = rule->source;

	if (source->bits != 0)
		return source->bits;
	if (source->type == SOURCE_COILS)
		return source->size;
	if (source->type == SOURCE_ITEM)
		return source->digits ? 1 : 64;
	return source->type == SOURCE_SLOT ? 64 : 8U * source->size;
}

/* A CAN signal in use, and where its value goes. */
struct can_pick {
	struct bits bits;
	uint8_t type; /* enum dbc_float */
	uint16_t slot;
	bool near; /* in the first 8 bytes, as one number of 64 bits ... */
	uint8_t left; /* ... of which so many bits are above it */
	int64_t low, high; /* selector values; INT64_MIN: no selector */
	uint64_t flags; /* bits of it and of the next picks, or 0 */
	uint16_t flag_count;
	bool flag_row; /* their bits follow each other, as their slots do */
	const struct dbc_signal *signal;
};

struct can_message {
	uint32_t id;
	bool extended, fd;
	uint16_t size;
	bool has_selector;
	bool chained; /* selectors of selectors: the slow way */
	struct bits selector;
	size_t first, count; /* picks, by rising `low` */
	size_t always; /* the first ones, that need no selector */
	uint16_t by_value[257]; /* where picks of a selector value start */
	const struct dbc_message *message;
};

/*
 * SunSpec: a model of the chain as profile_encode lays it out. Addresses
 * are model << 16 | which of those with its id << 12 | register, counted
 * from its id register.
 */
#define SUNSPEC_LENGTH_MAX 4000 /* registers behind a model's length */
#define SUNSPEC_INSTANCES_MAX 16
#define SUNSPEC_ADDRESS(model, instance, at)                                   \
	((uint32_t)(model) << 16 | (uint32_t)(instance) << 12 | (uint32_t)(at))
#define SUNSPEC_INSTANCE(address) ((address) >> 12 & 0xf)
#define SUNSPEC_REGISTER(address) ((address)&0xfff)
struct sunspec_model {
	uint16_t id, size; /* size 0: what the rules need */
};

struct profile {
	struct arena arena;
	const char *name;
	const char *maker, *model; /* for people; "" where not told */
	enum frame_protocol protocol;
	enum reading_kind kind;
	int64_t interval_ms, cycle_ms;
	/* modbus */
	bool sunspec;
	bool byte_addresses; /* one byte each, as in the device's frames */
	uint16_t base; /* of the SunSpec map */
	uint8_t function;
	uint8_t reply; /* unit that answers; 0: the one that is asked */
	uint16_t limit, hole;
	bool swap_bytes, swap_words;
	struct sunspec_model *models;
	size_t model_count;
	struct profile_block *blocks, *no_join;
	size_t block_count, no_join_count;
	struct profile_want *wants; /* by function and address */
	size_t want_count;
	/* can */
	struct dbc *dbc;
	struct can_message *messages;
	size_t message_count;
	struct can_pick *picks;
	size_t pick_count;
	struct profile_can *cans;
	struct profile_can_request *can_requests;
	size_t can_request_count;
	uint32_t can_mask; /* bits of an extended id that count */
	uint16_t message_of[2048]; /* standard id: index + 1 */
	/* thingset, serial, http */
	const struct framing *framing; /* serial: never NULL */
	const char **items;
	size_t item_count;
	struct profile_request *requests;
	size_t request_count;
	struct profile_thingset thingset;
	struct profile_http http;
	/* rules */
	struct rule *rules;
	size_t rule_count;
	uint64_t fixed; /* measurements that are always there */
	int list_of[PROFILE_LISTS]; /* measurement of each list */
	size_t list_size[PROFILE_LISTS];
	size_t list_count;
	size_t rule_room, slot_count, pick_room, item_room;
};

/* Bytes that one address stands for: registers have two. */
static inline unsigned
profile_unit(const struct profile *profile)
{
	return profile->protocol == FRAME_MODBUS && !profile->byte_addresses
	    ? 2
	    : 1;
}

#endif
