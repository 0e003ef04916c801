/* From the JSON of a profile to its rules; used by profile_open only. */
#ifndef PROFILE_LOAD_H
#define PROFILE_LOAD_H

#include "json/json.h"
#include "profile/rule.h"

struct loader {
	struct profile *profile;
	struct failure *why;
};

/* "modbus" of a profile. */
int load_modbus(struct loader *l, const json_t *modbus);
/* A rule for each model and instance that a member of "measurements" names,
 * written out; without any just the one. NULL with a failure. */
json_t *load_model_rules(struct loader *l, const json_t *object);
/* One member of "measurements" becomes one rule. 0 or -1. */
int load_rule(struct loader *l, const json_t *object, struct rule *rule);
/* Choices, conditions and what else a rule may carry. */
int load_values(struct loader *l, const json_t *object, struct rule *rule);
int load_when(struct loader *l, const json_t *object, struct rule *rule);

/* "sum": an array of places, some of them with "minus". */
int load_sum(struct loader *l, const json_t *terms, struct rule *rule);

/* True when the object says where a value is found. */
bool load_has_source(const json_t *object);
/* A single source: "at", "signal" or "item" with what goes with it. */
int load_source(struct loader *l, const json_t *object, struct source *source);
/* "type" with "size" (after the place), and "order", of a source. */
int load_type(struct loader *l, const json_t *object, struct source *source);
int load_order(struct loader *l, const json_t *object, struct source *source);
bool load_order_name(const char *name, bool *swap_bytes, bool *swap_words);
/* Add what the rule's type says for "not implemented" to its `absent`. */
void load_sentinel(struct rule *rule);
/* A list of sources by name: "signals" or "items" (a pattern such as
 * "Cell_{00..15}" or an array). */
int load_sources(struct loader *l, const json_t *names, const char *member,
    const struct source **sources, size_t *count);
/* One source by its name, as "signal" and "item" give it. */
int load_named(struct loader *l, const char *member, const char *name,
    struct source *source);
/* A number, or a decimal text, as it was written. */
int load_decimal(struct loader *l, const json_t *object, const char *name,
    struct decimal *out);
int load_address(struct loader *l, const json_t *object, const char *name,
    int64_t high, int64_t *out);
/* Decimal or 0x hexadecimal. */
bool load_integer(const char *text, int64_t *out);

/* The slot of a DBC signal; sources by number of slot give scaling. */
int load_signal(struct loader *l, const char *name, struct source *source);
const struct dbc_signal *load_slot_signal(
    const struct profile *profile, uint32_t slot);
/* The raw value of a word that the DBC file has for the rule's signal. */
bool load_word(const struct loader *l, const struct rule *rule,
    const char *text, int64_t *raw);
/* {"raw": "word", …} of all of them, as the rule's measurement wants
 * them; NULL with a failure where there are none. */
json_t *load_words(struct loader *l, const struct rule *rule);
/* What of "can" needs no DBC file: requests and the mask. */
int load_can(struct loader *l, const json_t *can);
/* "requests" of a text protocol. */
int load_requests(struct loader *l, const json_t *object);
/* The member "http"; and, when all rules are there, their items. */
int load_http(struct loader *l, const json_t *http);
int load_http_items(struct loader *l);

/* Sort the picks by message and selector value. */
int load_messages(struct loader *l, const json_t *must);

/* Give bits of codes that no rule names the name unknown_bit_N. */
void load_unknown_bits(struct loader *l);

/* The "thingset" of a profile. */
int load_thingset(struct loader *l, const json_t *object);

/* Mark the rules and signals for which there is a shorter way. */
void load_fast(struct profile *profile);

/* Join what the rules read into requests. */
int load_plan(struct loader *l);

#endif
