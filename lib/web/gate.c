/* The gate of rule H1: the HTTP library lets pass requests that two readers
 * could read in two ways, so all of them are refused here. */
#include "web/gate.h"

#include <string.h>
#include <strings.h>

static const char *const once[] = { "Host", "Content-Length",
	"Transfer-Encoding", "Authorization", "Cookie", "Content-Type", "Range",
	"Origin", NULL };

static const struct {
	const char *name;
	unsigned status;
	enum gate_method method;
} methods[] = {
	{ "GET", 0, GATE_GET },
	{ "HEAD", 0, GATE_HEAD },
	{ "POST", 0, GATE_POST },
	{ "OPTIONS", 405, GATE_GET },
	{ "PUT", 405, GATE_GET },
	{ "PATCH", 405, GATE_GET },
	{ "DELETE", 405, GATE_GET },
	{ "TRACE", 405, GATE_GET },
	{ "CONNECT", 405, GATE_GET },
};

static bool
named(const struct gate_field *field, const char *name)
{
	return field->name_size == strlen(name) &&
	    strncasecmp(field->name, name, field->name_size) == 0;
}

static bool
says(const struct gate_field *field, const char *value)
{
	return field->value_size == strlen(value) &&
	    strncasecmp(field->value, value, field->value_size) == 0;
}

const struct gate_field *
gate_field(const struct gate_request *request, const char *name)
{
	for (size_t i = 0; i < request->count; i++)
		if (named(&request->fields[i], name))
			return &request->fields[i];
	return NULL;
}

/* RFC 9110: a field name is a token. */
static bool
token(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char c = text[i];

		if (c <= 0x20 || c >= 0x7f ||
		    strchr("\"(),/:;<=>?@[\\]{}", c) != NULL)
			return false;
	}
	return size > 0;
}

static bool
value_ok(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static unsigned
check_fields(const struct gate_request *request)
{
	size_t total = 0;

	if (request->count > GATE_FIELDS_MAX)
		return 431;
	for (size_t i = 0; i < request->count; i++) {
		const struct gate_field *field = &request->fields[i];

		if (!token(field->name, field->name_size) ||
		    !value_ok(field->value, field->value_size))
			return 400;
		total += field->name_size + field->value_size + 4;
	}
	return total > GATE_HEADER_MAX ? 431 : 0;
}

static bool
repeated(const struct gate_request *request)
{
	for (size_t n = 0; once[n] != NULL; n++) {
		size_t seen = 0;

		for (size_t i = 0; i < request->count; i++)
			seen += named(&request->fields[i], once[n]);
		if (seen > 1)
			return true;
	}
	return false;
}

/* 1 to 10 digits: the length; else -1. */
static int64_t
digits(const char *text, size_t size)
{
	int64_t value = 0;

	if (size < 1 || size > 10)
		return -1;
	for (size_t i = 0; i < size; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

/* How long the body is and how it is sent, in one way only. */
static bool
framing(const struct gate_request *request, struct gate_found *found)
{
	const struct gate_field *length = gate_field(request, "Content-Length");
	const struct gate_field *coding =
	    gate_field(request, "Transfer-Encoding");
	const struct gate_field *expect = gate_field(request, "Expect");

	found->length = -1;
	found->chunked = coding != NULL;
	if (coding != NULL &&
	    (length != NULL || !says(coding, "chunked") ||
		strcmp(request->version, "HTTP/1.1") != 0))
		return false;
	if (length != NULL) {
		found->length = digits(length->value, length->value_size);
		if (found->length < 0)
			return false;
	}
	if (expect != NULL && !says(expect, "100-continue"))
		return false;
	return found->method == GATE_POST ||
	    (found->length <= 0 && !found->chunked);
}

bool
gate_host_ok(const struct gate_hosts *hosts, const char *host, size_t size)
{
	size_t name = size;

	for (size_t i = size; i > 0 && host[i - 1] != ']'; i--)
		if (host[i - 1] == ':') {
			name = i - 1;
			break;
		}
	if (name < size) {
		int64_t port = digits(host + name + 1, size - name - 1);

		if (port < 1 || port > 65535)
			return false;
	}
	for (size_t i = 0; i < hosts->count; i++)
		if (strlen(hosts->name[i]) == name &&
		    strncasecmp(hosts->name[i], host, name) == 0)
			return true;
	return false;
}

/* Absolute form is taken only where its authority is the Host as well. */
static unsigned
check_target(const struct gate_request *request, struct gate_found *found)
{
	const char *target = request->target;
	size_t size = strlen(target);

	if (size > GATE_TARGET_MAX)
		return 414;
	if (strncasecmp(target, "http://", 7) == 0)
		target += 7;
	else if (strncasecmp(target, "https://", 8) == 0)
		target += 8;
	if (target != request->target) {
		size = strcspn(target, "/?#");
		if (size != found->host->value_size ||
		    strncasecmp(target, found->host->value, size) != 0)
			return 400;
		target += size;
	}
	found->target = target;
	return target[0] == '/' ? 0 : 400;
}

static unsigned
check_method(const char *method, enum gate_method *found)
{
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
		if (strcmp(methods[i].name, method) == 0) {
			*found = methods[i].method;
			return methods[i].status;
		}
	return 501;
}

unsigned
gate_check(const struct gate_request *request, const struct gate_hosts *hosts,
    struct gate_found *found)
{
	unsigned status;

	memset(found, 0, sizeof *found);
	if (strcmp(request->version, "HTTP/1.1") != 0 &&
	    strcmp(request->version, "HTTP/1.0") != 0)
		return 505;
	if ((status = check_fields(request)) != 0)
		return status;
	if ((status = check_method(request->method, &found->method)) != 0)
		return status;
	found->host = gate_field(request, "Host");
	if (found->host == NULL || repeated(request) ||
	    !framing(request, found))
		return 400;
	if (!gate_host_ok(hosts, found->host->value, found->host->value_size))
		return 421;
	return check_target(request, found);
}
