/* Cookies, the same-origin rule, and the cache of grants. */
#include "web/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct place {
	uint8_t hash[SECRET_SIZE];
	int64_t until_ms; /* 0: empty */
	size_t count;
	char (*prefixes)[WEB_PREFIX_MAX];
};

struct session_cache {
	struct place place[SESSION_CACHE];
};

const char *
session_cookie_name(bool secure)
{
	return secure ? "__Host-tbms" : "tbms";
}

const char *
session_login_cookie_name(bool secure)
{
	return secure ? "__Host-tbms-login" : "tbms-login";
}

bool
session_cookie_get(
    const char *cookies, const char *name, uint8_t token[SECRET_SIZE])
{
	size_t name_size = strlen(name);
	bool found = false;

	for (const char *at = cookies; at != NULL && *at != '\0';) {
		size_t size = strcspn(at, ";");

		if (size > name_size && at[name_size] == '=' &&
		    memcmp(at, name, name_size) == 0) {
			if (found ||
			    !secret_parse(at + name_size + 1,
				size - name_size - 1, token))
				return false;
			found = true;
		}
		at += size;
		at += strspn(at, "; ");
	}
	return found;
}

void
session_cookie_put(char out[SESSION_COOKIE_MAX], const char *name,
    const uint8_t *token, bool secure)
{
	char text[SECRET_TEXT] = "";

	if (token != NULL)
		secret_text(token, text);
	snprintf(out, SESSION_COOKIE_MAX,
	    "%s=%s; Path=/%s; HttpOnly; "
	    "SameSite=Lax%s",
	    name, text, secure ? "; Secure" : "",
	    token == NULL ? "; Max-Age=0" : "");
	secret_wipe(text, sizeof text);
}

bool
session_same_origin(
    const char *fetch_site, const char *origin, bool secure, const char *host)
{
	const char *scheme = secure ? "https://" : "http://";
	size_t size = strlen(scheme);

	if (fetch_site != NULL)
		return strcmp(fetch_site, "same-origin") == 0;
	return origin != NULL && strncmp(origin, scheme, size) == 0 &&
	    strcmp(origin + size, host) == 0;
}

struct session_cache *
session_cache_open(void)
{
	return mem_zero(1, sizeof(struct session_cache));
}

void
session_cache_close(struct session_cache *cache)
{
	if (cache != NULL)
		session_cache_empty(cache);
	free(cache);
}

static size_t
place_of(const uint8_t hash[SECRET_SIZE])
{
	return ((size_t)hash[0] << 8 | hash[1]) % SESSION_CACHE;
}

static void
clear(struct place *place)
{
	free(place->prefixes);
	memset(place, 0, sizeof *place);
}

void
session_cache_put(struct session_cache *cache, const uint8_t hash[SECRET_SIZE],
    int64_t now_ms, const char (*prefixes)[WEB_PREFIX_MAX], size_t count)
{
	struct place *place = &cache->place[place_of(hash)];

	clear(place);
	memcpy(place->hash, hash, SECRET_SIZE);
	place->until_ms = now_ms + SESSION_FRESH_MS;
	place->count = count;
	if (count > 0) {
		place->prefixes = mem_grow(NULL, count, WEB_PREFIX_MAX);
		memcpy(place->prefixes, prefixes, count * WEB_PREFIX_MAX);
	}
}

void
session_cache_drop(struct session_cache *cache, const uint8_t hash[SECRET_SIZE])
{
	struct place *place = &cache->place[place_of(hash)];

	if (memcmp(place->hash, hash, SECRET_SIZE) == 0)
		clear(place);
}

void
session_cache_empty(struct session_cache *cache)
{
	for (size_t i = 0; i < SESSION_CACHE; i++)
		clear(&cache->place[i]);
}

static const struct place *
lookup(const struct session_cache *cache, const uint8_t hash[SECRET_SIZE])
{
	const struct place *place = &cache->place[place_of(hash)];

	return place->until_ms != 0 && secret_same(place->hash, hash) ? place
								      : NULL;
}

enum session_known
session_cache_ask(const struct session_cache *cache,
    const uint8_t hash[SECRET_SIZE], int64_t now_ms, const struct path *path)
{
	const struct place *place = lookup(cache, hash);

	if (place == NULL || place->until_ms <= now_ms)
		return SESSION_UNKNOWN;
	for (size_t i = 0; i < place->count; i++)
		if (path_under(place->prefixes[i], path))
			return SESSION_GRANTED;
	return SESSION_DENIED;
}

const char *
session_cache_first(
    const struct session_cache *cache, const uint8_t hash[SECRET_SIZE])
{
	const struct place *place = lookup(cache, hash);

	return place != NULL && place->count > 0 ? place->prefixes[0] : NULL;
}
