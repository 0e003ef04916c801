/* The front: what its files share. It speaks HTTP, opens files of the site
 * and asks the keeper; it never opens a database. */
#ifndef SERVE_FRONT_H
#define SERVE_FRONT_H

#include <stdbool.h>
#include <stdint.h>

#include "ask.h"
#include "web/http.h"
#include "web/page.h"
#include "web/session.h"

#define FRONT_PENDING 1024 /* questions open at once: the connections */

struct front_options {
	const char *root, *share, *log, *where;
	bool require_box;
	struct http_config http;
};

struct front {
	struct http_config *config;
	struct http *http;
	struct pages *pages;
	struct session_cache *cache;
	int site_fd, assets_fd, keeper_fd, log_fd;
	uint8_t key[SECRET_SIZE]; /* of this start: form tokens, ETags */
	struct http_request *pending[FRONT_PENDING];
	uint32_t turn; /* makes question ids differ */
	unsigned logins; /* that the keeper owes */
	bool keeper_gone;
};

/* What we know of one request; request->own. */
struct visit {
	struct front *front;
	int language;
	bool has_session;
	uint8_t session[SECRET_SIZE]; /* hash of its token */
	uint32_t asked, id; /* kind and id of the open question */
	char next[WEB_PATH_MAX + 1]; /* where a login goes on to */
};

/* front.c: serves until asked to stop; returns the exit status. */
int front_run(int keeper_fd, struct front_options *options);
/* Send a question about this request; false where it cannot be. */
bool front_ask(
    struct front *front, struct http_request *request, struct ask *ask);
void front_log(
    struct front *front, const struct http_request *request, unsigned status);

/* route.c: the calls of http.h, and the keeper's answer to a question. */
size_t route_body_limit(void *own, const struct http_request *request);
void route_handle(void *own, struct http_request *request);
void route_refuse(void *own, struct http_request *request, unsigned status);
void route_done(void *own, struct http_request *request, unsigned status);
void route_answered(struct http_request *request, const struct answer *answer);

/* login.c */
void login_page(struct http_request *request, enum page_note note,
    unsigned status, const struct header *more);
void login_post(struct http_request *request);
void login_answered(struct http_request *request, const struct answer *answer);
void logout_page(struct http_request *request);
void logout_post(struct http_request *request);
void logout_answered(struct http_request *request, const struct answer *answer);
/* The token that a form for this session (hash) or login carries. */
void login_token(const struct front *front, const char *kind,
    const uint8_t of[SECRET_SIZE], char out[SECRET_TEXT]);

/* reply.c: answers of our own making */
void reply_page(struct http_request *request, unsigned status,
    const struct buf *page, const struct header *more, size_t count);
void reply_error(struct http_request *request, unsigned status);
void reply_redirect(struct http_request *request, unsigned status,
    const char *location, const struct header *more, size_t count);
/* A file beneath `dir_fd`, behind the first `skip` bytes of the path. */
void reply_file(struct http_request *request, int dir_fd, size_t skip);

#endif
