/*
 * What front and keeper say to each other over their socketpair: messages
 * of fixed size (SOCK_SEQPACKET), so that there is nothing to parse. The
 * front asks; the keeper answers with the same id, in any order, and sends
 * ANSWER_FORGET on its own when access.db was changed by someone else.
 */
#ifndef SERVE_ASK_H
#define SERVE_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "store/access.h"
#include "web/secret.h"

#define ASK_LOGINS_MAX 16 /* waiting at once (rule A1) */

enum ask_kind { ASK_SESSION = 1, ASK_LOGIN, ASK_LOGOUT };

struct ask {
	uint32_t kind;
	uint32_t id;
	uint8_t session[SECRET_SIZE]; /* hash; for a login: the old one */
	uint8_t has_session;
	uint8_t source[16];
	uint16_t user_size, password_size;
	char user[ACCESS_NAME_MAX];
	char password[SECRET_PASSWORD_BYTES];
};

enum answer_kind {
	ANSWER_YES = 1, /* token (login) or grants (session) */
	ANSWER_NO, /* no such session; login refused */
	ANSWER_WAIT, /* too many failures; wait_s */
	ANSWER_FAILED, /* the database did not answer: 503 */
	ANSWER_FORGET, /* empty your cache; no id */
	ANSWER_READY /* the keeper has opened and given up all */
};

struct answer {
	uint32_t kind;
	uint32_t id;
	uint32_t wait_s;
	uint8_t token[SECRET_SIZE];
	struct access_grants grants;
};

/* The keeper: opens access.db below root, boxes itself, answers until the
 * front's end is closed. Returns the exit status. */
struct keeper_options {
	const char *root;
	int64_t idle_ms, lifetime_ms; /* of sessions */
	bool require_box;
};
int keeper_run(int fd, const struct keeper_options *options);

#endif
