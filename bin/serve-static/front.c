/* The front's loop: the server, the keeper's answers, the end. */
#include "front.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/box.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "json/json.h"

_Static_assert(ACCESS_PREFIX_MAX == WEB_PREFIX_MAX, "one size of prefix");

bool
front_ask(struct front *front, struct http_request *request, struct ask *ask)
{
	struct visit *visit = request->own;
	uint32_t slot = 0;

	while (slot < FRONT_PENDING && front->pending[slot] != NULL)
		slot++;
	if (slot == FRONT_PENDING || front->keeper_gone)
		return false;
	ask->id = ++front->turn * FRONT_PENDING + slot;
	if (send(front->keeper_fd, ask, sizeof *ask,
		MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)sizeof *ask)
		return false;
	front->pending[slot] = request;
	visit->asked = ask->kind;
	visit->id = ask->id;
	return true;
}

static void
hear(struct front *front, const struct answer *answer)
{
	uint32_t slot = answer->id % FRONT_PENDING;
	struct http_request *request = front->pending[slot];
	const struct visit *visit = request != NULL ? request->own : NULL;

	if (answer->kind == ANSWER_FORGET) {
		session_cache_empty(front->cache);
		return;
	}
	if (visit == NULL || visit->id != answer->id)
		return;
	front->pending[slot] = NULL;
	route_answered(request, answer);
}

/* All that the keeper has said. */
static void
listen_to_keeper(struct front *front)
{
	struct answer answer;
	ssize_t n;

	while ((n = recv(front->keeper_fd, &answer, sizeof answer,
		    MSG_DONTWAIT)) == (ssize_t)sizeof answer)
		hear(front, &answer);
	secret_wipe(&answer, sizeof answer);
	if (n >= 0 || (errno != EAGAIN && errno != EINTR))
		front->keeper_gone = true;
}

void
front_log(
    struct front *front, const struct http_request *request, unsigned status)
{
	static const char *const methods[] = { "GET", "HEAD", "POST" };
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool v4 = memcmp(request->source, mapped, sizeof mapped) == 0;
	char source[INET6_ADDRSTRLEN] = "";
	struct buf line = { 0 };

	if (front->log_fd < 0)
		return;
	inet_ntop(v4 ? AF_INET : AF_INET6, request->source + (v4 ? 12 : 0),
	    source, sizeof source);
	buf_text(&line, "{\"time\":\"");
	buf_time(&line, clock_now_ms());
	buf_print(&line,
	    "\",\"source\":\"%s\",\"status\":%u,"
	    "\"method\":\"%s\",\"path\":",
	    source, status, methods[request->method]);
	json_put_text(&line, request->path.text, request->path.size);
	buf_text(&line, "}\n");
	if (io_write_all(front->log_fd, line.data, line.size) != 0) {
		warn("log:");
		close(front->log_fd);
		front->log_fd = -1;
	}
	buf_free(&line);
}

static int
folder_open(const char *base, const char *name, struct failure *why)
{
	struct buf path = { 0 };
	int fd;

	buf_print(&path, "%s/%s", base, name);
	fd = open(path.data, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		failure_set(why, EXIT_WRONG, "%s:", path.data);
	buf_free(&path);
	return fd;
}

static int
box(const struct front_options *options, struct failure *why)
{
	struct buf site = { 0 }, web = { 0 };
	char report[128];
	int entered;

	buf_print(&site, "%s/site", options->root);
	buf_print(&web, "%s/web", options->share);
	entered = box_enter((struct box_path[]){ { site.data, BOX_READ },
				{ web.data, BOX_READ } },
	    2, BOX_NET_SERVER, options->require_box, report, sizeof report,
	    why);
	buf_free(&site);
	buf_free(&web);
	if (entered == 0)
		warn("front: box: %s", report);
	return entered;
}

static int
front_open(
    struct front *front, struct front_options *options, struct failure *why)
{
	struct http_config *config = &options->http;

	front->config = config;
	front->log_fd = -1;
	config->own = front;
	config->body_limit = route_body_limit;
	config->handle = route_handle;
	config->refuse = route_refuse;
	config->done = route_done;
	secret_random(front->key);
	front->cache = session_cache_open();
	front->pages = pages_open(options->share, why);
	if (front->pages == NULL)
		return -1;
	front->site_fd = folder_open(options->root, "site", why);
	front->assets_fd = folder_open(options->share, "web", why);
	if (front->site_fd < 0 || front->assets_fd < 0)
		return -1;
	if (options->log != NULL) {
		front->log_fd = open(options->log,
		    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
		    0600);
		if (front->log_fd < 0)
			return failure_set(
			    why, EXIT_WRONG, "%s:", options->log);
	}
	front->http = http_open(config, why);
	return front->http != NULL ? box(options, why) : -1;
}

/* Nobody may wait for an answer that cannot come any more. */
static void
front_close(struct front *front)
{
	struct answer failed = { .kind = ANSWER_FAILED };

	front->keeper_gone = true;
	for (size_t i = 0; i < FRONT_PENDING; i++) {
		struct http_request *request = front->pending[i];

		front->pending[i] = NULL;
		if (request != NULL)
			route_answered(request, &failed);
	}
	if (front->http != NULL)
		http_run(front->http);
	http_close(front->http);
	pages_close(front->pages);
	session_cache_close(front->cache);
	secret_wipe(front->key, sizeof front->key);
}

int
front_run(int keeper_fd, struct front_options *options)
{
	struct front front = { .keeper_fd = keeper_fd };
	struct failure why;

	if (front_open(&front, options, &why) != 0) {
		warn("%s", why.message);
		front_close(&front);
		return (int)why.status;
	}
	warn("listening on %s://%s",
	    options->http.certificate != NULL ? "https" : "http",
	    options->where);
	while (!io_stopping() && !front.keeper_gone) {
		struct pollfd poller[2] = {
			{ .fd = http_fd(front.http), .events = POLLIN },
			{ .fd = keeper_fd, .events = POLLIN },
		};

		if (poll(poller, 2, http_wait_ms(front.http)) > 0 &&
		    poller[1].revents != 0)
			listen_to_keeper(&front);
		http_run(front.http);
	}
	if (front.keeper_gone && !io_stopping()) {
		warn("the keeper has ended");
		front_close(&front);
		return EXIT_AGAIN;
	}
	front_close(&front);
	return EXIT_OK;
}
