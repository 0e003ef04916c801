/* Modbus application protocol 1.1b3: MBAP and RTU framing of reads. */
#include "wire/modbus.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/crc.h"

#define MBAP_SIZE 7
#define MBAP_LENGTH_MIN 3 /* unit, function, one byte */
#define MBAP_LENGTH_MAX 254
#define RTU_ASK_SIZE 8
#define RTU_EXCEPTION_SIZE 5
#define CRC_SIZE 2
#define EXCEPTION_BIT 0x80u

static void
put_word(uint8_t *out, unsigned word)
{
	out[0] = (uint8_t)(word >> 8);
	out[1] = (uint8_t)word;
}

static unsigned
word_at(const uint8_t *bytes)
{
	return (unsigned)bytes[0] << 8 | bytes[1];
}

uint16_t
modbus_crc(const uint8_t *bytes, size_t size)
{
	return crc_modbus(bytes, size);
}

/* Is this a whole serial frame with its checksum right? */
static bool
frame_sound(const uint8_t *bytes, size_t size)
{
	unsigned crc = modbus_crc(bytes, size - CRC_SIZE);

	return bytes[size - 2] == (crc & 0xFF) && bytes[size - 1] == crc >> 8;
}

static void
put_pdu(const struct modbus_ask *ask, uint8_t out[6])
{
	out[0] = ask->unit;
	out[1] = ask->function;
	put_word(out + 2, ask->address);
	put_word(out + 4, ask->count);
}

size_t
modbus_ask_tcp(const struct modbus_ask *ask, uint16_t transaction,
    uint8_t out[MODBUS_ASK_MAX])
{
	put_word(out, transaction);
	put_word(out + 2, 0);
	put_word(out + 4, 6);
	put_pdu(ask, out + 6);
	return 12;
}

size_t
modbus_ask_rtu(const struct modbus_ask *ask, uint8_t out[MODBUS_ASK_MAX])
{
	unsigned crc;

	put_pdu(ask, out);
	crc = modbus_crc(out, 6);
	out[6] = (uint8_t)crc;
	out[7] = (uint8_t)(crc >> 8);
	return RTU_ASK_SIZE;
}

/* Bytes of data that the answer to a request must hold. */
static size_t
data_size(const struct modbus_ask *ask)
{
	if (ask->function <= 2)
		return (ask->count + 7u) / 8u;
	return ask->count * 2u;
}

/* By which number the unit answers. */
static uint8_t
answers(const struct modbus_ask *ask)
{
	return ask->reply != 0 ? ask->reply : ask->unit;
}

/* Judge unit, function and data of a whole answer without its frame. */
static enum modbus_result
judge(const struct modbus_ask *ask, const uint8_t *pdu, size_t size,
    struct modbus_answer *answer)
{
	char *why = answer->why;
	size_t room = sizeof(answer->why);

	if (pdu[0] != answers(ask)) {
		snprintf(why, room, "answer from unit %u instead of %u", pdu[0],
		    answers(ask));
		return MODBUS_WRONG;
	}
	if (pdu[1] == (ask->function | EXCEPTION_BIT)) {
		answer->exception = pdu[2];
		return MODBUS_EXCEPTION;
	}
	if (pdu[1] != ask->function) {
		snprintf(why, room, "answer to function %u instead of %u",
		    pdu[1], ask->function);
		return MODBUS_WRONG;
	}
	if (pdu[2] != data_size(ask) || size != 3 + data_size(ask)) {
		snprintf(why, room, "answer with %zu bytes instead of %zu",
		    size - 3, data_size(ask));
		return MODBUS_WRONG;
	}
	answer->data = pdu + 3;
	answer->size = data_size(ask);
	return MODBUS_DATA;
}

enum modbus_result
modbus_take_tcp(const struct modbus_ask *ask, uint16_t transaction,
    const uint8_t *bytes, size_t size, struct modbus_answer *answer)
{
	size_t length;

	memset(answer, 0, sizeof(*answer));
	if (size < MBAP_SIZE)
		return MODBUS_MORE;
	length = word_at(bytes + 4);
	if (word_at(bytes + 2) != 0 || length < MBAP_LENGTH_MIN ||
	    length > MBAP_LENGTH_MAX) {
		snprintf(answer->why, sizeof(answer->why),
		    "what came is no Modbus TCP");
		return MODBUS_BROKEN;
	}
	if (size < 6 + length)
		return MODBUS_MORE;
	answer->used = 6 + length;
	if (word_at(bytes) != transaction)
		return MODBUS_STRAY;
	return judge(ask, bytes + 6, length, answer);
}

/* The answer to this very request at the start of the bytes? */
static enum modbus_result
take_here(const struct modbus_ask *ask, const uint8_t *bytes, size_t size,
    struct modbus_answer *answer)
{
	size_t wanted = RTU_EXCEPTION_SIZE;

	if (size < RTU_EXCEPTION_SIZE || bytes[0] != answers(ask))
		return MODBUS_MORE;
	if (bytes[1] == ask->function) {
		if (bytes[2] != data_size(ask))
			return MODBUS_MORE;
		wanted = 3 + data_size(ask) + CRC_SIZE;
	} else if (bytes[1] != (ask->function | EXCEPTION_BIT)) {
		return MODBUS_MORE;
	}
	if (size < wanted || !frame_sound(bytes, wanted))
		return MODBUS_MORE;
	return judge(ask, bytes, wanted - CRC_SIZE, answer);
}

enum modbus_result
modbus_take_rtu(const struct modbus_ask *ask, const uint8_t *bytes, size_t size,
    struct modbus_answer *answer)
{
	uint8_t echo[MODBUS_ASK_MAX];
	size_t at = 0;
	size_t echo_size = modbus_ask_rtu(ask, echo);
	enum modbus_result result;

	memset(answer, 0, sizeof(*answer));
	if (size >= echo_size && memcmp(bytes, echo, echo_size) == 0)
		at = echo_size;
	for (; at + RTU_EXCEPTION_SIZE <= size; at++) {
		result = take_here(ask, bytes + at, size - at, answer);
		if (result != MODBUS_MORE) {
			answer->used = size;
			return result;
		}
	}
	return MODBUS_MORE;
}

void
modbus_blame_rtu(const struct modbus_ask *ask, const uint8_t *bytes,
    size_t size, char *why, size_t room)
{
	struct modbus_answer answer = { 0 };
	size_t wanted = 3 + data_size(ask) + CRC_SIZE;

	snprintf(why, room, "%s", "");
	if (size == 0)
		return;
	if (size >= RTU_EXCEPTION_SIZE && frame_sound(bytes, size) &&
	    judge(ask, bytes, size - CRC_SIZE, &answer) == MODBUS_WRONG)
		snprintf(why, room, "%s", answer.why);
	else if (size < wanted)
		snprintf(why, room, "answer cut after %zu of %zu bytes", size,
		    wanted);
	else
		snprintf(why, room, "answer with a wrong checksum");
}

const char *
modbus_exception_name(unsigned exception)
{
	static const char *const names[] = { [1] = "illegal function",
		[2] = "illegal data address",
		[3] = "illegal data value",
		[4] = "device failure",
		[5] = "acknowledge",
		[6] = "device busy",
		[7] = "negative acknowledge",
		[8] = "memory parity error",
		[10] = "gateway path unavailable",
		[11] = "gateway target does not answer" };

	if (exception >= sizeof(names) / sizeof(names[0]))
		return NULL;
	return names[exception];
}

int64_t
modbus_gap_ms(uint32_t baud)
{
	if (baud == 0 || baud > 19200)
		return 2;
	/* 3.5 characters of 11 bits, rounded up */
	return (38500 + baud - 1) / baud + 1;
}
