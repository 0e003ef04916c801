/*
 * Where in a JSON value something is: "Body.Data.Site.P_PV",
 * "storages[0].percentFull", "production[type=eim].wNow",
 * "cells[*].voltage". Used by profiles; nothing of it is a regular
 * expression and nothing takes longer than the value is large.
 */
#ifndef JSON_JSON_PATH_H
#define JSON_JSON_PATH_H

#include "json/json.h"

#define JSON_PATH_MAX 256 /* bytes of a path */
#define JSON_PATH_STEPS_MAX 16

/*
 * Is this a path? Steps are names between dots; behind a name (or at the
 * start) stand [3], the item of an array from 0; [type=eim], the first
 * object of an array whose member has that text, number, true or false;
 * and, once in a path, [*]: each item of an array. 0, or -1 with a failure
 * (EXIT_WRONG).
 */
int json_path_check(const char *path, size_t size, struct failure *why);
/*
 * What is there, or NULL. Borrowed from `value`, unless the path has [*]:
 * then it is a new array of what is there in each item (null where there
 * is nothing), which is the caller's, also in *made.
 */
const json_t *json_path_get(
    const json_t *value, const char *path, size_t size, json_t **made);
/*
 * The other way: put `leaf` (its reference is taken) at the path, and make
 * what leads there. With [*] the leaf is an array, spread over the items.
 * *value may be NULL at first. False where something else is in the way.
 */
bool json_path_put(json_t **value, const char *path, size_t size, json_t *leaf);

#endif
