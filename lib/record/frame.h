/* What a device said at one instant, untouched: frame(5). */
#ifndef RECORD_FRAME_H
#define RECORD_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

/* Limits of one frame; more is refused. */
#define FRAME_PARTS_MAX 1024 /* blocks, CAN messages or answers */
#define FRAME_BLOCK_MAX 250 /* bytes in one Modbus block */
#define FRAME_CAN_MAX 64 /* bytes in one CAN FD message */
#define FRAME_ANSWER_MAX 65536 /* bytes of one text answer */
#define FRAME_BODY_MAX 983040 /* of one HTTP answer, blanks taken out */

enum frame_protocol {
	FRAME_MODBUS,
	FRAME_CAN,
	FRAME_THINGSET,
	FRAME_SERIAL,
	FRAME_HTTP,
	FRAME_PROTOCOL_COUNT
};

/* One register block, or coils (functions 1 and 2), as read. */
struct frame_block {
	uint8_t function; /* 1 to 4 */
	uint16_t address; /* of the first register, from 0 */
	uint16_t size; /* bytes */
	const uint8_t *data;
};

struct frame_can {
	uint32_t id;
	bool extended; /* 29-bit identifier */
	bool fd;
	uint8_t size;
	const uint8_t *data;
};

/* One text answer: ThingSet or HTTP values of a path as JSON, or a serial
 * line. */
struct frame_answer {
	const char *path; /* what was asked; "" for the root or none */
	const char *text; /* thingset, http: canonical JSON; serial: the line */
	uint32_t text_size;
};

/*
 * Names are NUL-terminated, "" is absent. Parts belong to the arena (or
 * line) that the frame was made from.
 */
struct frame {
	int64_t time_ms; /* wall clock when the last part came */
	int64_t received_ms; /* of the receiver, where the time is that of
			      * the device; 0 absent */
	const char *tenant, *device, *profile;
	const char *boot; /* boot id of the poller's machine */
	const char *error; /* "" or why there is no (whole) answer */
	int64_t mono_ms; /* monotonic clock beside time_ms; 0 absent */
	int64_t gen; /* of a replay; 0 live */
	int64_t bus_errors; /* CAN: error frames since the last frame */
	enum frame_protocol protocol;
	bool complete; /* all that the profile asks for is here */
	size_t count; /* parts of the protocol's kind */
	union {
		struct frame_block *block;
		struct frame_can *can;
		struct frame_answer *answer;
	} part;
};

/* The word of each protocol in a line. */
extern const char *const frame_protocol_names[FRAME_PROTOCOL_COUNT];

/* To "nothing known"; parts are the arena's and are not freed. */
void frame_clear(struct frame *frame);
/*
 * {"kind":"frame","time":…,"tenant":…,"device":…,"profile":…,
 *  "protocol":"modbus","complete":true,
 *  "blocks":[{"function":3,"address":0,"data":"0102"}]}
 * "messages":["351#0011223344556677", …] for can, in candump's notation,
 * "answers":[{"path":"Bat","values":{…}}] for thingset and http and
 * "lines":["…"] for serial. Optional: received, boot, mono, gen, error, bus_errors.
 * 0, or -1 with a failure (status EXIT_REFUSED).
 */
int frame_parse(char *line, size_t size, struct arena *arena,
    struct frame *frame, struct failure *why);
void frame_print(const struct frame *frame, struct buf *out);

/* One CAN message in candump's notation: 351#00112233, 18FF50E5#…,
 * 123##1… for FD. False when it is none. Data goes to `data`. */
bool frame_can_parse(const char *text, size_t size, struct frame_can *can,
    uint8_t data[FRAME_CAN_MAX]);
void frame_can_print(const struct frame_can *can, struct buf *out);

#endif
