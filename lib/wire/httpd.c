/* See httpd.h. */
#include "wire/httpd.h"

#include <libwebsockets.h>
#include <string.h>
#include <strings.h>

#define KEY_MAX 64
#define SHA1_SIZE 20
#define FRAME_SMALL 125 /* lengths that stand in the first two bytes */
#define OPCODE_TEXT 1
#define OPCODE_CLOSE 8
#define OPCODE_PING 9
#define OPCODE_PONG 10

/* The value of a header in this line, or NULL. */
static const char *
value_of(const char *line, size_t size, const char *name, size_t *left)
{
	size_t before = strlen(name);

	if (size < before || strncasecmp(line, name, before) != 0)
		return NULL;
	line += before;
	size -= before;
	while (size > 0 && *line == ' ') {
		line++;
		size--;
	}
	*left = size;
	return line;
}

/* "GET /path HTTP/1.1" */
static bool
take_first(const char *line, size_t size, struct httpd_request *request)
{
	const char *blank = memchr(line, ' ', size), *end;
	size_t method = blank == NULL ? 0 : (size_t)(blank - line);

	if (method == 0)
		return false;
	request->get = method == 3 && memcmp(line, "GET", 3) == 0;
	request->target = blank + 1;
	end = memchr(blank + 1, ' ', size - method - 1);
	if (end == NULL)
		return false;
	request->target_size = (size_t)(end - request->target);
	return size - (size_t)(end - line) > 5 &&
	    memcmp(end + 1, "HTTP/", 5) == 0;
}

long
httpd_request_read(const char *in, size_t size, struct httpd_request *request)
{
	const char *end = memmem(in, size, "\r\n\r\n", 4);
	const char *line = in, *next;

	memset(request, 0, sizeof(*request));
	if (end == NULL)
		return size > HTTP_HEAD_MAX ? -1 : 0;
	for (; line < end + 2; line = next + 2) {
		size_t left, length;
		const char *key;

		next = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
		length = (size_t)(next - line);
		if (line == in && !take_first(line, length, request))
			return -1;
		key = value_of(line, length, "Sec-WebSocket-Key:", &left);
		if (key == NULL)
			continue;
		request->key = key;
		request->key_size = left;
	}
	return end + 4 - in;
}

void
httpd_answer(struct buf *out, unsigned status, const char *reason,
    const char *body, size_t size)
{
	buf_print(out,
	    "HTTP/1.1 %u %s\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    status, reason, size);
	buf_put(out, body, size);
}

void
httpd_stream_begin(struct buf *out, bool events)
{
	buf_print(out,
	    "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n"
	    "Cache-Control: no-store\r\nConnection: close\r\n\r\n",
	    events ? "text/event-stream" : "application/x-ndjson");
}

void
httpd_event(struct buf *out, const char *name, const char *text, size_t size)
{
	if (*name != '\0')
		buf_print(out, "event: %s\n", name);
	buf_text(out, "data: ");
	buf_put(out, text, size);
	buf_text(out, "\n\n");
}

void
httpd_websocket_begin(struct buf *out, const char *key, size_t size)
{
	static const char magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	unsigned char text[KEY_MAX + sizeof(magic)], sum[SHA1_SIZE];
	char proof[KEY_MAX];

	if (size > KEY_MAX)
		size = KEY_MAX;
	memcpy(text, key, size);
	memcpy(text + size, magic, sizeof(magic) - 1);
	lws_SHA1(text, size + sizeof(magic) - 1, sum);
	lws_b64_encode_string(
	    (const char *)sum, SHA1_SIZE, proof, sizeof(proof));
	buf_print(out,
	    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
	    proof);
}

static void
put_frame(struct buf *out, unsigned opcode, const char *data, size_t size)
{
	unsigned bytes = size <= FRAME_SMALL ? 0 : size <= 0xffff ? 2 : 8;

	buf_char(out, (char)(0x80 | opcode));
	if (bytes == 0)
		buf_char(out, (char)size);
	else
		buf_char(out, bytes == 2 ? 126 : 127);
	while (bytes-- > 0)
		buf_char(out, (char)((uint64_t)size >> 8 * bytes & 0xff));
	buf_put(out, data, size);
}

void
httpd_websocket_put(struct buf *out, const char *text, size_t size)
{
	put_frame(out, OPCODE_TEXT, text, size);
}

long
httpd_websocket_read(const char *in, size_t size, struct buf *out)
{
	const uint8_t *bytes = (const uint8_t *)in;
	size_t length, head = 6;
	char data[FRAME_SMALL];

	if (size < 2)
		return 0;
	length = bytes[1] & 0x7f;
	if ((bytes[1] & 0x80) == 0 || length == 127)
		return -1; /* clients mask, and have little to say */
	if (length == 126) {
		head = 8;
		if (size < 4)
			return 0;
		length = (size_t)bytes[2] << 8 | bytes[3];
	}
	if (size < head + length)
		return 0;
	if ((bytes[0] & 0x0f) == OPCODE_CLOSE)
		return -1;
	if ((bytes[0] & 0x0f) == OPCODE_PING && length <= FRAME_SMALL) {
		for (size_t i = 0; i < length; i++)
			data[i] =
			    (char)(bytes[head + i] ^ bytes[head - 4 + i % 4]);
		put_frame(out, OPCODE_PONG, data, length);
	}
	return (long)(head + length);
}
