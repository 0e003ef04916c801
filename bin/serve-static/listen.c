/* Where to listen and with what certificate. */
#include "listen.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/num.h"

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

bool
listen_source(const char *text, uint8_t out[16])
{
	if (inet_pton(AF_INET6, text, out) == 1)
		return true;
	memcpy(out, mapped, sizeof mapped);
	return inet_pton(AF_INET, text, out + 12) == 1;
}

bool
listen_parse(const char *text, struct listen_address *address)
{
	const char *colon = strrchr(text, ':');
	char host[64];
	size_t size;
	int64_t port;

	if (colon == NULL ||
	    !num_integer(colon + 1, strlen(colon + 1), 1, 65535, &port))
		return false;
	size = (size_t)(colon - text);
	if (text[0] == '[') {
		if (size < 2 || colon[-1] != ']')
			return false;
		text++;
		size -= 2;
	}
	if (size == 0 || size >= sizeof host)
		return false;
	memcpy(host, text, size);
	host[size] = '\0';
	address->port = (uint16_t)port;
	if (!listen_source(host, address->address))
		return false;
	address->v4 = memcmp(address->address, mapped, sizeof mapped) == 0;
	address->loopback = address->v4
	    ? address->address[12] == 127
	    : memcmp(address->address, &in6addr_loopback, 16) == 0;
	return true;
}

static int
bound(const struct listen_address *address)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(address->port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(address->port) };
	int fd = socket(address->v4 ? AF_INET : AF_INET6,
		SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
	    one = 1;

	if (fd < 0)
		return -1;
	memcpy(&in.sin_addr, address->address + 12, 4);
	memcpy(&in6.sin6_addr, address->address, 16);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd,
		address->v4 ? (const struct sockaddr *)&in
			    : (const struct sockaddr *)&in6,
		address->v4 ? (socklen_t)sizeof in : (socklen_t)sizeof in6) ==
		0 &&
	    listen(fd, 511) == 0)
		return fd;
	close(fd);
	return -1;
}

int
listen_open(const struct listen_address *address, struct failure *why)
{
	int fd = bound(address);

	return fd >= 0
	    ? fd
	    : failure_set(why, EXIT_AGAIN,
		  "cannot listen on port %u:", (unsigned)address->port);
}

int
listen_pem(const char *path, bool key, struct buf *out, struct failure *why)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return failure_set(why, EXIT_WRONG, "%s:", path);
	if (key && (st.st_mode & 07777) != 0400)
		return failure_set(
		    why, EXIT_WRONG, "%s: its mode must be 0400", path);
	if (io_file_read(AT_FDCWD, path, 1 << 20, out, why) == 0)
		return 0;
	why->status = EXIT_WRONG;
	return -1;
}
