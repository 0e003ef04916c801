/*
 * A line of any kind: what the one-pass way takes, the way through jansson
 * takes as well and with the same meaning; what is printed is read again.
 */
#include <stdlib.h>
#include <string.h>

#include "record/device.h"
#include "record/frame_parts.h"
#include "record/line.h"
#include "record/reading_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *
copy(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);

	if (line == NULL)
		abort();
	memcpy(line, data, size);
	line[size] = '\0';
	return line;
}

static void
same(const struct buf *one, const struct buf *two)
{
	if (one->size != two->size ||
	    memcmp(one->data, two->data, one->size) != 0)
		abort();
}

static void
readings(const uint8_t *data, size_t size, struct arena *arena)
{
	struct buf one = { 0 }, two = { 0 };
	struct reading fast, slow;
	struct failure why;
	char *line = copy(data, size), *whole = copy(data, size);
	bool taken = reading_scan(line, size, arena, &fast);
	bool loaded = reading_load(whole, size, arena, &slow, &why) == 0;

	if (taken && !loaded)
		abort();
	if (loaded) {
		reading_print(&slow, &two);
		if (taken) {
			reading_print(&fast, &one);
			same(&one, &two);
		}
		buf_clear(&one);
		buf_put(&one, two.data, two.size);
		if (reading_parse(one.data, one.size - 1, arena, &fast, &why) !=
		    0)
			abort();
		reading_derive(&fast);
		buf_clear(&one);
		reading_print(&fast, &one);
		if (reading_parse(one.data, one.size - 1, arena, &slow, &why) !=
		    0)
			abort();
	}
	free(line);
	free(whole);
	buf_free(&one);
	buf_free(&two);
}

static void
frames(const uint8_t *data, size_t size, struct arena *arena)
{
	struct buf one = { 0 }, two = { 0 };
	struct frame fast, slow;
	struct failure why;
	char *line = copy(data, size), *whole = copy(data, size);
	bool taken = frame_scan(line, size, arena, &fast);
	bool loaded = frame_load(whole, size, arena, &slow, &why) == 0;

	if (taken && !loaded)
		abort();
	if (loaded)
		frame_print(&slow, &two);
	if (taken) {
		frame_print(&fast, &one);
		same(&one, &two);
	}
	free(line);
	free(whole);
	buf_free(&one);
	buf_free(&two);
}

static void
devices(const uint8_t *data, size_t size, struct arena *arena)
{
	struct buf one = { 0 }, two = { 0 };
	struct device device;
	struct failure why;
	char *line = copy(data, size);

	if (device_parse(line, size, arena, &device, &why) == 0) {
		device_print(&device, &one);
		buf_put(&two, one.data, one.size);
		if (device_parse(
			two.data, two.size - 1, arena, &device, &why) != 0)
			abort();
		buf_clear(&two);
		device_print(&device, &two);
		same(&one, &two);
	}
	free(line);
	buf_free(&one);
	buf_free(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct failure why;
	struct mark mark;
	char *line = copy(data, size);

	(void)line_kind(line, size);
	(void)mark_parse(line, size, &arena, &mark, &why);
	readings(data, size, &arena);
	frames(data, size, &arena);
	devices(data, size, &arena);
	free(line);
	arena_free(&arena);
	return 0;
}
