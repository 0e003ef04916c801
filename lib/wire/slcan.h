/* CAN messages in the text of a serial adapter (LAWICEL, "slcan"). */
#ifndef WIRE_SLCAN_H
#define WIRE_SLCAN_H

#include <stddef.h>
#include <stdint.h>

#include "record/frame.h"

#define SLCAN_LINE_MAX 160 /* the longest CAN FD line with its stamp */

enum slcan_result {
	SLCAN_DATA, /* can is set, its data stands in `data` */
	SLCAN_REMOTE, /* a remote request: carries nothing */
	SLCAN_NONE, /* an acknowledgement, report or version line */
	SLCAN_DAMAGED /* looks like a message and is none */
};

/* Judge one line, without its CR. */
enum slcan_result slcan_parse(const char *line, size_t size,
    struct frame_can *can, uint8_t data[FRAME_CAN_MAX]);
/* What opens an adapter: flush, close, speed, open. NULL for a bit rate
 * that the adapters do not have. Nothing is ever sent to the bus. */
const char *slcan_opening(uint32_t bitrate);

#endif
