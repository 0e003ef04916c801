/* An endpoint of the field and the battery behind it: device(5). */
#ifndef RECORD_DEVICE_H
#define RECORD_DEVICE_H

#include <stdbool.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

/* How the endpoint is reached; the profile says what is spoken there. */
enum device_link {
	LINK_TCP, /* tcp://host:port, or rtu+tcp:// */
	LINK_SERIAL, /* serial:///dev/ttyUSB0?baud=9600&parity=N */
	LINK_CAN, /* can://can0?bitrate=500000 */
	LINK_SLCAN, /* slcan:///dev/ttyACM0?bitrate=500000&baud=115200 */
	LINK_CANDUMP, /* candump:///path, candump:- for standard input */
	LINK_HTTP, /* http://host:port/base, https:// */
	LINK_WEBSOCKET /* ws://host:port/base, wss:// */
};

struct device {
	const char *tenant;
	const char *device; /* slug, unique in the tenant */
	const char *profile;
	const char *battery; /* slug of the battery, "" for none */
	int64_t valid_from_ms; /* since when that battery */
	const char *address; /* as written */
	/* taken from the address: */
	enum device_link link;
	const char *host; /* TCP host, or path or interface name */
	int64_t source; /* CAN: bits of 29-bit ids that the profile's mask
			 * leaves open, -1 any */
	bool delta; /* candump: each stamp counts from the one before */
	const char *interface; /* candump: only this one of the log, "" all */
	uint16_t port;
	uint32_t baud; /* serial, default 9600; slcan, default 115200 */
	uint32_t bitrate; /* slcan, default 500000; can, 0: not said */
	bool acknowledge; /* slcan: messages of others, as a full member */
	char parity; /* 'N', 'E', 'O' */
	uint8_t stop_bits;
	bool rtu; /* TCP: frames as on a serial line */
	bool brief; /* the connection is closed after each round */
	int64_t pause_ms; /* between two requests, default 0 */
	uint8_t unit; /* Modbus unit id, default 1 */
	uint8_t limit; /* Modbus registers in a request; 0: the profile's */
	bool tls; /* https, wss */
	const char *base; /* of a URL: before each path; "" none */
	const char *secret; /* path of a file with credentials, "" none */
	const char *cafile; /* certificates to trust instead, "" the usual */
	int64_t interval_ms; /* 0: the program's --every */
	int64_t timeout_ms; /* default 1000 */
};

/* A device line; texts are in the arena. 0, or -1 with EXIT_REFUSED. */
int device_parse(char *line, size_t size, struct arena *arena,
    struct device *device, struct failure *why);
void device_print(const struct device *device, struct buf *out);
/* Fill link, host, port … from an address. */
int device_address(const char *address, struct arena *arena,
    struct device *device, struct failure *why);

#endif
