/*
 * What a ThingSet device has told by itself, and the names of its ids: from
 * the profile, else learned from the device.
 */
#ifndef WIRE_THINGS_H
#define WIRE_THINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/json.h"
#include "profile/profile.h"
#include "wire/thingset_binary.h"

/* Of one device; more is not kept. */
#define THINGS_REPORTS_MAX 256
#define THINGS_NAMES_MAX 4096
#define THINGS_PATH_MAX 256 /* bytes of a path */
#define THINGS_ASK_MAX 16 /* names asked for at once */

enum things_question { THINGS_NONE, THINGS_PATHS, THINGS_MEMBERS };

struct things {
	/* names that were learned: "0x71" to "Meas/rPackVoltage_V" */
	json_t *names;
	/* ids without one; and subsets by their members, null: to be asked */
	json_t *unknown, *members;
	/* the newest report of each endpoint */
	struct thing {
		char *endpoint; /* a path, or an id's name */
		char *text; /* as it came, in text mode */
		json_t *payload; /* else */
		bool item; /* the value of one item */
		int64_t heard_ms; /* monotonic; 0: was used */
	} * thing;
	size_t count;
	enum things_question asked; /* what is out */
	json_t *asking; /* the ids, or the subset's endpoint */
};

/* Zero-initialised; for good. */
void things_free(struct things *things);

/* A report in text mode; `json` is canonical. */
void things_hear_text(
    struct things *things, const char *path, const char *json, int64_t now_ms);
/* A binary report; `item`: of one item, by its id. Takes the payload. */
void things_hear(struct things *things, const struct profile_thingset *profile,
    const json_t *endpoint, json_t *payload, bool item, int64_t now_ms);

/* What must be asked so that what was heard is understood; appends it. */
bool things_ask(struct things *things, struct buf *out);
/* Is there such a question? */
bool things_puzzled(const struct things *things);
/* Its answer; other messages teach nothing, and it is not asked again. */
void things_learn(struct things *things, const struct profile_thingset *profile,
    const struct thingset_message *message);

/* The path that a name stands for: an id's, where it is known. */
const char *things_path(const struct things *things,
    const struct profile_thingset *profile, const char *name);
/* Remember to ask for the names of ids: of one, of all in a value, and of
 * the members of a subset that tells values only. */
void things_want_name(struct things *things,
    const struct profile_thingset *profile, const char *name);
void things_want(struct things *things, const struct profile_thingset *profile,
    const json_t *payload);
void things_want_members(struct things *things,
    const struct profile_thingset *profile, const char *endpoint);

/* The name of an endpoint for a request: its id where the profile tells. */
const char *things_endpoint(
    const struct profile_thingset *profile, const char *path, char name[16]);
/* A value of an answer to `path`, with names for ids, as compact JSON. */
void things_name(const struct things *things,
    const struct profile_thingset *profile, const json_t *payload,
    const char *path, struct buf *out);
/* Have all reports that the profile wants come since this time? */
bool things_whole(const struct things *things,
    const struct profile_thingset *profile, int64_t since_ms);
/* The wanted report i as compact JSON, once; false where it has not come. */
bool things_take(struct things *things, const struct profile_thingset *profile,
    size_t i, int64_t since_ms, struct buf *out);

#endif
