/* CAN messages in the text of a serial adapter (LAWICEL, "slcan"). */
#ifndef WIRE_SLCAN_H
#define WIRE_SLCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
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
/* Append what makes an adapter send a message, or with `remote` the request
 * for one of this identifier; the adapter must be open for speaking. */
void slcan_print(const struct frame_can *can, bool remote, struct buf *out);
/* Do the adapters have this bit rate? */
bool slcan_has_bitrate(uint32_t bitrate);
/* Append what opens an adapter: flush, close, speed, open. Unless it shall
 * speak it only listens, and does not even acknowledge. */
void slcan_opening(uint32_t bitrate, bool speaking, struct buf *out);

#endif
