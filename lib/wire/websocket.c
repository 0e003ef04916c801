/* See websocket.h: libwebsockets within a loop that is not its own. */
#include "wire/websocket.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "wire/credentials.h"
#include "wire/tcp.h"

#define DESCRIPTORS 8 /* the library has some of its own */
#define ROUNDS_MAX 64 /* of the library's work at once */
#define LOOK_MS 10 /* while something is under way that no descriptor tells */
#define IDLE_MS 1000 /* the library's own clocks */
#define PING_S 20
#define HANG_UP_S 45
#define PATH_MAX_SIZE 800 /* of an address and a path of a profile */
#define CHUNK 4096
#define HTTP_SWITCHING 101
#define TLS_FAILED "connect SSL err"
#define NO_OLD_TLS                                                             \
	((long)(SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1))

struct websocket {
	struct device device; /* texts are the caller's */
	struct websocket_events events;
	struct tcp tcp; /* only to look up */
	struct credentials credentials;
	struct lws_context *context;
	struct lws *wsi;
	int epoll, watched; /* the library's descriptor in it, -1 none */
	int64_t by_ms; /* connected by then */
	int64_t due_ms;
	bool established, over, unwanted;
	char **texts; /* to send when connected */
	size_t text_count, sent;
	struct buf in; /* the message so far */
	char path[PATH_MAX_SIZE], host[320], address[TCP_ADDRESS_MAX];
	char error[160];
};

/* The first reason counts. */
static void
end(struct websocket *ws, const char *error)
{
	if (!ws->over)
		snprintf(ws->error, sizeof(ws->error), "%.150s", error);
	ws->over = true;
}

/* ---- what the library calls ---------------------------------------------- */

static int
append_headers(struct websocket *ws, struct lws *wsi, void *in, size_t room)
{
	unsigned char **at = in, *limit = *at + room;

	for (size_t i = 0; i < ws->credentials.count; i++) {
		const char *header = ws->credentials.header[i];
		const char *colon = strchr(header, ':');
		const char *value = colon + 1 + strspn(colon + 1, " ");
		char name[128];

		if ((size_t)(colon - header) + 2 > sizeof(name))
			return -1;
		memcpy(name, header, (size_t)(colon - header) + 1);
		name[colon - header + 1] = '\0';
		if (lws_add_http_header_by_name(wsi, (unsigned char *)name,
			(const unsigned char *)value, (int)strlen(value), at,
			limit) != 0)
			return -1;
	}
	return 0;
}

static int
receive(struct websocket *ws, struct lws *wsi, const void *data, size_t size)
{
	bool whole = lws_is_final_fragment(wsi) &&
	    lws_remaining_packet_payload(wsi) == 0;

	if (ws->in.size + size > WEBSOCKET_MESSAGE_MAX) {
		ws->unwanted = true;
		end(ws, "a message of more than 1048576 bytes");
		return -1;
	}
	buf_put(&ws->in, data, size);
	if (!whole)
		return 0;
	ws->unwanted =
	    !ws->events.message(ws->events.context, ws->in.data, ws->in.size);
	buf_clear(&ws->in);
	return ws->unwanted ? -1 : 0;
}

/* Send the next of the texts. */
static int
subscribe(struct websocket *ws, struct lws *wsi)
{
	const char *text;
	size_t size;
	unsigned char *room;
	int put;

	if (ws->sent == ws->text_count)
		return 0;
	text = ws->texts[ws->sent++];
	size = strlen(text);
	room = mem_alloc(LWS_PRE + size + 1);
	memcpy(room + LWS_PRE, text, size);
	put = lws_write(wsi, room + LWS_PRE, size, LWS_WRITE_TEXT);
	free(room);
	if (put < (int)size)
		return -1;
	if (ws->sent < ws->text_count)
		lws_callback_on_writable(wsi);
	return 0;
}

/* What the library says is of little use; say more where we know more. */
static void
refused(struct websocket *ws, struct lws *wsi, const char *why, size_t size)
{
	unsigned status = lws_http_client_http_response(wsi);
	char text[sizeof(ws->error)];

	if (status != 0 && status != HTTP_SWITCHING) {
		snprintf(
		    text, sizeof(text), "%.100s: HTTP %u", ws->path, status);
		end(ws, text);
		return;
	}
	if (size > strlen(TLS_FAILED) &&
	    memcmp(why, TLS_FAILED, strlen(TLS_FAILED)) == 0) {
		end(ws,
		    "no TLS, or a certificate that is not trusted or not of "
		    "this host");
		return;
	}
	snprintf(text, sizeof(text), "%.*s",
	    size > sizeof(text) - 1 ? (int)sizeof(text) - 1 : (int)size,
	    size == 0 ? "connection refused" : why);
	end(ws, size == 0 ? "connection refused" : text);
}

static int
called(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
    size_t size)
{
	struct websocket *ws = lws_context_user(lws_get_context(wsi));

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return append_headers(ws, wsi, in, size);
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		ws->established = true;
		if (ws->text_count > 0)
			lws_callback_on_writable(wsi);
		return 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return subscribe(ws, wsi);
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return receive(ws, wsi, in, size);
	case LWS_CALLBACK_CLIENT_HTTP_REDIRECT:
		end(ws, "a redirection, which is not followed");
		return -1;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		refused(ws, wsi, in, in == NULL ? 0 : size);
		ws->wsi = NULL;
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
		end(ws, "connection closed by the device");
		ws->wsi = NULL;
		return 0;
	default:
		return 0;
	}
}

static const struct lws_protocols protocols[] = {
	{ .name = "trackingbms", .callback = called, .rx_buffer_size = CHUNK },
	{ .name = NULL }
};

/* ---- connecting ----------------------------------------------------------- */

static int
make_context(struct websocket *ws, struct failure *why)
{
	struct lws_context_creation_info info = { 0 };

	lws_set_log_level(0, NULL);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.user = ws;
	info.fd_limit_per_thread = DESCRIPTORS;
	info.http_proxy_address = "";
#if defined(LWS_WITH_SOCKS5)
	info.socks_proxy_address = "";
#endif
	if (ws->device.tls) {
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.ssl_client_options_set = NO_OLD_TLS;
	}
	if (*ws->device.cafile != '\0') {
		info.options |= LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
		info.client_ssl_ca_filepath = ws->device.cafile;
	}
	ws->context = lws_create_context(&info);
	if (ws->context == NULL)
		return failure_set(why, EXIT_AGAIN, "no room for a WebSocket");
	return 0;
}

static void
connect_to(struct websocket *ws)
{
	static const lws_retry_bo_t honest = { .secs_since_valid_ping = PING_S,
		.secs_since_valid_hangup = HANG_UP_S };
	struct lws_client_connect_info info = { 0 };

	info.context = ws->context;
	info.address = ws->address;
	info.port = ws->device.port;
	info.path = ws->path;
	info.host = ws->host;
	info.alpn = "http/1.1";
	info.local_protocol_name = protocols[0].name;
	info.retry_and_idle_policy = &honest;
	info.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT;
	if (ws->device.tls)
		info.ssl_connection |= LCCSCF_USE_SSL;
	info.pwsi = &ws->wsi;
	if (lws_client_connect_via_info(&info) == NULL)
		end(ws, "connection refused");
}

static void
look_up(struct websocket *ws)
{
	struct failure why;

	switch (tcp_look_up(
	    &ws->tcp, ws->device.host, ws->device.port, ws->address, &why)) {
	case TCP_OPEN:
		connect_to(ws);
		break;
	case TCP_FAILED:
		end(ws, why.message);
		break;
	default:
		break;
	}
}

static void
set_texts(struct websocket *ws, const struct websocket_plan *plan)
{
	ws->texts = mem_zero(plan->subscribe_count + 1, sizeof(*ws->texts));
	while (ws->text_count < plan->subscribe_count) {
		ws->texts[ws->text_count] =
		    mem_copy_text(plan->subscribe[ws->text_count]);
		ws->text_count++;
	}
}

static void
set_names(struct websocket *ws, const char *path)
{
	const struct device *device = &ws->device;
	bool usual = device->port == (device->tls ? 443 : 80);
	bool ipv6 = strchr(device->host, ':') != NULL;

	(void)snprintf(ws->path, sizeof(ws->path), "%s%s%s",
	    *device->base == '\0' ? "" : "/", device->base, path);
	(void)snprintf(
	    ws->host, sizeof(ws->host), ipv6 ? "[%s]" : "%s", device->host);
	if (!usual)
		(void)snprintf(
		    ws->host + strlen(ws->host), 8, ":%u", device->port);
}

struct websocket *
websocket_open(const struct device *device, const struct websocket_plan *plan,
    const struct websocket_events *events, struct failure *why)
{
	struct websocket *ws = mem_zero(1, sizeof(*ws));

	ws->device = *device;
	ws->events = *events;
	ws->watched = -1;
	ws->due_ms = clock_monotonic_ms();
	ws->by_ms = ws->due_ms + plan->timeout_ms;
	set_names(ws, plan->path);
	set_texts(ws, plan);
	ws->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (ws->epoll < 0)
		failure_set(why, EXIT_AGAIN, "epoll:");
	else if (credentials_read(device, &ws->credentials, why) == 0 &&
	    make_context(ws, why) == 0)
		return ws;
	websocket_close(ws);
	return NULL;
}

void
websocket_close(struct websocket *ws)
{
	if (ws == NULL)
		return;
	ws->over = true;
	if (ws->context != NULL)
		lws_context_destroy(ws->context);
	tcp_free(&ws->tcp);
	credentials_free(&ws->credentials);
	buf_free(&ws->in);
	for (size_t i = 0; i < ws->text_count; i++)
		free(ws->texts[i]);
	free(ws->texts);
	if (ws->epoll >= 0)
		close(ws->epoll);
	free(ws);
}

/* ---- the loop -------------------------------------------------------------- */

/* The library's descriptor is ours to watch, whichever it is. */
static void
watch(struct websocket *ws)
{
	int fd = ws->wsi == NULL ? -1 : (int)lws_get_socket_fd(ws->wsi);
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (fd == ws->watched)
		return;
	if (ws->watched >= 0)
		epoll_ctl(ws->epoll, EPOLL_CTL_DEL, ws->watched, NULL);
	ws->watched = -1;
	if (fd >= 0 && epoll_ctl(ws->epoll, EPOLL_CTL_ADD, fd, &event) == 0)
		ws->watched = fd;
}

static void
serve(struct websocket *ws)
{
	int rounds = 0;

	do {
		lws_service(ws->context, -1);
	} while (!ws->over && ++rounds < ROUNDS_MAX &&
	    lws_service_adjust_timeout(ws->context, 1, 0) == 0);
	watch(ws);
}

int
websocket_descriptor(const struct websocket *ws)
{
	return ws->epoll;
}

int64_t
websocket_time(const struct websocket *ws)
{
	return ws->due_ms;
}

void
websocket_work(struct websocket *ws, int64_t now_ms)
{
	bool busy;

	if (!ws->over && *ws->address == '\0')
		look_up(ws);
	if (!ws->over && *ws->address != '\0')
		serve(ws);
	if (!ws->over && !ws->established && ws->by_ms <= now_ms)
		end(ws, "connect: timeout");
	busy = !ws->established || ws->sent < ws->text_count;
	ws->due_ms = now_ms + (busy ? LOOK_MS : IDLE_MS);
	if (ws->over || ws->unwanted) {
		ws->due_ms = INT64_MAX;
		ws->events.over(ws->events.context, ws->error);
	}
}
