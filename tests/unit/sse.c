/* Server-sent events, after the examples of the HTML standard, and lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/sse.h"

static void
note(void *context, const char *event, const char *data, size_t size)
{
	struct buf *out = context;

	buf_text(out, event);
	buf_char(out, '|');
	buf_put(out, data, size);
	buf_char(out, ';');
}

/* The same whatever the pieces are in which it comes. */
static void
tells(const char *stream, bool plain, const char *wanted)
{
	size_t size = strlen(stream);

	for (size_t piece = 1; piece <= size; piece++) {
		struct sse sse = { .plain = plain };
		struct buf out = { 0 };

		for (size_t at = 0; at < size; at += piece)
			assert_true(sse_feed(&sse, stream + at,
			    size - at < piece ? size - at : piece, note, &out));
		assert_string_equal(out.data == NULL ? "" : out.data, wanted);
		buf_free(&out);
		sse_free(&sse);
	}
}

static void
test_events(void **state)
{
	(void)state;
	tells("data: YHOO\ndata: +2\ndata: 10\n\n", false, "|YHOO\n+2\n10;");
	tells(": test stream\n\ndata: first event\nid: 1\n\ndata:second "
	      "event\nid\n\ndata:  third event\n\n",
	    false, "|first event;|second event;| third event;");
	tells("data\n\ndata\ndata\n\ndata:", false, "|;|\n;");
	tells("data:test\n\ndata: test\n\n", false, "|test;|test;");
	tells("event: add\ndata: 1\n\nevent: message\ndata: 2\n\ndata: 3\n\n"
	      "event: gone\n\ndata: 4\n\n",
	    false, "add|1;|2;|3;|4;");
	tells("data: 1\r\n\r\ndata: 2\r\rdata: 3\n\r\n", false, "|1;|2;|3;");
	tells("\xef\xbb\xbf"
	      "data: 1\n\nretry: 5\nother: 6\n\n",
	    false, "|1;");
}

static void
test_lines(void **state)
{
	(void)state;
	tells("{\"a\":1}\n\r\n[2]\r\n3\n4", true, "|{\"a\":1};|[2];|3;");
}

static void
test_too_long(void **state)
{
	size_t size = SSE_MESSAGE_MAX / 2 + 16;
	char *text = malloc(size);
	struct sse sse = { 0 };
	struct buf out = { 0 };

	(void)state;
	assert_non_null(text);
	memset(text, 'x', size);
	memcpy(text, "data:", 5);
	text[size - 1] = '\n';
	assert_true(sse_feed(&sse, text, size, note, &out));
	assert_false(sse_feed(&sse, text, size, note, &out));
	sse_reset(&sse);
	assert_true(sse_feed(&sse, text, size - 1, note, &out));
	assert_true(sse_feed(&sse, text, 40, note, &out));
	assert_false(sse_feed(&sse, text, size - 1, note, &out));
	assert_null(out.data);
	sse_free(&sse);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
