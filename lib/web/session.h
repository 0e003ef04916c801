/* Sessions as the HTTP side knows them: the cookie, the form tokens, and
 * a small cache of what each session is granted. */
#ifndef WEB_SESSION_H
#define WEB_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "web/path.h"
#include "web/secret.h"

/* __Host- names need https; plain http on the loopback has its own. */
const char *session_cookie_name(bool secure);
const char *session_login_cookie_name(bool secure);

/* The token in a Cookie header (may be NULL) under that name. False where
 * it is absent, twice there, or not 43 letters of base64url. */
bool session_cookie_get(
    const char *cookies, const char *name, uint8_t token[SECRET_SIZE]);
/* Text for Set-Cookie; a NULL token makes one that expires it. */
#define SESSION_COOKIE_MAX 160
void session_cookie_put(char out[SESSION_COOKIE_MAX], const char *name,
    const uint8_t *token, bool secure);

/* Is this request of our own pages: Sec-Fetch-Site same-origin, or absent
 * and Origin the same as scheme and Host? (rule A13) */
bool session_same_origin(
    const char *fetch_site, const char *origin, bool secure, const char *host);

/* ---- what sessions are granted ---------------------------------------- */

#define SESSION_CACHE 1024 /* places; a collision costs a question */
#define SESSION_FRESH_MS 30000 /* then the keeper is asked again */

struct session_cache;
struct session_cache *session_cache_open(void);
void session_cache_close(struct session_cache *cache);
/* `prefixes` is copied: count texts of WEB_PREFIX_MAX bytes each. */
void session_cache_put(struct session_cache *cache,
    const uint8_t hash[SECRET_SIZE], int64_t now_ms,
    const char (*prefixes)[WEB_PREFIX_MAX], size_t count);
void session_cache_drop(
    struct session_cache *cache, const uint8_t hash[SECRET_SIZE]);
void session_cache_empty(struct session_cache *cache);

enum session_known { SESSION_UNKNOWN, SESSION_GRANTED, SESSION_DENIED };
/* Does the path lie under a prefix of this session? UNKNOWN: not in the
 * cache, ask the keeper. */
enum session_known session_cache_ask(const struct session_cache *cache,
    const uint8_t hash[SECRET_SIZE], int64_t now_ms, const struct path *path);
/* Its first prefix, or NULL where it has none (or is not there). */
const char *session_cache_first(
    const struct session_cache *cache, const uint8_t hash[SECRET_SIZE]);

#endif
