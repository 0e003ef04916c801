#include "wire/tcp.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

/* A name being looked up, with all that the library keeps pointing at. */
struct lookup {
	struct gaicb request; /* first: it is what struct tcp points at */
	struct addrinfo hints;
	char service[8];
	char host[];
};

static void
drop_addresses(struct tcp *tcp)
{
	if (tcp->found != NULL)
		freeaddrinfo(tcp->found);
	tcp->found = tcp->next = NULL;
}

static int
socket_to(const struct addrinfo *to)
{
	int fd = socket(
	    to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	if (connect(fd, to->ai_addr, to->ai_addrlen) < 0 &&
	    errno != EINPROGRESS) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* Try the addresses that are left, up to one that is under way. */
static enum tcp_state
try_next(struct tcp *tcp, int last_error, int *fd, struct failure *why)
{
	while (tcp->next != NULL) {
		const struct addrinfo *to = tcp->next;

		tcp->next = to->ai_next;
		*fd = socket_to(to);
		if (*fd >= 0)
			return TCP_CONNECTING;
		last_error = errno;
	}
	drop_addresses(tcp);
	errno = last_error;
	failure_set(why, EXIT_AGAIN, "connect:");
	return TCP_FAILED;
}

static void
lookup_start(struct tcp *tcp, const char *host)
{
	size_t size = strlen(host) + 1;
	struct lookup *lookup = mem_zero(1, sizeof(*lookup) + size);
	struct gaicb *list[1] = { &lookup->request };

	memcpy(lookup->host, host, size);
	memcpy(lookup->service, tcp->service, sizeof(lookup->service));
	lookup->hints.ai_socktype = SOCK_STREAM;
	lookup->request.ar_name = lookup->host;
	lookup->request.ar_service = lookup->service;
	lookup->request.ar_request = &lookup->hints;
	if (getaddrinfo_a(GAI_NOWAIT, list, 1, NULL) != 0) {
		free(lookup);
		return;
	}
	tcp->lookup = &lookup->request;
}

enum tcp_state
tcp_begin(struct tcp *tcp, const char *host, uint16_t port, int *fd,
    struct failure *why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };

	snprintf(tcp->service, sizeof(tcp->service), "%u", port);
	if (tcp->lookup == NULL &&
	    getaddrinfo(host, tcp->service, &hints, &tcp->found) == 0) {
		tcp->next = tcp->found;
		return try_next(tcp, 0, fd, why);
	}
	if (tcp->lookup == NULL)
		lookup_start(tcp, host);
	return tcp_go_on(tcp, fd, why);
}

/* The result of a lookup that is over. */
static enum tcp_state
lookup_end(struct tcp *tcp, struct failure *why)
{
	int status = gai_error(tcp->lookup);

	if (status == EAI_INPROGRESS)
		return TCP_LOOKUP;
	if (status != 0)
		failure_set(
		    why, EXIT_AGAIN, "look up: %s", gai_strerror(status));
	else
		tcp->found = tcp->next = tcp->lookup->ar_result;
	free(tcp->lookup);
	tcp->lookup = NULL;
	return status != 0 ? TCP_FAILED : TCP_OPEN;
}

static enum tcp_state
lookup_go_on(struct tcp *tcp, int *fd, struct failure *why)
{
	enum tcp_state state = lookup_end(tcp, why);

	return state != TCP_OPEN ? state : try_next(tcp, 0, fd, why);
}

enum tcp_state
tcp_look_up(struct tcp *tcp, const char *host, uint16_t port,
    char text[TCP_ADDRESS_MAX], struct failure *why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	enum tcp_state state = TCP_OPEN;
	int status;

	snprintf(tcp->service, sizeof(tcp->service), "%u", port);
	if (tcp->lookup != NULL ||
	    getaddrinfo(host, tcp->service, &hints, &tcp->found) != 0) {
		if (tcp->lookup == NULL)
			lookup_start(tcp, host);
		if (tcp->lookup == NULL) {
			failure_set(
			    why, EXIT_AGAIN, "look up: out of resources");
			return TCP_FAILED;
		}
		state = lookup_end(tcp, why);
	}
	if (state != TCP_OPEN)
		return state;
	status = getnameinfo(tcp->found->ai_addr, tcp->found->ai_addrlen, text,
	    TCP_ADDRESS_MAX, NULL, 0, NI_NUMERICHOST);
	drop_addresses(tcp);
	if (status == 0)
		return TCP_OPEN;
	failure_set(why, EXIT_AGAIN, "look up: %s", gai_strerror(status));
	return TCP_FAILED;
}

enum tcp_state
tcp_go_on(struct tcp *tcp, int *fd, struct failure *why)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (tcp->lookup != NULL)
		return lookup_go_on(tcp, fd, why);
	if (*fd < 0) {
		failure_set(why, EXIT_AGAIN, "look up: out of resources");
		return TCP_FAILED;
	}
	if (getsockopt(*fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	if (error != 0) {
		close(*fd);
		*fd = -1;
		return try_next(tcp, error, fd, why);
	}
	drop_addresses(tcp);
	return TCP_OPEN;
}

void
tcp_end(struct tcp *tcp)
{
	drop_addresses(tcp);
	if (tcp->lookup == NULL || gai_error(tcp->lookup) == EAI_INPROGRESS)
		return;
	if (gai_error(tcp->lookup) == 0)
		freeaddrinfo(tcp->lookup->ar_result);
	free(tcp->lookup);
	tcp->lookup = NULL;
}

void
tcp_free(struct tcp *tcp)
{
	/* One that is being worked on belongs to the library's thread. */
	if (tcp->lookup != NULL)
		gai_cancel(tcp->lookup);
	tcp_end(tcp);
	tcp->lookup = NULL;
}
