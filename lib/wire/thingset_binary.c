/* See thingset_binary.h. */
#include "wire/thingset_binary.h"

#include <stdio.h>
#include <string.h>

#include "wire/thingset_cbor.h"

#define GET 0x01
#define FETCH 0x05
#define REPORT 0x1F
#define CODE_FIRST 0x80
#define CODE_ERROR 0xA0 /* this and above: the device says no */

#define END 0x0A
#define SKIP 0x0D
#define ESCAPE 0xCE
#define ESCAPED_END 0xCA
#define ESCAPED_SKIP 0xCD
#define ESCAPED_ESCAPE 0xCF

static void
put_endpoint(const char *endpoint, struct buf *out)
{
	uint32_t id;
	json_t *value = thingset_id_of(endpoint, &id) ? json_integer(id)
						      : json_string(endpoint);

	thingset_cbor_put(value, out);
	json_decref(value);
}

void
thingset_get_put(const char *endpoint, struct buf *out)
{
	buf_char(out, GET);
	put_endpoint(endpoint, out);
}

void
thingset_fetch_put(const char *endpoint, const json_t *wanted, struct buf *out)
{
	buf_char(out, FETCH);
	put_endpoint(endpoint, out);
	thingset_cbor_put(wanted, out);
}

const char *
thingset_code_name(unsigned code)
{
	static const struct {
		unsigned code;
		const char *name;
	} names[] = { { 0xA0, "bad request" }, { 0xA1, "unauthorized" },
		{ 0xA3, "forbidden" }, { 0xA4, "not found" },
		{ 0xA5, "method not allowed" }, { 0xA8, "request incomplete" },
		{ 0xA9, "conflict" }, { 0xAD, "request too large" },
		{ 0xAF, "unsupported format" }, { 0xC0, "internal error" },
		{ 0xC1, "not implemented" }, { 0xC4, "gateway timeout" },
		{ 0xC5, "not a gateway" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].code == code)
			return names[i].name;
	return "refused";
}

static void
damaged(struct thingset_message *message, const char *what, const char *why)
{
	thingset_message_clear(message);
	message->kind = THINGSET_DAMAGED;
	snprintf(message->why, sizeof(message->why), "%s %.120s", what, why);
}

/*
 * Since version 0.6 the node that answers, or null, stands before the value;
 * before there was the value alone, or nothing.
 */
static json_t *
read_value(const uint8_t *data, size_t size, struct failure *why)
{
	size_t used, more;
	json_t *value = thingset_cbor_read(data, size, &used, why);

	if (value == NULL || used == size ||
	    (!json_is_null(value) && !json_is_string(value)))
		return value;
	json_decref(value);
	return thingset_cbor_read(data + used, size - used, &more, why);
}

static void
read_answer(const uint8_t *data, size_t size, struct thingset_message *message)
{
	struct failure why;
	json_t *value = NULL;

	message->code = data[0];
	message->kind =
	    message->code < CODE_ERROR ? THINGSET_ANSWER : THINGSET_ERROR;
	if (message->kind == THINGSET_ERROR)
		snprintf(message->why, sizeof(message->why), "%s (%02X)",
		    thingset_code_name(message->code), message->code);
	if (size > 1)
		value = read_value(data + 1, size - 1, &why);
	if (size > 1 && value == NULL && message->kind == THINGSET_ANSWER)
		damaged(message, "answer", why.message);
	if (json_is_null(value))
		json_decref(value);
	else
		message->payload = value;
}

static void
read_report(const uint8_t *data, size_t size, struct thingset_message *message)
{
	struct failure why;
	size_t used, more;

	message->endpoint = thingset_cbor_read(data + 1, size - 1, &used, &why);
	if (message->endpoint != NULL)
		message->payload = thingset_cbor_read(
		    data + 1 + used, size - 1 - used, &more, &why);
	if (message->payload == NULL)
		damaged(message, "report", why.message);
	else if (json_is_integer(message->endpoint) ||
	    json_is_string(message->endpoint))
		message->kind = THINGSET_REPORT;
	else
		damaged(message, "report", "of no endpoint");
}

void
thingset_message_read(
    const uint8_t *data, size_t size, struct thingset_message *message)
{
	memset(message, 0, sizeof(*message));
	message->kind = THINGSET_OTHER;
	if (size == 0 || size > THINGSET_MESSAGE_MAX)
		return;
	if (data[0] >= CODE_FIRST)
		read_answer(data, size, message);
	else if (data[0] == REPORT)
		read_report(data, size, message);
}

void
thingset_message_clear(struct thingset_message *message)
{
	json_decref(message->endpoint);
	json_decref(message->payload);
	message->endpoint = message->payload = NULL;
}

void
thingset_stream_put(const void *data, size_t size, struct buf *out)
{
	const uint8_t *bytes = data;

	/* what was sent before and came half is ended by this */
	buf_char(out, END);
	for (size_t i = 0; i < size; i++) {
		uint8_t byte = bytes[i];

		if (byte == END || byte == SKIP || byte == ESCAPE) {
			buf_char(out, (char)ESCAPE);
			byte = byte == END ? ESCAPED_END
			    : byte == SKIP ? ESCAPED_SKIP
					   : ESCAPED_ESCAPE;
		}
		buf_char(out, (char)byte);
	}
	buf_char(out, END);
}

static void
take_bytes(const uint8_t *in, size_t size, struct buf *message)
{
	bool escaped = false;

	buf_clear(message);
	for (size_t i = 0; i < size; i++) {
		uint8_t byte = in[i];

		if (byte == SKIP)
			continue;
		if (!escaped && byte == ESCAPE) {
			escaped = true;
			continue;
		}
		if (escaped && byte == ESCAPED_END)
			byte = END;
		else if (escaped && byte == ESCAPED_SKIP)
			byte = SKIP;
		else if (escaped && byte == ESCAPED_ESCAPE)
			byte = ESCAPE;
		escaped = false;
		buf_char(message, (char)byte);
	}
}

bool
thingset_stream_take(
    const uint8_t *in, size_t size, size_t *used, struct buf *message)
{
	size_t start = 0;
	const uint8_t *end;

	while (start < size && (in[start] == END || in[start] == SKIP))
		start++;
	*used = start;
	end = start < size ? memchr(in + start, END, size - start) : NULL;
	if (end == NULL) {
		/* no message is so long */
		if (size - start > 2 * THINGSET_MESSAGE_MAX)
			*used = size;
		return false;
	}
	*used = (size_t)(end - in) + 1;
	take_bytes(in + start, (size_t)(end - in) - start, message);
	return true;
}
