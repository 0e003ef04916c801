/* A stream in two ways: as a whole and byte by byte, with the same
 * messages. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/sse.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
note(void *context, const char *event, const char *data, size_t size)
{
	struct buf *out = context;

	buf_put(out, event, strlen(event) + 1);
	buf_put(out, data, size);
	buf_char(out, '\n');
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *text = (const char *)bytes + 1;
	struct sse whole = { 0 }, single = { 0 };
	struct buf a = { 0 }, b = { 0 };

	if (size == 0)
		return 0;
	whole.plain = single.plain = (*bytes & 1) != 0;
	sse_feed(&whole, text, size - 1, note, &a);
	for (size_t i = 0; i < size - 1; i++)
		sse_feed(&single, text + i, 1, note, &b);
	if (a.size != b.size ||
	    (a.size > 0 && memcmp(a.data, b.data, a.size) != 0))
		abort();
	buf_free(&a);
	buf_free(&b);
	sse_free(&whole);
	sse_free(&single);
	return 0;
}
