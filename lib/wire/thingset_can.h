/* ThingSet on CAN: 29-bit identifiers, and reports of several frames. */
#ifndef WIRE_THINGSET_CAN_H
#define WIRE_THINGSET_CAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "record/frame.h"

#define THINGSET_HOST 0x00 /* our address */
#define THINGSET_NODE_MAX 0xFD
#define THINGSET_ANONYMOUS 0xFE
#define THINGSET_BROADCAST 0xFF
#define THINGSET_EUI_SIZE 8 /* bytes of a node's claim */
#define THINGSET_REPORT_MAX 8192 /* bytes of a report in several frames */

enum thingset_can_type {
	THINGSET_CAN_REQUEST, /* request or answer: ISO-TP */
	THINGSET_CAN_PART, /* of a report */
	THINGSET_CAN_ITEM, /* the value of one item, as CBOR */
	THINGSET_CAN_NETWORK, /* addresses are claimed */
	THINGSET_CAN_CONTROL /* one item, from a control loop */
};

struct thingset_can {
	enum thingset_can_type type;
	uint8_t source;
	uint8_t target; /* request, network */
	uint16_t id; /* item */
	unsigned message, kind, sequence; /* part */
};

/* False where the identifier is none of ThingSet's. */
bool thingset_can_read(const struct frame_can *can, struct thingset_can *out);
/* The identifier of a request or answer. */
uint32_t thingset_can_request(uint8_t target, uint8_t source);
/* The identifiers of a call to all nodes, and of a node's claim to its
 * address, which is the answer. */
uint32_t thingset_can_call(void);
uint32_t thingset_can_claim(uint8_t source);
/* The identifier of one item's report, and of part `sequence` of a report
 * in several (message 0 to 3). */
uint32_t thingset_can_item(uint16_t id, uint8_t source);
uint32_t thingset_can_part(
    unsigned message, unsigned sequence, bool first, bool last, uint8_t source);

/* A report that comes in parts, from one node. Zero-initialise;
 * buf_free(&data). */
struct thingset_parts {
	struct buf data;
	bool begun;
	unsigned message, next;
};

/* Add a part; true when the report is whole in `data`. A part out of its
 * turn makes it forget what came. */
bool thingset_part_add(struct thingset_parts *parts,
    const struct thingset_can *head, const struct frame_can *can);

#endif
