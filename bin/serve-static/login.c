/* Logging in and out: forms with tokens, questions to the keeper. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "front.h"
#include "web/form.h"

void
login_token(const struct front *front, const char *kind,
    const uint8_t of[SECRET_SIZE], char out[SECRET_TEXT])
{
	uint8_t text[8 + SECRET_SIZE] = { 0 }, mac[SECRET_SIZE];

	memcpy(text, kind, strnlen(kind, 8));
	memcpy(text + 8, of, SECRET_SIZE);
	secret_mac(front->key, text, sizeof text, mac);
	secret_text(mac, out);
}

static bool
token_right(const struct http_request *request, const char *kind,
    const uint8_t of[SECRET_SIZE])
{
	const struct visit *visit = request->own;
	char wanted[SECRET_TEXT], got[SECRET_TEXT];
	uint8_t a[SECRET_SIZE], b[SECRET_SIZE];
	size_t size;

	login_token(visit->front, kind, of, wanted);
	return form_get(request->body.data, request->body.size, "token", got,
		   sizeof got, &size) == FORM_FOUND &&
	    secret_parse(got, size, a) &&
	    secret_parse(wanted, strlen(wanted), b) && secret_same(a, b);
}

/* Rule A13, and the body is what a form sends. */
static bool
form_of_ours(const struct http_request *request)
{
	const struct visit *visit = request->own;
	const char *type = http_header(request, "Content-Type");

	return request->body.size > 0 && type != NULL &&
	    strncmp(type, "application/x-www-form-urlencoded", 33) == 0 &&
	    session_same_origin(http_header(request, "Sec-Fetch-Site"),
		http_header(request, "Origin"), visit->front->config->secure,
		request->host);
}

/* The path of a field named `next`, or "" where it is none (rule H4). */
static void
next_take(struct visit *visit, const char *form, size_t size)
{
	struct path path;
	char text[WEB_PATH_MAX + 1];
	size_t got;

	visit->next[0] = '\0';
	if (form_get(form, size, "next", text, sizeof text, &got) ==
		FORM_FOUND &&
	    strlen(text) == got && path_parse(text, got, &path) == PATH_OK &&
	    path.depth > 0 && strncmp(path.text, "/-/", 3) != 0)
		memcpy(visit->next, path.text, path.size + 1);
}

static bool
login_cookie(const struct http_request *request, uint8_t token[SECRET_SIZE])
{
	const struct visit *visit = request->own;

	return session_cookie_get(http_header(request, "Cookie"),
	    session_login_cookie_name(visit->front->config->secure), token);
}

void
login_page(struct http_request *request, enum page_note note, unsigned status,
    const struct header *more)
{
	struct visit *visit = request->own;
	bool secure = visit->front->config->secure;
	char token[SECRET_TEXT], cookie[SESSION_COOKIE_MAX];
	struct header headers[2] = { { "Set-Cookie", cookie } };
	uint8_t random[SECRET_SIZE];
	struct buf page = { 0 };

	if (request->method != GATE_POST)
		next_take(visit, request->query, strlen(request->query));
	if (!login_cookie(request, random))
		secret_random(random);
	session_cookie_put(
	    cookie, session_login_cookie_name(secure), random, secure);
	login_token(visit->front, "login", random, token);
	page_login(&page, visit->front->pages, visit->language, note, token,
	    visit->next);
	if (more != NULL)
		headers[1] = *more;
	reply_page(request, status, &page, headers, more != NULL ? 2 : 1);
	buf_free(&page);
}

static bool
credentials_take(const struct http_request *request, struct ask *ask)
{
	char user[ACCESS_NAME_MAX + 1], password[SECRET_PASSWORD_BYTES + 1];
	const struct buf *body = &request->body;
	size_t user_size, size;
	bool taken = form_get(body->data, body->size, "user", user, sizeof user,
			 &user_size) == FORM_FOUND &&
	    form_get(body->data, body->size, "password", password,
		sizeof password, &size) == FORM_FOUND &&
	    user_size > 0 && memchr(user, 0, user_size) == NULL;

	if (taken) {
		memcpy(ask->user, user, user_size);
		memcpy(ask->password, password, size);
		ask->user_size = (uint16_t)user_size;
		ask->password_size = (uint16_t)size;
	}
	secret_wipe(password, sizeof password);
	return taken;
}

void
login_post(struct http_request *request)
{
	struct visit *visit = request->own;
	struct ask ask = { .kind = ASK_LOGIN };
	uint8_t random[SECRET_SIZE];
	bool sent;

	if (!form_of_ours(request) || !login_cookie(request, random) ||
	    !token_right(request, "login", random)) {
		login_page(request, PAGE_AGAIN, 403, NULL);
		return;
	}
	next_take(visit, request->body.data, request->body.size);
	if (!credentials_take(request, &ask)) {
		login_page(request, PAGE_BAD, 403, NULL);
		return;
	}
	memcpy(ask.source, request->source, sizeof ask.source);
	memcpy(ask.session, visit->session, sizeof ask.session);
	ask.has_session = visit->has_session;
	secret_wipe(request->body.data, request->body.size);
	sent = visit->front->logins < ASK_LOGINS_MAX &&
	    front_ask(visit->front, request, &ask);
	secret_wipe(&ask, sizeof ask);
	if (sent)
		visit->front->logins++;
	else
		reply_error(request, 503);
}

static void
welcome(struct http_request *request, const struct answer *answer)
{
	struct visit *visit = request->own;
	bool secure = visit->front->config->secure;
	char session[SESSION_COOKIE_MAX], login[SESSION_COOKIE_MAX];
	struct header headers[] = { { "Set-Cookie", session },
		{ "Set-Cookie", login } };

	if (visit->has_session)
		session_cache_drop(visit->front->cache, visit->session);
	session_cookie_put(
	    session, session_cookie_name(secure), answer->token, secure);
	session_cookie_put(
	    login, session_login_cookie_name(secure), NULL, secure);
	reply_redirect(request, 303, visit->next[0] != '\0' ? visit->next : "/",
	    headers, 2);
	secret_wipe(session, sizeof session);
}

void
login_answered(struct http_request *request, const struct answer *answer)
{
	struct visit *visit = request->own;
	char wait[16];
	struct header retry = { "Retry-After", wait };

	visit->front->logins--;
	switch (answer->kind) {
	case ANSWER_YES:
		welcome(request, answer);
		break;
	case ANSWER_NO:
		login_page(request, PAGE_BAD, 403, NULL);
		break;
	case ANSWER_WAIT:
		snprintf(wait, sizeof wait, "%u", (unsigned)answer->wait_s);
		login_page(request, PAGE_WAIT, 429, &retry);
		break;
	default:
		reply_error(request, 503);
		break;
	}
}

void
logout_page(struct http_request *request)
{
	struct visit *visit = request->own;
	char token[SECRET_TEXT];
	struct buf page = { 0 };

	if (!visit->has_session) {
		reply_redirect(request, 303, "/-/login", NULL, 0);
		return;
	}
	login_token(visit->front, "session", visit->session, token);
	page_logout(&page, visit->front->pages, visit->language, token);
	reply_page(request, 200, &page, NULL, 0);
	buf_free(&page);
}

void
logout_post(struct http_request *request)
{
	struct visit *visit = request->own;
	struct ask ask = { .kind = ASK_LOGOUT };

	/* The button of the site's pages, which are the same for all and
	 * so carry no token: on to the form that does. */
	if (request->body.size == 0) {
		reply_redirect(request, 303, "/-/logout", NULL, 0);
		return;
	}
	if (!form_of_ours(request) || !visit->has_session ||
	    !token_right(request, "session", visit->session)) {
		reply_error(request, 403);
		return;
	}
	memcpy(ask.session, visit->session, sizeof ask.session);
	if (!front_ask(visit->front, request, &ask))
		reply_error(request, 503);
}

void
logout_answered(struct http_request *request, const struct answer *answer)
{
	struct visit *visit = request->own;
	bool secure = visit->front->config->secure;
	char cookie[SESSION_COOKIE_MAX];
	struct header headers[] = { { "Set-Cookie", cookie },
		{ "Clear-Site-Data", "\"cache\", \"storage\"" } };

	if (answer->kind != ANSWER_YES) {
		reply_error(request, 503);
		return;
	}
	session_cache_drop(visit->front->cache, visit->session);
	session_cookie_put(cookie, session_cookie_name(secure), NULL, secure);
	reply_redirect(request, 303, "/-/login", headers, 2);
}
