/* The adapter's half of slcan, after the LAWICEL CANUSB manual; CAN FD as
 * in Linux and CANable. */
#include "wire/slcan_server.h"

#define MINUTE_MS 60000

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

/* The code of a length: CAN FD has no lengths between. */
static char
length_code(unsigned size)
{
	static const unsigned sizes[] = { 12, 16, 20, 24, 32, 48, 64 };
	unsigned i = 0;

	if (size <= 8)
		return (char)('0' + size);
	while (i < 6 && sizes[i] < size)
		i++;
	return "9ABCDEF"[i];
}

void
slcan_put(const struct slcan_server *server, const struct frame_can *can,
    int64_t time_ms, struct buf *out)
{
	char kind =
	    can->fd ? (can->extended ? 'D' : 'd') : (can->extended ? 'T' : 't');

	if (!server->open)
		return;
	buf_print(out, can->extended ? "%c%08X%c" : "%c%03X%c", kind, can->id,
	    length_code(can->size));
	for (unsigned i = 0; i < can->size; i++)
		buf_print(out, "%02X", can->data[i]);
	if (server->stamps)
		buf_print(out, "%04X", (unsigned)(time_ms % MINUTE_MS));
	buf_char(out, '\r');
}
