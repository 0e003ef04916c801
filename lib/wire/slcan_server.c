/* The adapter's half of slcan, after the LAWICEL CANUSB manual; CAN FD as
 * in Linux and CANable. */
#include "wire/slcan_server.h"

#include "base/clock.h"
#include "wire/slcan.h"

static void
refuse(struct buf *out)
{
	buf_char(out, '\a');
}

void
slcan_serve(struct slcan_server *server, const char *command, size_t size,
    struct buf *out)
{
	char first = size > 0 ? *command : '\0';

	switch (first) {
	case '\0':
		break;
	case 'O':
	case 'L':
		server->open = true;
		break;
	case 'C':
		server->open = false;
		break;
	case 'S':
	case 's':
	case 'Y':
		/* the speed of an open bus stands */
		if (server->open) {
			refuse(out);
			return;
		}
		break;
	case 'Z':
		server->stamps = size > 1 && command[1] == '1';
		break;
	case 'V':
		buf_text(out, "V1013");
		break;
	case 'N':
		buf_text(out, "NSIM1");
		break;
	case 'F':
		buf_text(out, "F00");
		break;
	case 't':
	case 'T':
	case 'r':
	case 'R':
		if (!server->open) {
			refuse(out);
			return;
		}
		buf_char(out, first == 't' || first == 'r' ? 'z' : 'Z');
		break;
	default:
		refuse(out);
		return;
	}
	buf_char(out, '\r');
}

void
slcan_put(const struct slcan_server *server, const struct frame_can *can,
    int64_t time_ms, struct buf *out)
{
	if (!server->open)
		return;
	slcan_print(can, false, out);
	if (!server->stamps)
		return;
	out->size--; /* the stamp stands before the CR */
	buf_print(out, "%04X\r", (unsigned)(time_ms % MINUTE_MS));
}
