/* Deadlines of connections: a list, looked through once a second. */
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"
#include "web/http_own.h"

#include <stdlib.h>

static void
begin(struct http *http, struct MHD_Connection *connection, void **own)
{
	struct deadline *deadline = mem_zero(1, sizeof *deadline);
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	deadline->fd = info != NULL ? info->connect_fd : -1;
	deadline->next = http->deadlines;
	deadline->self = &http->deadlines;
	if (deadline->next != NULL)
		deadline->next->self = &deadline->next;
	http->deadlines = deadline;
	deadline_set(deadline,
	    DEADLINE_HEADER_MS +
		(http->config->certificate != NULL ? DEADLINE_TLS_MS : 0));
	*own = deadline;
}

void
deadline_notify(void *http, struct MHD_Connection *connection, void **own,
    enum MHD_ConnectionNotificationCode code)
{
	struct deadline *deadline = *own;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		begin(http, connection, own);
		return;
	}
	if (deadline == NULL)
		return;
	*deadline->self = deadline->next;
	if (deadline->next != NULL)
		deadline->next->self = deadline->self;
	free(deadline);
	*own = NULL;
}

void
deadline_set(struct deadline *deadline, int64_t after_ms)
{
	if (deadline != NULL)
		deadline->by_ms = clock_monotonic_ms() + after_ms;
}

void
deadline_sweep(struct http *http)
{
	int64_t now = clock_monotonic_ms();

	if (now - http->swept_ms < 1000)
		return;
	http->swept_ms = now;
	for (struct deadline *at = http->deadlines; at != NULL; at = at->next)
		if (at->by_ms < now && at->fd >= 0)
			shutdown(at->fd, SHUT_RDWR);
}
