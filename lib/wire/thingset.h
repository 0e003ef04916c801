/* The client's half of ThingSet text mode: requests, answers, reports. */
#ifndef WIRE_THINGSET_H
#define WIRE_THINGSET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/mem.h"

enum thingset_result {
	THINGSET_VALUE, /* json and size are set ("" for no value) */
	THINGSET_REFUSED, /* the device said no: why is set */
	THINGSET_BAD, /* an answer that is damaged: why is set */
	THINGSET_NONE /* no answer: a report, log text, an echo */
};

struct thingset_answer {
	const char *json; /* compact JSON in the arena */
	size_t size;
	unsigned code; /* 0x85 … */
	char why[160];
};

/* Append the request "?path" with its line end. */
void thingset_ask(struct buf *out, const char *path);
/* Append "?path null": for the names of what is below. */
void thingset_ask_names(struct buf *out, const char *path);
/*
 * Is the line (without its end) a report that the device makes by itself?
 * "#path {json}": its path in the arena, "" for none, and its values.
 */
bool thingset_report(const char *line, size_t size, struct arena *arena,
    const char **path, struct thingset_answer *values);
/* Judge one line that came, without its line end. */
enum thingset_result thingset_parse(const char *line, size_t size,
    struct arena *arena, struct thingset_answer *answer);
/* CRC-32 as in Ethernet and zlib. */
unsigned thingset_crc(const char *data, size_t size);

#endif
