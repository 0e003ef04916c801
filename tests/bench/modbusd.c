/*
 * A Modbus TCP server for benchmarks: modbusd LIVE SILENT. It listens on so
 * many ports of the loopback and prints each, "live PORT" or "silent PORT".
 * Reads are answered at once with numbers of no meaning; the silent ports
 * take a connection and never a word. It ends with its standard input.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define ASK 12
#define EVENTS 256

static int epoll;

static void
watch(int fd, int listener)
{
	struct epoll_event event = { .events = EPOLLIN };

	event.data.u64 = (uint64_t)fd << 1 | (uint64_t)listener;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
		perror("modbusd: epoll");
		exit(111);
	}
}

static void
open_port(const char *kind)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) < 0 ||
	    listen(fd, 64) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &size) < 0) {
		perror("modbusd: listen");
		exit(111);
	}
	printf("%s %u\n", kind, ntohs(at.sin_port));
	if (strcmp(kind, "live") == 0)
		watch(fd, 1);
}

/* Answer one request; false where it is none. */
static int
answer(int fd, const uint8_t ask[ASK])
{
	uint8_t out[9 + 250] = { 0 };
	unsigned count = (unsigned)ask[10] << 8 | ask[11];
	unsigned bytes = ask[7] <= 2 ? (count + 7) / 8 : count * 2;

	if (ask[7] < 1 || ask[7] > 4 || bytes > 250)
		return 0;
	memcpy(out, ask, 8);
	out[4] = 0;
	out[5] = (uint8_t)(bytes + 3);
	out[8] = (uint8_t)bytes;
	for (unsigned i = 0; i < bytes; i++)
		out[9 + i] = (uint8_t)(ask[9] + i);
	return write(fd, out, 9 + bytes) == (ssize_t)(9 + bytes);
}

static void
serve(int fd)
{
	uint8_t asks[ASK * 16];
	ssize_t got = read(fd, asks, sizeof(asks));

	/* our clients never cut a request in two */
	if (got <= 0 || got % ASK != 0)
		close(fd);
	for (ssize_t i = 0; i + ASK <= got; i += ASK)
		if (!answer(fd, asks + i)) {
			close(fd);
			return;
		}
}

static void
take(int listener)
{
	int one = 1;
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	watch(fd, 0);
}

int
main(int argc, char **argv)
{
	struct rlimit limit;
	struct epoll_event events[EVENTS];

	if (argc != 3)
		return 2;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	epoll = epoll_create1(0);
	for (int i = 0; i < atoi(argv[1]); i++)
		open_port("live");
	for (int i = 0; i < atoi(argv[2]); i++)
		open_port("silent");
	puts("ready");
	fflush(stdout);
	watch(STDIN_FILENO, 0);
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < count; i++) {
			int fd = (int)(events[i].data.u64 >> 1);

			if (fd == STDIN_FILENO)
				return 0;
			if ((events[i].data.u64 & 1) != 0)
				take(fd);
			else
				serve(fd);
		}
	}
}
