/*
 * The canonical line of an event. One event is one line whatever its texts
 * hold: what could end, hide or turn a line on a terminal is escaped.
 */
#include <string.h>

#include "base/num.h"
#include "store/audit_parts.h"

#define EDITION 1

/* Controls, line ends of Unicode, and what turns the way of writing. */
static bool
is_sly(unsigned letter)
{
	return letter < 0x20 || (letter >= 0x7f && letter < 0xa0) ||
	    letter == 0x61c || letter == 0x200e || letter == 0x200f ||
	    (letter >= 0x2028 && letter <= 0x202e) ||
	    (letter >= 0x2066 && letter <= 0x2069);
}

/* One letter of well-formed UTF-8; letters beyond 0xffff are never sly. */
static unsigned
letter_at(const unsigned char *at, size_t *size)
{
	if (at[0] < 0x80) {
		*size = 1;
		return at[0];
	}
	if (at[0] < 0xe0) {
		*size = 2;
		return (at[0] & 0x1fU) << 6 | (at[1] & 0x3fU);
	}
	if (at[0] < 0xf0) {
		*size = 3;
		return (at[0] & 0x0fU) << 12 | (at[1] & 0x3fU) << 6 |
		    (at[2] & 0x3fU);
	}
	*size = 4;
	return 0x10000;
}

static void
put_text(struct buf *out, const char *text, size_t size)
{
	bool fine = num_utf8(text, size);
	size_t at = 0, step = 1;

	buf_char(out, '"');
	while (at < size && at < AUDIT_TEXT_MAX) {
		const unsigned char *p = (const unsigned char *)text + at;
		unsigned letter = fine ? letter_at(p, &step) : *p;

		if (at + step > AUDIT_TEXT_MAX)
			break;
		if (!fine && letter >= 0x80)
			buf_text(out, "\xef\xbf\xbd");
		else if (letter == '"' || letter == '\\')
			buf_print(out, "\\%c", (int)letter);
		else if (is_sly(letter))
			buf_print(out, "\\u%04x", letter);
		else
			buf_put(out, p, step);
		at += step;
	}
	buf_char(out, '"');
}

static void
put_object(struct buf *out, const json_t *value)
{
	const char *name, *comma = "";
	json_t *member;

	buf_char(out, '{');
	json_object_foreach((json_t *)(uintptr_t)value, name, member)
	{
		buf_text(out, comma);
		put_text(out, name, strlen(name));
		buf_char(out, ':');
		audit_value(out, member);
		comma = ",";
	}
	buf_char(out, '}');
}

static void
put_array(struct buf *out, const json_t *value)
{
	json_t *item;
	size_t i;

	buf_char(out, '[');
	json_array_foreach(value, i, item)
	{
		if (i > 0)
			buf_char(out, ',');
		audit_value(out, item);
	}
	buf_char(out, ']');
}

void
audit_value(struct buf *out, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		put_object(out, value);
		break;
	case JSON_ARRAY:
		put_array(out, value);
		break;
	case JSON_STRING:
		put_text(
		    out, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		buf_integer(out, json_integer_value(value));
		break;
	case JSON_REAL:
		buf_print(out, "\"%.15g\"", json_real_value(value));
		break;
	default:
		buf_text(out,
		    json_is_true(value)        ? "true"
			: json_is_false(value) ? "false"
					       : "null");
	}
}

static void
member_text(struct buf *out, const char *name, const char *text)
{
	if (text == NULL)
		return;
	json_put_name(out, name);
	put_text(out, text, strlen(text));
}

static void
member_value(struct buf *out, const char *name, const json_t *value)
{
	if (value == NULL)
		return;
	json_put_name(out, name);
	audit_value(out, value);
}

static const char *
result_word(enum audit_result result)
{
	return result == AUDIT_DONE  ? "success"
	    : result == AUDIT_FAILED ? "failure"
				     : "error";
}

void
audit_line(struct buf *out, const struct audit_event *event, int64_t time_ms,
    const struct audit_link *last)
{
	buf_print(out, "{\"v\":%d,\"seq\":%lld,\"time\":\"", EDITION,
	    (long long)last->seq + 1);
	buf_time(out, time_ms);
	buf_char(out, '"');
	member_text(out, "tenant", event->tenant);
	member_text(out, "actor", event->actor);
	member_text(out, "source", event->source);
	member_text(out, "session", event->session);
	member_text(out, "event", event->event);
	member_text(out, "object", event->object);
	member_text(out, "result", result_word(event->result));
	member_text(out, "reason", event->reason);
	member_value(out, "before", event->before);
	member_value(out, "after", event->after);
	member_value(out, "request", event->request);
	member_text(out, "prev", last->hash);
	buf_char(out, '}');
}

void
audit_hash(
    const char *prev, const char *line, size_t size, char hash[DIGEST_HEX])
{
	static const char name[] = "tbms-audit-1\n";
	const struct digest_part parts[] = { { name, sizeof(name) - 1 },
		{ prev, DIGEST_HEX - 1 }, { "\n", 1 }, { line, size } };

	digest_hex(parts, sizeof(parts) / sizeof(*parts), hash);
}
