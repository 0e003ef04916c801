/* access.db: logins, what they are granted, sessions and counters of
 * failures. Opened by serve-static's keeper and by tenant-user only. */
#ifndef STORE_ACCESS_H
#define STORE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/sql.h"

#define ACCESS_NAME_MAX 128 /* bytes of a login's name */
#define ACCESS_HASH_MAX 128 /* of a password hash, with its NUL */
#define ACCESS_KEY_SIZE 32
#define ACCESS_GRANTS_MAX 64 /* of one login */
#define ACCESS_PREFIX_MAX 132 /* with its NUL */
#define ACCESS_SESSIONS_MAX 10 /* of one login; the oldest goes */

struct access;

struct access_login {
	int64_t id;
	char name[ACCESS_NAME_MAX + 1];
	char tenant[64]; /* "" for a super_admin */
	char role[16];
	char hash[ACCESS_HASH_MAX];
	bool active;
	bool must_change;
	int64_t expires_ms; /* of the password; 0: never */
	int64_t last_login_ms; /* 0: never */
};

struct access_grants {
	size_t count;
	char prefix[ACCESS_GRANTS_MAX][ACCESS_PREFIX_MAX];
};

struct access_session {
	uint8_t hash[ACCESS_KEY_SIZE]; /* SHA-256 of the token */
	int64_t login_id;
	uint8_t source[16];
};

/* Open $root/access.db; NULL with a failure (EXIT_WRONG where it is not
 * there or of another edition). */
struct access *access_open(const char *root, struct failure *why);
/* The same, but made from <share>/schema/access where it is not there;
 * mode 0600. One of an earlier edition is refused as by access_open. */
struct access *access_create(
    const char *root, const char *share, struct failure *why);
void access_close(struct access *access);
/* Bring an older one up, after a copy beside it (access.db.v1). 0 too when
 * there is nothing to do; a newer one is EXIT_WRONG. */
int access_migrate(const char *root, const char *share, struct failure *why);
/* Changes when another process has changed the database. */
int64_t access_version(struct access *access, struct failure *why);

/* As access_open, but where there is none that is 0 and *access NULL. */
int access_open_there(
    const char *root, struct access **access, struct failure *why);
/*
 * What the web side must know of a client; `status` is its word. Where it is
 * not one that lets logins in, the sessions of its tenant end. In one durable
 * transaction. -1 with a failure.
 */
int access_tenant_set(struct access *access, const char *slug,
    const char *status, int64_t max_users, struct failure *why);
/* The same for all clients of core.db, where $root has one. */
int access_tenants_copy(
    struct access *access, const char *root, struct failure *why);
/* 1 where its status is `status`; 0 where not, or where it is not known. */
int access_tenant_is(struct access *access, const char *slug,
    const char *status, struct failure *why);

/* How many administrators there are; -1 with a failure. */
int64_t access_admins(struct access *access, struct failure *why);
/* All below: -1 with a failure; 1 found or done; 0 there is none. */
int access_find(struct access *access, const char *name,
    struct access_login *login, struct failure *why);
/* Calls `each` for every login in order of name. */
int access_each(struct access *access,
    void (*each)(void *own, const struct access_login *login), void *own,
    struct failure *why);
/* 0: the name is taken. With its grants, in one durable transaction. */
int access_add(struct access *access, const struct access_login *login,
    const struct access_grants *grants, int64_t now_ms, struct failure *why);
int access_remove(struct access *access, const char *name, struct failure *why);
/* All logins of a tenant with their sessions, and what others were granted
 * of it; nothing of them is left in the file. */
int access_forget(
    struct access *access, const char *tenant, struct failure *why);
/* The logins of a tenant and what they are granted, a line of JSON each, with
 * the hashes of their passwords. */
int access_pack(struct access *access, const char *tenant, struct buf *out,
    struct failure *why);
/* Such lines of another machine become logins of this tenant here, all or
 * none. EXIT_WRONG where somebody else has one of the names. */
int access_unpack(struct access *access, const char *tenant, const char *lines,
    struct failure *why);
/* A new password ends all sessions of the login. */
int access_password(struct access *access, const char *name, const char *hash,
    bool must_change, int64_t expires_ms, int64_t now_ms, struct failure *why);
/* A better hash of the same password. */
int access_rehash(struct access *access, int64_t login_id, const char *hash,
    struct failure *why);
int access_grants(struct access *access, int64_t login_id,
    struct access_grants *grants, struct failure *why);

/* A session begins; `old` (may be NULL) is one that ends with it. */
int access_session_begin(struct access *access,
    const struct access_session *session, const uint8_t *old, int64_t now_ms,
    int64_t lifetime_ms, struct failure *why);
/* Is it live: not idle for longer than idle_ms, not expired, its login
 * active? Then it counts as used now. */
int access_session_use(struct access *access, const uint8_t *hash,
    int64_t now_ms, int64_t idle_ms, int64_t *login_id, struct failure *why);
int access_session_end(
    struct access *access, const uint8_t *hash, struct failure *why);
/* Forget what is over: sessions and counters. */
int access_sweep(struct access *access, int64_t now_ms, int64_t idle_ms,
    int64_t window_ms, struct failure *why);

/*
 * Count an attempt to log in before it is looked at. 0: refused, the limit
 * was reached in this window and the window length has not passed since;
 * *wait_ms says how long. 1: go on; access_attempt_good takes it back.
 */
int access_attempt(struct access *access, const uint8_t *key, int64_t limit,
    int64_t window_ms, int64_t now_ms, int64_t *wait_ms, struct failure *why);
int access_attempt_good(struct access *access, const uint8_t *key, bool forget,
    struct failure *why);

#endif
