/* Where a request goes. The one question: does its path lie under a prefix
 * granted to its session? It is asked before the file system is touched. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "front.h"

#define ASSETS "/-/assets/"

static bool
is(const struct http_request *request, const char *path)
{
	return strcmp(request->path.text, path) == 0;
}

size_t
route_body_limit(void *own, const struct http_request *request)
{
	(void)own;
	return is(request, "/-/login") || is(request, "/-/logout")
	    ? HTTP_FORM_MAX
	    : 0;
}

static struct visit *
visit_begin(struct front *front, struct http_request *request)
{
	struct visit *visit = mem_zero(1, sizeof *visit);
	uint8_t token[SECRET_SIZE];

	request->own = visit;
	visit->front = front;
	visit->language = page_language(
	    request->query, http_header(request, "Accept-Language"));
	visit->has_session = session_cookie_get(http_header(request, "Cookie"),
	    session_cookie_name(front->config->secure), token);
	if (visit->has_session)
		secret_digest(token, sizeof token, visit->session);
	secret_wipe(token, sizeof token);
	return visit;
}

/* A person who opens a page, not a script that fetches a file? */
static bool
navigation(const struct http_request *request)
{
	const char *mode = http_header(request, "Sec-Fetch-Mode");
	const char *accept = http_header(request, "Accept");

	if (mode != NULL)
		return strcmp(mode, "navigate") == 0;
	return accept != NULL && strstr(accept, "text/html") != NULL;
}

/* Not logged in: the same answer whether or not the path exists. */
static void
stranger(struct http_request *request)
{
	struct buf location = { 0 };

	if (request->path.depth > 0 && !navigation(request)) {
		reply_error(request, 401);
		return;
	}
	buf_text(&location, "/-/login");
	if (request->path.depth > 0)
		buf_print(&location, "?next=%s", request->path.text);
	reply_redirect(request, 303, location.data, NULL, 0);
	buf_free(&location);
}

/* "/": to the first view, or to a page that says that there is none. */
static void
home(struct http_request *request)
{
	const struct visit *visit = request->own;
	const char *first =
	    session_cache_first(visit->front->cache, visit->session);
	char token[SECRET_TEXT];
	struct buf out = { 0 };

	if (first != NULL) {
		buf_text(&out, first);
		/* a whole tenant: its default view */
		if (strchr(first + 1, '/')[1] == '\0')
			buf_text(&out, "all/");
		reply_redirect(request, 303, out.data, NULL, 0);
	} else {
		login_token(visit->front, "session", visit->session, token);
		page_nothing(&out, visit->front->pages, visit->language, token);
		reply_page(request, 200, &out, NULL, 0);
	}
	buf_free(&out);
}

/* What the cache knows of this session decides; the rest asks. */
static void
guarded(struct http_request *request, bool may_ask)
{
	struct visit *visit = request->own;
	struct ask ask = { .kind = ASK_SESSION };

	switch (session_cache_ask(visit->front->cache, visit->session,
	    clock_monotonic_ms(), &request->path)) {
	case SESSION_GRANTED:
		reply_file(request, visit->front->site_fd, 0);
		return;
	case SESSION_DENIED:
		if (request->path.depth == 0)
			home(request);
		else
			reply_error(request, 404);
		return;
	case SESSION_UNKNOWN:
		break;
	}
	memcpy(ask.session, visit->session, sizeof ask.session);
	if (!may_ask || !front_ask(visit->front, request, &ask))
		reply_error(request, 503);
}

void
route_handle(void *own, struct http_request *request)
{
	struct visit *visit = visit_begin(own, request);
	bool post = request->method == GATE_POST;

	if (is(request, "/-/login") && post)
		login_post(request);
	else if (is(request, "/-/login"))
		login_page(request, PAGE_PLAIN, 200, NULL);
	else if (is(request, "/-/logout") && post)
		logout_post(request);
	else if (is(request, "/-/logout"))
		logout_page(request);
	else if (strncmp(request->path.text, ASSETS, strlen(ASSETS)) == 0)
		reply_file(
		    request, visit->front->assets_fd, strlen(ASSETS) - 1);
	else if (visit->has_session)
		guarded(request, true);
	else
		stranger(request);
}

void
route_answered(struct http_request *request, const struct answer *answer)
{
	struct visit *visit = request->own;
	uint32_t asked = visit->asked;

	visit->asked = 0;
	if (asked == ASK_LOGIN) {
		login_answered(request, answer);
	} else if (asked == ASK_LOGOUT) {
		logout_answered(request, answer);
	} else if (answer->kind == ANSWER_NO) {
		stranger(request);
	} else if (answer->kind == ANSWER_YES &&
	    answer->grants.count <= ACCESS_GRANTS_MAX) {
		session_cache_put(visit->front->cache, visit->session,
		    clock_monotonic_ms(), answer->grants.prefix,
		    answer->grants.count);
		guarded(request, false);
	} else {
		reply_error(request, 503);
	}
}

void
route_refuse(void *own, struct http_request *request, unsigned status)
{
	if (request->own == NULL)
		visit_begin(own, request);
	reply_error(request, status);
}

void
route_done(void *own, struct http_request *request, unsigned status)
{
	front_log(own, request, status);
	free(request->own);
	request->own = NULL;
}
