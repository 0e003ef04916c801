/* JSON beside the hot path: jansson, with our limits. */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

/* Limits of any JSON that we take (SECURITY rule I1). */
#define JSON_DEPTH_MAX 16
#define JSON_MEMBERS_MAX 4096
#define JSON_STRING_MAX 65536

/* Parse one value: valid UTF-8, no duplicate names, limits kept. NULL with
 * a failure (EXIT_REFUSED) that names what and where. Caller decrefs. */
json_t *json_read(const char *text, size_t size, struct failure *why);
/* A whole file, at most 4 MiB; failures name it and are EXIT_WRONG. */
json_t *json_file(const char *path, struct failure *why);

/* Append a JSON string with its quotes. Bytes that are no UTF-8 become
 * U+FFFD; controls, quote and backslash are escaped. */
void json_put_text(struct buf *out, const char *text, size_t size);
/* Append "name": with a comma before it unless a { or [ stands there. */
void json_put_name(struct buf *out, const char *name);
/* Compact text of a value, members as they stand, in the arena. */
char *json_canonical(struct arena *arena, const json_t *value, size_t *size);

/* The same JSON text without blanks outside of its strings, in the arena;
 * numbers stay as they were written. */
char *json_compact(
    struct arena *arena, const char *text, size_t size, size_t *left);
/* Does the value stay within our limits where it stands so deep in another
 * (1: it is none) that has so many members already? They are counted on.
 * 0, or -1 with a failure (EXIT_REFUSED). */
int json_limits(
    const json_t *value, int depth, size_t *members, struct failure *why);

/* Typed members of an object; a wrong type is a failure (EXIT_REFUSED) that
 * names the member. Absent: the default (or a failure if `must`). */
int json_member_text(const json_t *object, const char *name, bool must,
    const char **value, struct failure *why);
int json_member_integer(const json_t *object, const char *name, bool must,
    int64_t low, int64_t high, int64_t *value, struct failure *why);
int json_member_bool(
    const json_t *object, const char *name, bool *value, struct failure *why);
/* Each member's name is one of `names` (NULL-terminated)? */
int json_members_known(
    const json_t *object, const char *const *names, struct failure *why);

#endif
