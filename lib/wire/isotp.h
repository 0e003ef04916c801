/*
 * ISO 15765-2 over CAN: messages of up to 4095 bytes in frames of 8, with
 * normal addressing. It holds what is under way and touches no bus.
 */
#ifndef WIRE_ISOTP_H
#define WIRE_ISOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define ISOTP_FRAME 8 /* bytes of a frame that we send */
#define ISOTP_MESSAGE_MAX 4095
#define ISOTP_FRAMES_MAX 586 /* of a message */

/* A message on its way out. Zero-initialise; buf_free(&message). */
struct isotp_out {
	struct buf message;
	size_t at; /* sent */
	unsigned sequence;
	bool waits; /* for leave to go on */
	unsigned block; /* frames until it waits again; 0: it never does */
	unsigned left; /* of this block */
	int64_t gap_ms; /* between two frames */
};

/* A message on its way in. Zero-initialise; buf_free(&message). */
struct isotp_in {
	struct buf message;
	size_t size; /* that is to come; 0: nothing is */
	unsigned sequence;
};

enum isotp_result {
	ISOTP_NONE, /* not of a message, or of none that has begun */
	ISOTP_MORE, /* taken, more is to come */
	ISOTP_BEGUN, /* the same, and the sender waits for isotp_go_on */
	ISOTP_FLOW, /* leave to go on: for isotp_flow */
	ISOTP_WHOLE, /* the message is whole */
	ISOTP_DAMAGED /* a frame is missing: nothing is to come any more */
};

/* Begin with a message; false where it is too long or empty. */
bool isotp_begin(struct isotp_out *out, const void *data, size_t size);
/* The next frame; its size, or 0 where it waits or all is sent. */
size_t isotp_next(struct isotp_out *out, uint8_t frame[ISOTP_FRAME]);
/* Is all of it sent? */
bool isotp_sent(const struct isotp_out *out);
/* The other side's leave; false where it cannot take the message. */
bool isotp_flow(struct isotp_out *out, const uint8_t *frame, size_t size);

enum isotp_result isotp_take(
    struct isotp_in *in, const uint8_t *frame, size_t size);
/* Leave to send all that is left without a pause: 3 bytes. */
size_t isotp_go_on(uint8_t frame[ISOTP_FRAME]);

#endif
