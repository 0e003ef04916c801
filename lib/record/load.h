/* Private to lib/record: members that several kinds of line have, taken out
 * of jansson's objects. All fill the failure with EXIT_REFUSED. */
#ifndef RECORD_LOAD_H
#define RECORD_LOAD_H

#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "json/json.h"

/* The line as an object, or NULL. */
json_t *load_object(const char *line, size_t size, struct failure *why);
/* "kind" is this one? */
int load_kind_is(const json_t *object, const char *kind, struct failure *why);
/* A time that is there; its value for a message's name. */
int load_time(const json_t *object, const char *name, int64_t *time_ms,
    struct failure *why);
int load_time_value(const json_t *value, const char *name, int64_t *time_ms,
    struct failure *why);
/* A name as name_check wants it; left as it is where absent. */
int load_name(const json_t *object, const char *name, bool must,
    struct arena *arena, const char **value, struct failure *why);
/* The member "tenant", which must be there. */
int load_tenant(const json_t *object, struct arena *arena, const char **value,
    struct failure *why);
int load_tenant_value(const json_t *value, struct arena *arena,
    const char **tenant, struct failure *why);
/* A text of 1 to `limit` bytes; left as it is where absent. */
int load_text(const json_t *object, const char *name, size_t limit,
    struct arena *arena, const char **value, struct failure *why);

#endif
