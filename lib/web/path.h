/* The path of a request: the one place that decides what it names.
 * Limits (rule H4): 1024 bytes, depth 16, segments of 128 bytes, ASCII. */
#ifndef WEB_PATH_H
#define WEB_PATH_H

#include <stdbool.h>
#include <stddef.h>

#define WEB_PATH_MAX 1024
#define WEB_PATH_DEPTH 16
#define WEB_SEGMENT_MAX 128
#define WEB_PREFIX_MAX 132 /* /<slug>/<view>/ and its NUL */

/* What path_parse says; the value is the HTTP status of a refusal. */
enum path_result { PATH_OK = 0, PATH_BAD = 400, PATH_NONE = 404 };

/* A canonical path: decoded, begins with '/', no empty or dot segment. */
struct path {
	char text[WEB_PATH_MAX + 1];
	size_t size;
	unsigned depth; /* number of segments; 0 is "/" */
	bool slash; /* ends in '/' */
};

/*
 * Take the path out of a request target (origin form, raw bytes). The
 * query is cut off and not looked into, except that it must be printable.
 * Decodes percent signs once; what would need a second look is refused.
 */
enum path_result path_parse(const char *target, size_t size, struct path *path);
/* Does the path lie under the prefix, by whole segments? The prefix begins
 * and ends with '/'; "/a/b/" holds "/a/b" and "/a/b/c", never "/a/bc". */
bool path_under(const char *prefix, const struct path *path);
/* Is this a prefix that can be granted: "/tenant/" or "/tenant/view/"? */
bool path_prefix_ok(const char *prefix);
/* A segment by the rule of H4: [A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}, not
 * ending in '.' or '~'. */
bool path_segment_ok(const char *segment, size_t size);
/* The text behind the last '.' of the last segment, or "". */
const char *path_extension(const struct path *path);

#endif
