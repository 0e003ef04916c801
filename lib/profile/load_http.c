/* What a profile says of an HTTP gateway: paths, streams, items. */
#include <string.h>

#include "json/json_path.h"
#include "profile/load.h"

#define REQUEST_MAX 256
#define REQUESTS_MAX 32
#define TEXTS_MAX 32
#define TEXT_MAX 4096

/* "subscribe" and "must": up to 32 texts. */
static int
texts_of(struct loader *l, const json_t *http, const char *name,
    const char ***out, size_t *count)
{
	const json_t *list = json_object_get(http, name), *one;
	struct arena *arena = &l->profile->arena;
	size_t i;

	*out = arena_alloc(arena, (json_array_size(list) + 1) * sizeof(**out));
	json_array_foreach(list, i, one)
	{
		size_t size = json_string_length(one);

		if (!json_is_string(one) || size == 0 || size > TEXT_MAX ||
		    i >= TEXTS_MAX)
			break;
		(*out)[i] = arena_text(arena, json_string_value(one), size);
	}
	*count = i;
	if (list != NULL && (i == 0 || i != json_array_size(list)))
		return failure_set(l->why, EXIT_WRONG,
		    "%s: not an array of 1 to %d texts", name, TEXTS_MAX);
	return 0;
}

static int
stream_of(struct loader *l, const json_t *http, enum profile_stream *stream)
{
	static const char *const names[] = { "none", "sse", "lines",
		"websocket" };
	const char *name = NULL;

	if (json_member_text(http, "stream", false, &name, l->why) != 0)
		return -1;
	for (int i = 0; name != NULL && i <= STREAM_WEBSOCKET; i++)
		if (strcmp(names[i], name) == 0)
			*stream = (enum profile_stream)i;
	if (name != NULL && *stream == STREAM_NONE)
		return failure_set(
		    l->why, EXIT_WRONG, "stream: not sse, lines or websocket");
	return 0;
}

/* A path of a URL: begins with '/', printable, no fragment. */
static bool
is_url_path(const char *text)
{
	size_t size = strlen(text);

	if (size == 0 || size > REQUEST_MAX || text[0] != '/')
		return false;
	for (size_t i = 0; i < size; i++)
		if (text[i] <= ' ' || text[i] > '~' || text[i] == '#')
			return false;
	return true;
}

static int
check_requests(struct loader *l)
{
	const struct profile *p = l->profile;
	bool one = p->http.stream != STREAM_NONE;

	if (p->request_count == 0 || p->request_count > REQUESTS_MAX ||
	    (one && p->request_count != 1))
		return failure_set(l->why, EXIT_WRONG, "http: requests: not %s",
		    one ? "one" : "1 to 32");
	for (size_t i = 0; i < p->request_count; i++)
		if (!is_url_path(p->requests[i].text))
			return failure_set(l->why, EXIT_WRONG,
			    "http: requests: %.80s: not the path of a URL",
			    p->requests[i].text);
	return 0;
}

int
load_http(struct loader *l, const json_t *http)
{
	static const char *const members[] = { "requests", "stream",
		"subscribe", "key", "must", NULL };
	struct profile_http *h = &l->profile->http;
	const char *key = "";

	if (!json_is_object(http))
		return failure_set(l->why, EXIT_WRONG, "http: is missing");
	if (json_members_known(http, members, l->why) != 0 ||
	    stream_of(l, http, &h->stream) != 0 ||
	    json_member_text(http, "key", false, &key, l->why) != 0 ||
	    texts_of(l, http, "subscribe", &h->subscribe,
		&h->subscribe_count) != 0 ||
	    texts_of(l, http, "must", &h->must, &h->must_count) != 0 ||
	    load_requests(l, http) != 0 || check_requests(l) != 0)
		return -1;
	if (*key != '\0' && json_path_check(key, strlen(key), l->why) != 0)
		return failure_prefix(l->why, "http: key");
	if (h->subscribe_count > 0 && h->stream != STREAM_WEBSOCKET)
		return failure_set(
		    l->why, EXIT_WRONG, "subscribe: only for websocket");
	if ((*key != '\0' || h->must_count > 0) && h->stream == STREAM_NONE)
		return failure_set(
		    l->why, EXIT_WRONG, "key and must: only for streams");
	h->key = arena_text(&l->profile->arena, key, strlen(key));
	return 0;
}

/* Is this the path of a request, or for streams, any key? */
static bool
known_answer(const struct profile *p, const char *name, size_t size)
{
	if (p->http.stream != STREAM_NONE)
		return size > 0;
	for (size_t i = 0; i < p->request_count; i++)
		if (strlen(p->requests[i].text) == size &&
		    memcmp(p->requests[i].text, name, size) == 0)
			return true;
	return false;
}

/* REQUEST#PATH or PATH. */
static int
check_item(struct loader *l, const char *name, size_t size)
{
	const char *hash = memchr(name, '#', size);
	size_t before = 0;

	if (hash != NULL) {
		before = (size_t)(hash - name) + 1;
		if (!known_answer(l->profile, name, before - 1))
			return failure_set(l->why, EXIT_WRONG,
			    "%.*s: not one of the requests", (int)(before - 1),
			    name);
	}
	return json_path_check(name + before, size - before, l->why);
}

int
load_http_items(struct loader *l)
{
	const struct profile *p = l->profile;

	for (size_t i = 0; p->protocol == FRAME_HTTP && i < p->item_count;
	     i++) {
		const char *name = p->items[i];

		while (name != NULL) {
			size_t size = strcspn(name, "|");

			if (check_item(l, name, size) != 0)
				return failure_prefix(l->why, "item");
			name = name[size] == '|' ? name + size + 1 : NULL;
		}
	}
	return 0;
}
