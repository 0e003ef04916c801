/* The server: libmicrohttpd in the caller's loop, with our limits. */
#include "web/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "web/http_own.h"

/* Rule H8: six suites, no renegotiation, no CBC. */
#define TLS_REST                                                               \
	":-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL"                         \
	":+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:-MAC-ALL:+AEAD"         \
	":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1"          \
	":-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1:%SERVER_PRECEDENCE:%NO_TICKETS"
#define TLS_13 "NORMAL:-VERS-ALL:+VERS-TLS1.3" TLS_REST
#define TLS_13_12 "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" TLS_REST

/* Targets are decoded in path.c and nowhere else. */
static size_t
keep_escapes(void *own, struct MHD_Connection *connection, char *text)
{
	(void)own;
	(void)connection;
	return strlen(text);
}

static void
ignore_log(void *own, const char *format, va_list arguments)
{
	(void)own;
	(void)format;
	(void)arguments;
}

struct http *
http_open(const struct http_config *config, struct failure *why)
{
	struct http *http = mem_zero(1, sizeof *http);
	bool tls = config->certificate != NULL;
	struct MHD_OptionItem tls_options[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0,
		    (void *)(uintptr_t)config->certificate },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)config->key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0,
		    (void *)(uintptr_t)(config->tls13_only ? TLS_13
							   : TLS_13_12) },
		{ MHD_OPTION_END, 0, NULL },
	};

	if (!tls)
		tls_options[0].option = MHD_OPTION_END;
	http->config = config;
	http->daemon = MHD_start_daemon(MHD_USE_EPOLL |
		MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
		(tls ? MHD_USE_TLS : 0U),
	    0, NULL, NULL, exchange_step, http, MHD_OPTION_EXTERNAL_LOGGER,
	    ignore_log, NULL, MHD_OPTION_LISTEN_SOCKET, config->listen_fd,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP,
	    1, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32768,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    (unsigned)(config->proxy ? HTTP_CONNECTIONS : HTTP_PER_SOURCE),
	    MHD_OPTION_CONNECTION_TIMEOUT, 10U, MHD_OPTION_UNESCAPE_CALLBACK,
	    keep_escapes, NULL, MHD_OPTION_URI_LOG_CALLBACK, exchange_target,
	    http, MHD_OPTION_NOTIFY_COMPLETED, exchange_done, http,
	    MHD_OPTION_NOTIFY_CONNECTION, deadline_notify, http,
	    MHD_OPTION_ARRAY, tls_options, MHD_OPTION_END);
	if (http->daemon == NULL) {
		free(http);
		failure_set(why, tls ? EXIT_WRONG : EXIT_AGAIN, "%s",
		    tls ? "the certificate or key is not usable"
			: "cannot start the HTTP server");
		return NULL;
	}
	return http;
}

int
http_fd(const struct http *http)
{
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	return info != NULL ? info->epoll_fd : -1;
}

int
http_wait_ms(struct http *http)
{
	MHD_UNSIGNED_LONG_LONG wait;

	if (MHD_get_timeout(http->daemon, &wait) != MHD_YES || wait > 1000)
		return 1000;
	return (int)wait;
}

void
http_run(struct http *http)
{
	MHD_run(http->daemon);
	deadline_sweep(http);
}

void
http_close(struct http *http)
{
	if (http == NULL)
		return;
	MHD_stop_daemon(http->daemon);
	free(http);
}
