/* Opening wires, and bytes in and out of them. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "port.h"

#define READ_SIZE 4096
#define TERMINALS "/dev/pts/" /* and a number */
#define IN_MAX ((size_t)64 << 10)
#define OUT_MAX ((size_t)256 << 10)

static void
add_client(struct port *port, int fd)
{
	struct client *client = &port->client[port->clients++];

	memset(client, 0, sizeof(*client));
	client->fd = fd;
}

static int
listen_on(const struct addrinfo *found)
{
	int one = 1;
	int fd = socket(found->ai_family,
	    found->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    found->ai_protocol);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, found->ai_addr, found->ai_addrlen) == 0 &&
	    listen(fd, PORT_CLIENTS_MAX) == 0)
		return fd;
	one = errno;
	close(fd);
	errno = one;
	return -1;
}

int
port_open_tcp(
    struct port *port, const struct device *device, struct failure *why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	char service[8];
	int status;

	port->form = PORT_TCP;
	snprintf(service, sizeof(service), "%u", device->port);
	status = getaddrinfo(device->host, service, &hints, &found);
	if (status != 0)
		return failure_set(why, EXIT_WRONG, "%s: %s", device->address,
		    gai_strerror(status));
	port->listener = listen_on(found);
	freeaddrinfo(found);
	if (port->listener < 0)
		return failure_set(why, EXIT_AGAIN, "%s:", device->address);
	return 0;
}

/* A link to a pseudo terminal, as we leave one where we are killed? That of
 * a real line must stay. */
static bool
is_left(const char *link)
{
	char target[sizeof(TERMINALS)];
	ssize_t size = readlink(link, target, sizeof(target));

	return size == (ssize_t)sizeof(target) &&
	    memcmp(target, TERMINALS, strlen(TERMINALS)) == 0;
}

/* A path that points to the terminal; one of ours that was left is
 * replaced, anything else stays. */
static int
make_link(const char *terminal, const char *link, struct failure *why)
{
	if (is_left(link))
		unlink(link);
	if (symlink(terminal, link) != 0)
		return failure_set(why, EXIT_AGAIN, "%s:", link);
	return 0;
}

int
port_open_terminal(struct port *port, const char *link, struct failure *why)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	struct termios raw;

	port->form = PORT_TERMINAL;
	if (fd < 0)
		return failure_set(why, EXIT_AGAIN, "/dev/ptmx:");
	add_client(port, fd);
	if (grantpt(fd) != 0 || unlockpt(fd) != 0 ||
	    ptsname_r(fd, port->slave_path, sizeof(port->slave_path)) != 0)
		return failure_set(why, EXIT_AGAIN, "pseudo terminal:");
	port->slave = open(port->slave_path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (port->slave < 0 || tcgetattr(port->slave, &raw) != 0)
		return failure_set(why, EXIT_AGAIN, "%s:", port->slave_path);
	cfmakeraw(&raw);
	tcsetattr(port->slave, TCSANOW, &raw);
	if (link == NULL)
		return 0;
	if (make_link(port->slave_path, link, why) != 0)
		return -1;
	port->link = link;
	return 0;
}

int
port_open_log(struct port *port, const char *path, struct failure *why)
{
	int fd;

	port->form = PORT_LOG;
	if (strcmp(path, "-") == 0)
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		fd =
		    open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0)
		return failure_set(why, EXIT_AGAIN, "%s:", path);
	add_client(port, fd);
	return 0;
}

void
port_accept(struct port *port)
{
	int fd =
	    accept4(port->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (port->clients == PORT_CLIENTS_MAX)
		port_drop(port, 0);
	add_client(port, fd);
}

bool
port_read(struct client *client)
{
	char *at = buf_reserve(&client->in, READ_SIZE);
	ssize_t count = read(client->fd, at, READ_SIZE);

	if (count < 0)
		return errno == EAGAIN || errno == EINTR || errno == EIO;
	if (count == 0)
		return false;
	client->in.size += (size_t)count;
	return client->in.size <= IN_MAX;
}

bool
port_write(struct port *port, struct client *client)
{
	ssize_t count;

	while (client->out.size > 0) {
		count = write(client->fd, client->out.data, client->out.size);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno == EAGAIN)
			break;
		if (count < 0)
			return false;
		client->out.size -= (size_t)count;
		memmove(client->out.data, client->out.data + count,
		    client->out.size);
	}
	if (port->form == PORT_TERMINAL &&
	    (port->every_ms != 0 || client->out.size > OUT_MAX))
		buf_clear(&client->out);
	return client->out.size <= OUT_MAX;
}

int64_t
port_release(struct port *port, int64_t now_ms)
{
	int64_t next = INT64_MAX;

	for (size_t c = 0; c < port->clients; c++) {
		struct client *client = &port->client[c];

		if (client->late.size == 0)
			continue;
		if (client->late_ms <= now_ms) {
			buf_put(
			    &client->out, client->late.data, client->late.size);
			buf_clear(&client->late);
		} else if (client->late_ms < next) {
			next = client->late_ms;
		}
	}
	return next;
}

void
port_drop(struct port *port, size_t at)
{
	struct client *client = &port->client[at];

	close(client->fd);
	buf_free(&client->in);
	buf_free(&client->out);
	buf_free(&client->late);
	port->clients--;
	memmove(client, client + 1, (port->clients - at) * sizeof(*client));
}

void
port_close(struct port *port)
{
	while (port->clients > 0)
		port_drop(port, port->clients - 1);
	if (port->listener >= 0)
		close(port->listener);
	if (port->slave >= 0)
		close(port->slave);
	if (port->link != NULL)
		unlink(port->link);
	free(port->sim);
}
