/* See wait.h. */
#include <poll.h>

#include "base/clock.h"
#include "base/io.h"
#include "wait.h"

#define LOOKUP_WAIT_MS 5

bool
wait_for(int fd, short events, int64_t until_ms)
{
	struct pollfd one = { .fd = fd, .events = events };
	int64_t left = until_ms - clock_monotonic_ms();

	if (left <= 0 || io_stopping())
		return false;
	return poll(&one, fd >= 0, (int)left) > 0;
}

int
wait_tcp(struct tcp *tcp, const struct device *device, int64_t timeout_ms,
    int *fd, struct failure *why)
{
	int64_t until = clock_monotonic_ms() + timeout_ms;
	enum tcp_state state =
	    tcp_begin(tcp, device->host, device->port, fd, why);

	while (state == TCP_LOOKUP || state == TCP_CONNECTING) {
		bool lookup = state == TCP_LOOKUP;
		int64_t now = clock_monotonic_ms();

		if (!wait_for(lookup ? -1 : *fd, POLLOUT,
			lookup ? now + LOOKUP_WAIT_MS : until) &&
		    (clock_monotonic_ms() >= until || io_stopping()))
			return failure_set(why, EXIT_AGAIN,
			    "%s: no connection within %.1f s", device->address,
			    (double)timeout_ms / 1000);
		state = tcp_go_on(tcp, fd, why);
	}
	return state == TCP_OPEN ? 0
				 : failure_prefix(why, "%s", device->address);
}
