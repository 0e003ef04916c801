/* See fetch.h: libcurl within a loop that is not its own. */
#include "wire/fetch.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "wire/credentials.h"

#define EVENTS_MAX 8
/* What lies in between may forget a connection that is not used. */
#define IDLE_MAX_S 30L
#define URL_MAX 1024

struct fetch {
	struct device device; /* texts are the caller's */
	struct fetch_events events;
	CURLM *multi;
	CURL *easy;
	bool busy;
	int epoll; /* of curl's descriptors */
	int64_t due_ms;
	struct curl_slist *headers;
	char error[CURL_ERROR_SIZE];
};

void
fetch_start(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* ---- what curl calls ---------------------------------------------------- */

static int
watch(CURL *easy, curl_socket_t fd, int what, void *context, void *known)
{
	struct fetch *fetch = context;
	struct epoll_event event = { .data.fd = fd };

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(fetch->epoll, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	if ((what & CURL_POLL_IN) != 0)
		event.events |= EPOLLIN;
	if ((what & CURL_POLL_OUT) != 0)
		event.events |= EPOLLOUT;
	epoll_ctl(fetch->epoll, known == NULL ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
	    fd, &event);
	curl_multi_assign(fetch->multi, fd, fetch);
	return 0;
}

static int
set_time(CURLM *multi, long wait_ms, void *context)
{
	struct fetch *fetch = context;

	(void)multi;
	fetch->due_ms =
	    wait_ms < 0 ? INT64_MAX : clock_monotonic_ms() + wait_ms;
	return 0;
}

/* Only the body of a good answer is worth anything. */
static size_t
take_body(char *data, size_t size, size_t count, void *context)
{
	struct fetch *fetch = context;
	long status = 0;

	curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status < 200 || status > 299)
		return count * size;
	return fetch->events.body(fetch->events.context, data, count * size)
	    ? count * size
	    : 0;
}

/* ---- one request -------------------------------------------------------- */

/* What holds for all requests. */
static void
set_always(struct fetch *fetch)
{
	CURL *easy = fetch->easy;

	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, fetch->error);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch);
	curl_easy_setopt(
	    easy, CURLOPT_PROTOCOLS_STR, fetch->device.tls ? "https" : "http");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(
	    easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "trackingbms");
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, IDLE_MAX_S);
	/* a name server that is silent must not keep us waiting */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(
	    easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (*fetch->device.cafile == '\0')
		return;
	curl_easy_setopt(easy, CURLOPT_CAINFO, fetch->device.cafile);
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
}

static void
set_url(struct fetch *fetch, const char *path)
{
	const struct device *device = &fetch->device;
	bool ipv6 = strchr(device->host, ':') != NULL;
	char url[URL_MAX];

	(void)snprintf(url, sizeof(url), "%s://%s%s%s:%u%s%s%s",
	    device->tls ? "https" : "http", ipv6 ? "[" : "", device->host,
	    ipv6 ? "]" : "", device->port, *device->base == '\0' ? "" : "/",
	    device->base, path);
	curl_easy_setopt(fetch->easy, CURLOPT_URL, url);
}

static void
forget_headers(struct fetch *fetch)
{
	struct curl_slist *at;

	for (at = fetch->headers; at != NULL; at = at->next)
		explicit_bzero(at->data, strlen(at->data));
	curl_slist_free_all(fetch->headers);
	fetch->headers = NULL;
}

static int
set_credentials(struct fetch *fetch, bool stream, struct failure *why)
{
	struct credentials all;

	if (credentials_read(&fetch->device, &all, why) != 0)
		return -1;
	forget_headers(fetch);
	fetch->headers = curl_slist_append(NULL,
	    stream ? "Accept: text/event-stream, application/x-ndjson, "
		     "application/json"
		   : "Accept: application/json");
	for (size_t i = 0; i < all.count; i++)
		fetch->headers =
		    curl_slist_append(fetch->headers, all.header[i]);
	curl_easy_setopt(fetch->easy, CURLOPT_HTTPHEADER, fetch->headers);
	if (all.digest != NULL) {
		curl_easy_setopt(
		    fetch->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_DIGEST);
		curl_easy_setopt(fetch->easy, CURLOPT_USERPWD, all.digest);
	}
	credentials_free(&all);
	return 0;
}

int
fetch_get(struct fetch *fetch, const char *path, int64_t timeout_ms,
    bool stream, struct failure *why)
{
	fetch_stop(fetch);
	curl_easy_reset(fetch->easy);
	set_always(fetch);
	set_url(fetch, path);
	if (set_credentials(fetch, stream, why) != 0)
		return -1;
	curl_easy_setopt(
	    fetch->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)timeout_ms);
	if (!stream)
		curl_easy_setopt(
		    fetch->easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	fetch->error[0] = '\0';
	if (curl_multi_add_handle(fetch->multi, fetch->easy) != CURLM_OK)
		return failure_set(why, EXIT_AGAIN, "no new request");
	fetch->busy = true;
	return 0;
}

void
fetch_stop(struct fetch *fetch)
{
	if (fetch->busy)
		curl_multi_remove_handle(fetch->multi, fetch->easy);
	fetch->busy = false;
}

/* ---- the loop ----------------------------------------------------------- */

/* One line of ours for what curl says. */
static void
tell_over(struct fetch *fetch, CURLcode code)
{
	const char *error = fetch->error, *before = "";
	char text[CURL_ERROR_SIZE + 64];
	long status = 0, number = 0;

	curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(fetch->easy, CURLINFO_OS_ERRNO, &number);
	fetch_stop(fetch);
	if (code == CURLE_OK) {
		fetch->events.over(fetch->events.context, status, NULL);
		return;
	}
	if (code == CURLE_OPERATION_TIMEDOUT) {
		error = FETCH_TIMEOUT;
	} else if (code == CURLE_COULDNT_CONNECT && number != 0) {
		before = "connect: ";
		error = strerror((int)number);
	} else if (*error == '\0') {
		error = curl_easy_strerror(code);
	}
	(void)snprintf(text, sizeof(text), "%s%s", before, error);
	fetch->events.over(fetch->events.context, status, text);
}

static void
look_over(struct fetch *fetch)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(fetch->multi, &left)) != NULL)
		if (message->msg == CURLMSG_DONE)
			tell_over(fetch, message->data.result);
}

void
fetch_work(struct fetch *fetch, int64_t now_ms)
{
	struct epoll_event events[EVENTS_MAX];
	int count = epoll_wait(fetch->epoll, events, EVENTS_MAX, 0);
	int running;

	for (int i = 0; i < count; i++) {
		int what = 0;

		if ((events[i].events & EPOLLIN) != 0)
			what |= CURL_CSELECT_IN;
		if ((events[i].events & EPOLLOUT) != 0)
			what |= CURL_CSELECT_OUT;
		if ((events[i].events & (EPOLLERR | EPOLLHUP)) != 0)
			what |= CURL_CSELECT_ERR;
		curl_multi_socket_action(
		    fetch->multi, events[i].data.fd, what, &running);
	}
	if (fetch->due_ms <= now_ms) {
		fetch->due_ms = INT64_MAX;
		curl_multi_socket_action(
		    fetch->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
	look_over(fetch);
}

int
fetch_descriptor(const struct fetch *fetch)
{
	return fetch->epoll;
}

int64_t
fetch_time(const struct fetch *fetch)
{
	return fetch->due_ms;
}

/* ---- its life ----------------------------------------------------------- */

struct fetch *
fetch_open(const struct device *device, const struct fetch_events *events,
    struct failure *why)
{
	struct fetch *fetch = mem_zero(1, sizeof(*fetch));

	fetch->device = *device;
	fetch->events = *events;
	fetch->due_ms = INT64_MAX;
	fetch->epoll = epoll_create1(EPOLL_CLOEXEC);
	fetch->multi = curl_multi_init();
	fetch->easy = curl_easy_init();
	if (fetch->epoll < 0 || fetch->multi == NULL || fetch->easy == NULL) {
		failure_set(why, EXIT_AGAIN, "curl: no room or descriptors");
		fetch_close(fetch);
		return NULL;
	}
	curl_multi_setopt(fetch->multi, CURLMOPT_SOCKETFUNCTION, watch);
	curl_multi_setopt(fetch->multi, CURLMOPT_SOCKETDATA, fetch);
	curl_multi_setopt(fetch->multi, CURLMOPT_TIMERFUNCTION, set_time);
	curl_multi_setopt(fetch->multi, CURLMOPT_TIMERDATA, fetch);
	curl_multi_setopt(fetch->multi, CURLMOPT_MAXCONNECTS, 2L);
	return fetch;
}

void
fetch_close(struct fetch *fetch)
{
	if (fetch == NULL)
		return;
	fetch_stop(fetch);
	curl_easy_cleanup(fetch->easy);
	curl_multi_cleanup(fetch->multi);
	forget_headers(fetch);
	if (fetch->epoll >= 0)
		close(fetch->epoll);
	free(fetch);
}
