/* What a client may send to a simulated device, over each wire. */
#include <stdlib.h>
#include <string.h>

#include "wire/modbus_server.h"
#include "wire/slcan_server.h"
#include "wire/thingset_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t registers[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };

static const struct frame *
unit(void *context, uint8_t number)
{
	return number == 0 ? NULL : context;
}

typedef long serve_fn(const uint8_t *bytes, size_t size, modbus_unit_fn *unit,
    void *context, struct buf *out);

static void
modbus(serve_fn *serve, const uint8_t *data, size_t size)
{
	struct frame_block blocks[2] = { { 3, 65531, sizeof(registers),
					     registers },
		{ 1, 7, sizeof(registers), registers } };
	struct frame frame;
	struct buf out = { 0 };
	long used;

	frame_clear(&frame);
	frame.part.block = blocks;
	frame.count = 2;
	do {
		/* exactly as large, so that a step too far is seen */
		uint8_t *bytes = malloc(size + 1);

		if (bytes == NULL)
			abort();
		memcpy(bytes, data, size);
		used = serve(bytes, size, unit, &frame, &out);
		free(bytes);
		if (used > (long)size)
			abort();
		if (used > 0) {
			data += used;
			size -= (size_t)used;
		}
	} while (used > 0);
	buf_free(&out);
}

static void
lines(const uint8_t *data, size_t size)
{
	static const char values[] = "{\"a\":1,\"b\":[1.5,null]}";
	struct frame_answer answer = { "Meas", values, sizeof(values) - 1 };
	struct slcan_server adapter = { 0 };
	struct frame_can can = { 0x123, false, false, 8, registers };
	struct arena arena = { 0 };
	struct buf out = { 0 };
	struct frame frame;

	frame_clear(&frame);
	frame.protocol = FRAME_THINGSET;
	frame.part.answer = &answer;
	frame.count = 1;
	thingset_serve((const char *)data, size, &frame, &arena, &out);
	slcan_serve(&adapter, (const char *)data, size, &out);
	slcan_put(&adapter, &can, 1, &out);
	arena_free(&arena);
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	modbus(modbus_serve_tcp, data, size);
	modbus(modbus_serve_rtu, data, size);
	lines(data, size);
	return 0;
}
