/* The server's half of Modbus, after the Modbus Application Protocol
 * V1.1b3 and its TCP and serial line guides. */
#include <string.h>

#include "wire/modbus.h"
#include "wire/modbus_server.h"

#define HEADER_SIZE 7 /* of a TCP frame, the unit with it */
#define PDU_MAX 253
#define RTU_REQUEST_SIZE 8 /* of functions 1 to 4, checksum included */
#define REGISTERS_MAX 125
#define BITS_MAX 2000

enum { ILLEGAL_FUNCTION = 1, ILLEGAL_ADDRESS = 2, ILLEGAL_VALUE = 3 };

/* An answer without its envelope. */
struct pdu {
	uint8_t bytes[PDU_MAX];
	size_t size;
};

static unsigned
word(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static void
refuse(struct pdu *answer, uint8_t function, uint8_t exception)
{
	answer->bytes[0] = function | 0x80;
	answer->bytes[1] = exception;
	answer->size = 2;
}

/* The two bytes of a register, or NULL. */
static const uint8_t *
find_register(const struct frame *frame, unsigned function, unsigned address)
{
	for (size_t i = 0; i < frame->count; i++) {
		const struct frame_block *block = &frame->part.block[i];

		if (block->function == function && address >= block->address &&
		    address - block->address < block->size / 2U)
			return block->data + 2 * (address - block->address);
	}
	return NULL;
}

/* 0 or 1, or -1 where there is no such bit. */
static int
find_bit(const struct frame *frame, unsigned function, unsigned address)
{
	for (size_t i = 0; i < frame->count; i++) {
		const struct frame_block *block = &frame->part.block[i];
		unsigned at = address - block->address;

		if (block->function == function && address >= block->address &&
		    at < block->size * 8U)
			return block->data[at / 8] >> at % 8 & 1;
	}
	return -1;
}

static bool
put_registers(const struct frame *frame, unsigned function, unsigned address,
    unsigned count, struct pdu *answer)
{
	for (unsigned i = 0; i < count; i++) {
		const uint8_t *data =
		    find_register(frame, function, address + i);

		if (data == NULL)
			return false;
		memcpy(answer->bytes + 2 + 2 * (size_t)i, data, 2);
	}
	answer->bytes[1] = (uint8_t)(2 * count);
	answer->size = 2 + 2 * (size_t)count;
	return true;
}

static bool
put_bits(const struct frame *frame, unsigned function, unsigned address,
    unsigned count, struct pdu *answer)
{
	size_t size = (count + 7) / 8;

	memset(answer->bytes + 2, 0, size);
	for (unsigned i = 0; i < count; i++) {
		int bit = find_bit(frame, function, address + i);

		if (bit < 0)
			return false;
		answer->bytes[2 + i / 8] |= (uint8_t)(bit << i % 8);
	}
	answer->bytes[1] = (uint8_t)size;
	answer->size = 2 + size;
	return true;
}

static void
answer_request(const struct frame *frame, const uint8_t *request, size_t size,
    struct pdu *answer)
{
	unsigned function = request[0], address, count;
	bool bits = function <= 2, found;

	if (function < 1 || function > 4) {
		refuse(answer, request[0], ILLEGAL_FUNCTION);
		return;
	}
	count = size == 5 ? word(request + 3) : 0;
	if (count == 0 || count > (bits ? BITS_MAX : REGISTERS_MAX)) {
		refuse(answer, request[0], ILLEGAL_VALUE);
		return;
	}
	address = word(request + 1);
	answer->bytes[0] = request[0];
	found = bits ? put_bits(frame, function, address, count, answer)
		     : put_registers(frame, function, address, count, answer);
	if (!found)
		refuse(answer, request[0], ILLEGAL_ADDRESS);
}

long
modbus_serve_tcp(const uint8_t *bytes, size_t size, modbus_unit_fn *unit,
    void *context, struct buf *out)
{
	const struct frame *frame;
	struct pdu answer;
	uint8_t header[HEADER_SIZE];
	size_t length;

	if (size < HEADER_SIZE + 1)
		return 0;
	length = word(bytes + 4);
	if (word(bytes + 2) != 0 || length < 2 || length > PDU_MAX + 1)
		return -1;
	if (size < length + 6)
		return 0;
	memcpy(header, bytes, HEADER_SIZE);
	frame = unit(context, &header[6]);
	if (frame != NULL) {
		answer_request(frame, bytes + HEADER_SIZE, length - 1, &answer);
		header[4] = (uint8_t)((answer.size + 1) >> 8);
		header[5] = (uint8_t)(answer.size + 1);
		buf_put(out, header, sizeof(header));
		buf_put(out, answer.bytes, answer.size);
	}
	return (long)(length + 6);
}

long
modbus_serve_rtu(const uint8_t *bytes, size_t size, modbus_unit_fn *unit,
    void *context, struct buf *out)
{
	const struct frame *frame;
	struct pdu answer;
	size_t start = out->size;
	uint8_t sum[2], from;
	uint16_t crc;

	if (size < RTU_REQUEST_SIZE)
		return 0;
	crc = modbus_crc(bytes, RTU_REQUEST_SIZE - 2);
	if ((crc & 0xff) != bytes[6] || crc >> 8 != bytes[7])
		return 1;
	from = bytes[0];
	frame = unit(context, &from);
	if (frame != NULL) {
		answer_request(frame, bytes + 1, RTU_REQUEST_SIZE - 3, &answer);
		buf_put(out, &from, 1);
		buf_put(out, answer.bytes, answer.size);
		crc = modbus_crc(
		    (const uint8_t *)out->data + start, out->size - start);
		sum[0] = (uint8_t)crc;
		sum[1] = (uint8_t)(crc >> 8);
		buf_put(out, sum, sizeof(sum));
	}
	return RTU_REQUEST_SIZE;
}
