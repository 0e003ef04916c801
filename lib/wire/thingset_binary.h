/*
 * ThingSet's binary mode: GET and FETCH, answers and reports, as messages;
 * and how they are set apart on a stream. Nothing here can make a message
 * that changes a device.
 */
#ifndef WIRE_THINGSET_BINARY_H
#define WIRE_THINGSET_BINARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "json/json.h"

#define THINGSET_MESSAGE_MAX 65536 /* bytes; more is no message */

/* Endpoints that have an id everywhere. */
#define THINGSET_ID_IDS 0x16
#define THINGSET_ID_PATHS 0x17
#define THINGSET_ID_METADATA 0x18

enum thingset_kind {
	THINGSET_ANSWER, /* code; endpoint NULL */
	THINGSET_ERROR, /* the device says no: code, why; words in payload */
	THINGSET_REPORT, /* endpoint */
	THINGSET_DAMAGED, /* why */
	THINGSET_OTHER /* a request, or nothing of ours */
};

struct thingset_message {
	enum thingset_kind kind;
	unsigned code; /* 0x85 … */
	json_t *endpoint; /* a path or an id */
	json_t *payload; /* NULL for none */
	char why[160];
};

/* Append the request for an endpoint: a path, or its id as "0x71". */
void thingset_get_put(const char *endpoint, struct buf *out);
/* Append the request for some values of an endpoint: an array of names and
 * ids, or null for the names (ids) of all. */
void thingset_fetch_put(
    const char *endpoint, const json_t *wanted, struct buf *out);
/* Take a message apart; thingset_message_clear must follow. What lies
 * behind its payload is filling. */
void thingset_message_read(
    const uint8_t *data, size_t size, struct thingset_message *message);
void thingset_message_clear(struct thingset_message *message);
/* The words for an error code. */
const char *thingset_code_name(unsigned code);

/* ---- streams: serial lines and TCP ------------------------------------- */

/* Append a message with its end, as on the stream of a Bluetooth link. */
void thingset_stream_put(const void *data, size_t size, struct buf *out);
/*
 * Take the first message from what came; *used bytes are done with, also
 * where there is none yet. False: none, more must come.
 */
bool thingset_stream_take(
    const uint8_t *in, size_t size, size_t *used, struct buf *message);

#endif
