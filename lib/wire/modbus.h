/* The client's half of Modbus: read requests out, answers in. */
#ifndef WIRE_MODBUS_H
#define WIRE_MODBUS_H

#include <stddef.h>
#include <stdint.h>

/*
 * A codec of our own beside libmodbus: its calls block for a whole answer,
 * and one silent device must not delay the others. libmodbus stays the
 * independent peer of the tests. Nothing here can write to a device.
 */

#define MODBUS_ASK_MAX 12 /* bytes of the longest request */
#define MODBUS_ANSWER_MAX 260 /* bytes of the longest answer */

/* What is asked: function 1 to 4, count of registers or coils. */
struct modbus_ask {
	uint8_t unit;
	uint8_t function;
	uint16_t address;
	uint16_t count;
	uint8_t reply; /* who answers; 0: the unit */
};

enum modbus_result {
	MODBUS_MORE, /* not whole yet */
	MODBUS_DATA, /* data and size are set */
	MODBUS_EXCEPTION, /* exception is set */
	MODBUS_STRAY, /* an answer to an earlier request: skip it */
	MODBUS_WRONG, /* a whole answer, but not to this request */
	MODBUS_BROKEN /* no Modbus: nothing behind it can be read */
};

struct modbus_answer {
	const uint8_t *data; /* inside the bytes that were given */
	size_t size;
	size_t used; /* bytes that the answer took */
	unsigned exception;
	char why[96]; /* WRONG and BROKEN: what is the matter */
};

/* Write the request; the number of bytes. */
size_t modbus_ask_tcp(const struct modbus_ask *ask, uint16_t transaction,
    uint8_t out[MODBUS_ASK_MAX]);
size_t modbus_ask_rtu(
    const struct modbus_ask *ask, uint8_t out[MODBUS_ASK_MAX]);

/* Look for the answer in what has come so far on a TCP connection. */
enum modbus_result modbus_take_tcp(const struct modbus_ask *ask,
    uint16_t transaction, const uint8_t *bytes, size_t size,
    struct modbus_answer *answer);
/*
 * The same on a serial line, where noise, an echo of the request and late
 * answers may stand before it: only MORE, DATA and EXCEPTION are told.
 */
enum modbus_result modbus_take_rtu(const struct modbus_ask *ask,
    const uint8_t *bytes, size_t size, struct modbus_answer *answer);
/* After the time is over: why these bytes are no answer ("" for none). */
void modbus_blame_rtu(const struct modbus_ask *ask, const uint8_t *bytes,
    size_t size, char *why, size_t room);

/* "illegal data address" of 2; NULL for a number without a name. */
const char *modbus_exception_name(unsigned exception);
uint16_t modbus_crc(const uint8_t *bytes, size_t size);
/* The silence that a serial line needs between two frames. */
int64_t modbus_gap_ms(uint32_t baud);

#endif
