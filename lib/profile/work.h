/* A reading in the making. */
#ifndef PROFILE_WORK_H
#define PROFILE_WORK_H

#include "profile/evidence.h"

/* Texts that grow: codes, the map, the notes. */
enum work_text {
	TEXT_FAULTS,
	TEXT_WARNINGS,
	TEXT_PROTECTION,
	TEXT_NOTES,
	TEXT_COUNT
};

struct growing {
	char *data;
	size_t size, room;
	bool seen; /* the device told it, if only as nothing */
};

struct work_list {
	int32_t *item;
	size_t filled; /* items that have a value or are marked unknown */
	size_t used; /* items up to the last one that is known */
	size_t told; /* items that the device says there are */
	bool known; /* any of them */
};

struct work {
	const struct profile *profile;
	struct evidence evidence;
	struct arena *arena;
	struct reading *reading;
	struct work_list list[PROFILE_LISTS];
	struct growing text[TEXT_COUNT];
	unsigned refused; /* values that were out of range */
};

/* Nothing found so far; profile and arena are set. */
void work_open(struct work *work);

/* A value as the measurement's scaled integer, judged. */
enum outcome { VALUE_ABSENT, VALUE_FINE, VALUE_REFUSED, VALUE_TOO_LARGE };

/* Is it a number that the rule does not mark as absent? */
bool work_known(const struct rule *rule, struct raw *raw);
enum outcome work_scaled(const struct rule *rule, const struct raw *raw,
    const struct raw *power, int64_t *value);
/* The sum of a rule's sources. False where one of them is not in the frame
 * or none of them is known. */
bool work_sum(struct work *work, const struct rule *rule, struct raw *sum);
void work_put(struct work *work, const struct rule *rule, enum outcome outcome,
    int64_t value);
void work_put_item(struct work *work, const struct rule *rule, unsigned i,
    enum outcome outcome, int64_t value);
/* Mark items up to `end` as unknown that have no value. */
void work_fill(struct work_list *list, size_t end);
/* Apply a rule of a list: numbers, or numbers of bits that are set. */
void work_list_rule(
    struct work *work, const struct rule *rule, const struct raw *power);
void work_list_bits(struct work *work, const struct rule *rule);
/* Apply all rules of the profile, each the shortest way there is. */
void work_rules(struct work *work);
/* Apply one rule, the long way. */
void work_rule(struct work *work, const struct rule *rule);
/* Append a JSON text with its quotes, or "name": and true or false. */
void work_text(
    struct work *work, enum work_text which, const char *json, size_t size);
void work_pair(struct work *work, enum work_text which, const char *name,
    size_t size, bool value);
/* Note why a value was refused. index -1: no item of a list. */
void work_refuse(struct work *work, const struct rule *rule, int index,
    const int64_t *value);
void work_note(struct work *work, const char *text);
/* Look at the reading as a whole; its data_quality. */
int work_sane(struct work *work, const struct frame *frame);

#endif
