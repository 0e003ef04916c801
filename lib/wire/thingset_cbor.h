/*
 * CBOR (RFC 8949), as ThingSet's binary mode has it, to JSON and back. What
 * is an id on the wire is a name such as "0x71" in JSON: no ThingSet name
 * begins with a digit.
 */
#ifndef WIRE_THINGSET_CBOR_H
#define WIRE_THINGSET_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/json.h"

/* Limits of one item; more is refused. */
#define THINGSET_DEPTH_MAX 8
#define THINGSET_MEMBERS_MAX 2048 /* of all arrays and maps in it */

/*
 * The item at the front of the data; *used becomes its size. A float is the
 * number with the fewest digits that means it, a decimal fraction likewise;
 * NaN and the infinities are null, bytes are base64 as in text mode. NULL
 * with a failure (EXIT_REFUSED); the caller drops the value.
 */
json_t *thingset_cbor_read(
    const uint8_t *data, size_t size, size_t *used, struct failure *why);
/* Append a value in its shortest form; a number with a fraction is a single
 * where that means the same, else a double. */
void thingset_cbor_put(const json_t *value, struct buf *out);

/* Append a value as compact JSON, numbers with the fewest digits. */
void thingset_json_put(const json_t *value, struct buf *out);

/* Is the name an id, as thingset_id_name writes it? */
bool thingset_id_of(const char *name, uint32_t *id);
#define THINGSET_ID_TEXT 12 /* room for the name of an id */
void thingset_id_name(uint64_t id, char name[THINGSET_ID_TEXT]);

#endif
