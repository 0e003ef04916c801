/* One request and its answer, as libmicrohttpd steps through them: target,
 * header (gate and path), body, handler, answer, end. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "web/http_own.h"

struct fields {
	struct gate_field list[GATE_FIELDS_MAX + 1];
	size_t count;
};

void *
exchange_target(
    void *http, const char *target, struct MHD_Connection *connection)
{
	struct exchange *exchange = mem_zero(1, sizeof *exchange);
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	exchange->http = http;
	exchange->connection = connection;
	exchange->target = mem_copy_text(target);
	exchange->request.query = "";
	exchange->request.host = "";
	if (info != NULL)
		exchange->deadline = info->socket_context;
	return exchange;
}

static enum MHD_Result
collect(void *own, enum MHD_ValueKind kind, const char *name, size_t name_size,
    const char *value, size_t value_size)
{
	struct fields *fields = own;

	(void)kind;
	if (fields->count > GATE_FIELDS_MAX)
		return MHD_NO;
	fields->list[fields->count++] = (struct gate_field){ name,
		value != NULL ? value : "", name_size, value_size };
	return MHD_YES;
}

/* The peer's address; an IPv4 one is mapped into IPv6. */
static void
source_set(struct exchange *exchange)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	uint8_t *out = exchange->request.source;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	if (info == NULL || info->client_addr == NULL)
		return;
	if (info->client_addr->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)info->client_addr;

		memcpy(out, mapped, sizeof mapped);
		memcpy(out + 12, &in->sin_addr, 4);
	} else if (info->client_addr->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 =
		    (const void *)info->client_addr;

		memcpy(out, &in6->sin6_addr, 16);
	}
}

/* From our proxy, and from it alone, the last X-Forwarded-For counts. */
static void
source_forwarded(struct exchange *exchange, const struct fields *fields)
{
	const struct http_config *config = exchange->http->config;
	uint8_t *out = exchange->request.source;
	char text[64];
	const char *last = NULL;

	if (!config->proxy || memcmp(out, config->proxy_source, 16) != 0)
		return;
	for (size_t i = 0; i < fields->count; i++)
		if (fields->list[i].name_size == 15 &&
		    strncasecmp(fields->list[i].name, "X-Forwarded-For", 15) ==
			0)
			last = fields->list[i].value;
	if (last == NULL)
		return;
	if (strrchr(last, ',') != NULL)
		last = strrchr(last, ',') + 1;
	last += strspn(last, " \t");
	if (snprintf(text, sizeof text, "%s%s",
		strchr(last, ':') != NULL ? "" : "::ffff:", last) <
	    (int)sizeof text)
		inet_pton(AF_INET6, text, out);
}

/* The header is there: gate, path, and how much body may come. 0, or the
 * status of the refusal. */
static unsigned
begin(struct exchange *exchange, const char *method, const char *version)
{
	struct http_request *request = &exchange->request;
	const struct http_config *config = exchange->http->config;
	struct fields fields = { .count = 0 };
	struct gate_found found;
	struct gate_request raw = { method, exchange->target, version,
		fields.list, 0 };
	unsigned status;

	MHD_get_connection_values_n(
	    exchange->connection, MHD_HEADER_KIND, collect, &fields);
	raw.count = fields.count;
	source_set(exchange);
	if ((status = gate_check(&raw, &config->hosts, &found)) != 0)
		return status;
	source_forwarded(exchange, &fields);
	request->method = found.method;
	request->host = found.host->value;
	status = path_parse(found.target, strlen(found.target), &request->path);
	if (status == PATH_NONE && found.method != GATE_POST) {
		/* answered now, the connection would end */
		exchange->late = status;
		return 0;
	}
	if (status != 0)
		return status;
	if (strchr(found.target, '?') != NULL)
		request->query = strchr(found.target, '?') + 1;
	if (found.method != GATE_POST)
		return 0;
	exchange->limit = config->body_limit(config->own, request);
	if (exchange->limit == 0)
		return 405;
	deadline_set(exchange->deadline,
	    10000 + (found.length > 0 ? found.length / 32 : 0));
	return found.length > (int64_t)exchange->limit ? 413 : 0;
}

static enum MHD_Result
reply(struct exchange *exchange)
{
	enum MHD_Result result = MHD_queue_response(
	    exchange->connection, exchange->status, exchange->response);

	MHD_destroy_response(exchange->response);
	exchange->response = NULL;
	return result;
}

static enum MHD_Result
refuse(struct exchange *exchange, unsigned status)
{
	const struct http_config *config = exchange->http->config;

	exchange->asked = true;
	config->refuse(config->own, &exchange->request, status);
	if (exchange->response == NULL)
		return MHD_NO;
	if (status != 404) /* understood, and not there */
		MHD_add_response_header(
		    exchange->response, "Connection", "close");
	return reply(exchange);
}

static enum MHD_Result
take(struct exchange *exchange, const char *data, size_t *size)
{
	struct buf *body = &exchange->request.body;

	if (body->size <= exchange->limit)
		buf_put(body, data, *size);
	*size = 0;
	return MHD_YES;
}

enum MHD_Result
exchange_step(void *http, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *size,
    void **own)
{
	struct exchange *exchange = *own;
	const struct http_config *config;
	unsigned status;

	(void)url;
	if (exchange == NULL)
		return MHD_NO;
	config = ((struct http *)http)->config;
	exchange->connection = connection;
	if (!exchange->begun) {
		exchange->begun = true;
		status = begin(exchange, method, version);
		return status == 0 ? MHD_YES : refuse(exchange, status);
	}
	if (*size > 0)
		return take(exchange, data, size);
	if (!exchange->asked) {
		if (exchange->request.body.size > exchange->limit)
			return refuse(exchange, 413);
		if (exchange->late != 0)
			return refuse(exchange, exchange->late);
		exchange->asked = true;
		deadline_set(exchange->deadline, DEADLINE_ANSWER_MS);
		config->handle(config->own, &exchange->request);
	}
	if (exchange->response != NULL)
		return reply(exchange);
	if (exchange->failed)
		return MHD_NO;
	exchange->waiting = true;
	MHD_suspend_connection(connection);
	return MHD_YES;
}

void
exchange_done(void *http, struct MHD_Connection *connection, void **own,
    enum MHD_RequestTerminationCode code)
{
	struct exchange *exchange = *own;
	const struct http_config *config = ((struct http *)http)->config;

	(void)connection;
	(void)code;
	if (exchange == NULL)
		return;
	deadline_set(exchange->deadline, DEADLINE_IDLE_MS);
	config->done(config->own, &exchange->request, exchange->status);
	if (exchange->response != NULL)
		MHD_destroy_response(exchange->response);
	buf_free(&exchange->request.body);
	free(exchange->target);
	free(exchange);
	*own = NULL;
}

const char *
http_header(const struct http_request *request, const char *name)
{
	return MHD_lookup_connection_value(
	    ((const struct exchange *)request)->connection, MHD_HEADER_KIND,
	    name);
}

static struct MHD_Response *
response_make(const struct http_answer *answer)
{
	if (answer->data != NULL)
		return MHD_create_response_from_buffer(answer->size,
		    (void *)(uintptr_t)answer->data, MHD_RESPMEM_MUST_COPY);
	if (answer->fd >= 0)
		return MHD_create_response_from_fd64(answer->size, answer->fd);
	return MHD_create_response_from_buffer(
	    0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
}

static void
resume(struct exchange *exchange)
{
	if (exchange->waiting)
		MHD_resume_connection(exchange->connection);
	exchange->waiting = false;
}

void
http_answer(struct http_request *request, const struct http_answer *answer)
{
	struct exchange *exchange = (struct exchange *)request;
	struct MHD_Response *response = response_make(answer);
	struct header list[HEADERS_MAX];
	size_t n =
	    headers_list(answer->policy, exchange->http->config->secure, list);

	if (response == NULL) {
		if (answer->data == NULL && answer->fd >= 0)
			close(answer->fd);
		exchange->failed = true;
		resume(exchange);
		return;
	}
	for (size_t i = 0; i < n; i++)
		MHD_add_response_header(response, list[i].name, list[i].value);
	for (size_t i = 0; i < answer->more_count; i++)
		MHD_add_response_header(
		    response, answer->more[i].name, answer->more[i].value);
	if (answer->type != NULL)
		MHD_add_response_header(response, "Content-Type", answer->type);
	MHD_add_response_header(response, "Cache-Control", answer->cache);
	if (exchange->deadline != NULL &&
	    ++exchange->deadline->requests >= HTTP_PER_CONNECTION)
		MHD_add_response_header(response, "Connection", "close");
	deadline_set(exchange->deadline,
	    DEADLINE_ANSWER_MS + (int64_t)(answer->size / 8));
	exchange->response = response;
	exchange->status = answer->status;
	resume(exchange);
}
