/* One line of a CAN log as candump writes it. */
#ifndef WIRE_CANDUMP_H
#define WIRE_CANDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/frame.h"

enum candump_result {
	CANDUMP_DATA, /* a message with data */
	CANDUMP_ERROR, /* an error frame: its class is in can.id */
	CANDUMP_OTHER, /* remote request, CAN XL, comment */
	CANDUMP_BAD /* looks like a message and is none */
};

struct candump {
	bool timed; /* a time stamp stood there */
	int64_t time_ms; /* as it stood: since 1970, or small if relative */
	uint16_t time_us; /* microseconds beyond that */
	const char *interface; /* inside the line, not terminated */
	size_t interface_size;
	struct frame_can can;
};

/*
 * "(1436509052.249713) can0 123#1122", also with a date instead of seconds,
 * with a direction (R or T) behind, and candump's screen form
 * "  can0  123   [2]  11 22" with or without a stamp.
 */
enum candump_result candump_parse(const char *line, size_t size,
    struct candump *out, uint8_t data[FRAME_CAN_MAX]);

#endif
