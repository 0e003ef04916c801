/* See sse.h. */
#include "wire/sse.h"

#include <string.h>

static void
dispatch(struct sse *sse, sse_message_fn *message, void *context)
{
	if (sse->filled)
		message(context, sse->event,
		    sse->data.size == 0 ? "" : sse->data.data, sse->data.size);
	buf_clear(&sse->data);
	sse->filled = false;
	sse->event[0] = '\0';
}

static void
set_event(struct sse *sse, const char *value, size_t size)
{
	if (size > SSE_EVENT_MAX || memchr(value, '\0', size) != NULL)
		size = 0;
	if (size == 7 && memcmp(value, "message", 7) == 0)
		size = 0;
	memcpy(sse->event, value, size);
	sse->event[size] = '\0';
}

/* "field: value", one blank behind the colon is none of the value. */
static bool
take_field(struct sse *sse, const char *line, size_t size)
{
	const char *colon = memchr(line, ':', size);
	size_t name = colon == NULL ? size : (size_t)(colon - line);
	const char *value = line + name;
	size_t left = size - name;

	if (left > 0) {
		value++;
		left--;
	}
	if (left > 0 && *value == ' ') {
		value++;
		left--;
	}
	if (name == 5 && memcmp(line, "event", 5) == 0)
		set_event(sse, value, left);
	if (name != 4 || memcmp(line, "data", 4) != 0)
		return true;
	if (sse->data.size + left >= SSE_MESSAGE_MAX)
		return false;
	if (sse->filled)
		buf_char(&sse->data, '\n');
	buf_put(&sse->data, value, left);
	sse->filled = true;
	return true;
}

static bool
take_line(struct sse *sse, sse_message_fn *message, void *context)
{
	const char *line = sse->line.size == 0 ? "" : sse->line.data;
	size_t size = sse->line.size;
	bool fine = true;

	if (!sse->begun && size >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
		line += 3;
		size -= 3;
	}
	sse->begun = true;
	if (sse->plain) {
		if (size > 0)
			message(context, "", line, size);
	} else if (size == 0) {
		dispatch(sse, message, context);
	} else {
		fine = take_field(sse, line, size);
	}
	buf_clear(&sse->line);
	return fine;
}

bool
sse_feed(struct sse *sse, const char *data, size_t size,
    sse_message_fn *message, void *context)
{
	size_t start = 0;

	for (size_t i = 0; i < size; i++) {
		char c = data[i];
		bool again = c == '\n' && sse->after_cr && i == start;

		sse->after_cr = false;
		if (c != '\n' && c != '\r')
			continue;
		if (!again) {
			buf_put(&sse->line, data + start, i - start);
			if (sse->line.size > SSE_MESSAGE_MAX ||
			    !take_line(sse, message, context))
				return false;
		}
		sse->after_cr = c == '\r';
		start = i + 1;
	}
	buf_put(&sse->line, data + start, size - start);
	return sse->line.size <= SSE_MESSAGE_MAX;
}

void
sse_reset(struct sse *sse)
{
	buf_clear(&sse->line);
	buf_clear(&sse->data);
	sse->after_cr = sse->begun = sse->filled = false;
	sse->event[0] = '\0';
}

void
sse_free(struct sse *sse)
{
	buf_free(&sse->line);
	buf_free(&sse->data);
}
