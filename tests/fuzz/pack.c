/* Any packed row: what is taken packs to bytes that read back the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/pack.h"

#define TIME INT64_C(1772323200000)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int
read_row(
    const void *data, size_t size, struct arena *arena, struct reading *reading)
{
	struct failure why;

	memset(reading, 0, sizeof(*reading));
	reading_clear(reading);
	reading->kind = READING_BATTERY;
	reading->time_ms = TIME;
	return pack_read(
	    data, size, PACK_QUALITY_UNKNOWN, arena, reading, &why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena arena = { 0 };
	struct buf once = { 0 }, twice = { 0 };
	struct reading reading;

	if (read_row(bytes, size, &arena, &reading) == 0) {
		pack_reading(&reading, &once);
		if (read_row(once.data, once.size, &arena, &reading) == -1)
			abort();
		pack_reading(&reading, &twice);
		if (once.size != twice.size ||
		    memcmp(once.data, twice.data, once.size) != 0)
			abort();
	}
	buf_free(&once);
	buf_free(&twice);
	arena_free(&arena);
	return 0;
}
