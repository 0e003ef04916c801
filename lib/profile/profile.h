/* What a device of one make says and how it is read: bms-profile(5). */
#ifndef PROFILE_PROFILE_H
#define PROFILE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "record/frame.h"
#include "record/reading.h"

struct profile;
struct framing; /* profile/framing.h */

/* A run of registers to read at once. */
struct profile_block {
	uint8_t function; /* 1 to 4 */
	uint16_t address;
	uint16_t count; /* registers (coils for 1 and 2) */
};
/* Registers that a value takes: they are read together or not at all. */
struct profile_want {
	uint8_t function;
	bool optional; /* not every device of the make has it */
	uint32_t address; /* SunSpec: model << 16 | instance << 12 | register */
	uint32_t size; /* in addresses */
};
/* A CAN identifier to wait for. */
struct profile_can {
	uint32_t id;
	uint32_t mask; /* bits of it that must agree; 0: all */
	bool extended;
	bool must; /* a cycle without it is not complete */
};
/* A CAN message to send at the start of each slot. */
struct profile_can_request {
	struct frame_can message;
	bool remote; /* only asks for one of this identifier */
};
/* A text request: a ThingSet path, the path of a URL, or a serial line to
 * send ("" to only listen), and what shall come back. */
struct profile_request {
	const char *text;
};

/* An id of ThingSet's data objects and the path that it stands for. */
struct profile_thingset_id {
	uint32_t id;
	const char *path;
};
/* How a ThingSet device speaks, beside the requests. */
struct profile_thingset {
	bool binary; /* CBOR, not text */
	/* what it publishes by itself: subsets such as "mLive", or items */
	const struct profile_request *reports;
	size_t report_count;
	const struct profile_thingset_id *ids; /* by rising id */
	size_t id_count;
};

/* How an HTTP gateway tells: asked for each time, or unasked. */
enum profile_stream {
	STREAM_NONE,
	STREAM_SSE, /* server-sent events */
	STREAM_LINES, /* a JSON value on each line */
	STREAM_WEBSOCKET /* a JSON value in each message */
};
struct profile_http {
	enum profile_stream stream;
	const char *key; /* where a message says what it is; "" nowhere */
	const char **subscribe; /* texts to send when connected */
	size_t subscribe_count;
	const char **must; /* a cycle without these keys is not complete */
	size_t must_count;
};

/* Load `name`.json from the directory (and the DBC it names, beside it).
 * The name is checked as a path element. NULL with a failure (EXIT_WRONG)
 * that names file and member. */
struct profile *profile_open(
    const char *dir, const char *name, struct failure *why);
void profile_free(struct profile *profile);

/* What the file says of itself; owned by the profile. */
const char *profile_name(const struct profile *profile);
const char *profile_maker(const struct profile *profile); /* "": none */
const char *profile_model(const struct profile *profile); /* "": none */
enum reading_kind profile_kind(const struct profile *profile);
enum frame_protocol profile_protocol(const struct profile *profile);
int64_t profile_interval_ms(const struct profile *profile); /* 0: none */
/* Window in which the CAN messages or serial lines of one cycle come. */
int64_t profile_cycle_ms(const struct profile *profile);

/* The read plan; arrays are owned by the profile. Registers that are near
 * are joined, within the profile's limit of registers per request. */
size_t profile_blocks(
    const struct profile *profile, const struct profile_block **blocks);
/* What the plan is made of, by function and address. */
size_t profile_wants(
    const struct profile *profile, const struct profile_want **wants);
/* How a Modbus device is read: registers in one request, addresses from one
 * register to the next, and is it a SunSpec chain, whose place is looked
 * for beginning with *base? */
unsigned profile_limit(const struct profile *profile);
unsigned profile_step(const struct profile *profile);
/* The unit that answers, whoever is asked; 0: the one that is asked. */
uint8_t profile_reply(const struct profile *profile);
bool profile_sunspec(const struct profile *profile, uint16_t *base);
size_t profile_cans(
    const struct profile *profile, const struct profile_can **cans);
/* The bits of a 29-bit identifier that tell the message. */
uint32_t profile_can_mask(const struct profile *profile);
/* What must be sent so that it speaks; mostly nothing. */
size_t profile_can_requests(
    const struct profile *profile, const struct profile_can_request **requests);
size_t profile_requests(
    const struct profile *profile, const struct profile_request **requests);
/* How its frames are found on a serial line; NULL for other protocols. */
const struct framing *profile_framing(const struct profile *profile);
const struct profile_http *profile_http(const struct profile *profile);

/* All absent where the protocol is another one. */
const struct profile_thingset *profile_thingset(const struct profile *profile);

/*
 * Which of a cycle's messages this is: of two with the same key the newer
 * one takes the older one's place (the same identifier and, where messages
 * of one identifier take turns, the same turn). The bits above
 * PROFILE_TURN_BITS tell the identifier. -1: not of this profile.
 */
#define PROFILE_TURN_BITS 32
int64_t profile_can_key(
    const struct profile *profile, const struct frame_can *can);

/*
 * Frame to reading: measurements at our units, signs and decimals; what the
 * device marks as not implemented is absent; what is out of the plausible
 * range is absent and named in `notes`, data_quality says how much of it is
 * trusted; derived values are filled. An error frame becomes a reading of
 * kind status. 0, or -1 with a failure (EXIT_REFUSED): nothing usable.
 */
int profile_decode(const struct profile *profile, const struct frame *frame,
    struct arena *arena, struct reading *reading, struct failure *why);

/* Reading to the frame that such a device would send: the same tables, the
 * other way. Measurements that the device does not tell are left out. */
int profile_encode(const struct profile *profile, const struct reading *reading,
    struct arena *arena, struct frame *frame, struct failure *why);

#endif
