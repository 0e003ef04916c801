/* Any bytes as an answer: what is taken lies inside them. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "wire/modbus.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
inside(const struct modbus_answer *answer, const uint8_t *bytes, size_t size)
{
	if (answer->used > size || answer->data < bytes ||
	    answer->data + answer->size > bytes + size)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct modbus_answer answer;
	struct modbus_ask ask;
	char why[96];

	if (size < 4)
		return 0;
	ask.unit = bytes[0];
	ask.function = (uint8_t)(1 + bytes[1] % 4);
	ask.address = 100;
	ask.count = (uint16_t)(1 + bytes[2] % 125);
	ask.reply = 0;
	bytes += 3;
	size -= 3;
	if (modbus_take_tcp(&ask, bytes[0], bytes, size, &answer) ==
	    MODBUS_DATA)
		inside(&answer, bytes, size);
	if (modbus_take_rtu(&ask, bytes, size, &answer) == MODBUS_DATA)
		inside(&answer, bytes, size);
	modbus_blame_rtu(&ask, bytes, size, why, sizeof(why));
	return 0;
}
