/* The path of a request. The order of the steps is rule H4; nothing here
 * touches the file system, and nothing is ever resolved: what is not
 * already canonical after one decoding is refused. */
#include "web/path.h"

#include <string.h>

#include "base/io.h"
#include "base/num.h"

static bool
printable(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (text[i] < 0x21 || text[i] > 0x7e || text[i] == '#')
			return false;
	return true;
}

/* The byte that the escape stands for, or -1. */
static int
escape_value(const char *escape, size_t left)
{
	uint8_t byte;

	if (left < 3 || num_hex(escape + 1, 2, &byte, 1) != 1)
		return -1;
	if (byte < 0x20 || byte >= 0x7f || byte == '/' || byte == '\\' ||
	    byte == '%')
		return -1;
	return byte;
}

static bool
decode(const char *raw, size_t size, struct path *path)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		int byte = (unsigned char)raw[i];

		if (strchr("\\\"<>^{|}`", byte) != NULL)
			return false;
		if (byte == '%') {
			byte = escape_value(raw + i, size - i);
			if (byte < 0)
				return false;
			i += 2;
		}
		path->text[n++] = (char)byte;
	}
	path->text[n] = '\0';
	path->size = n;
	return true;
}

static bool
word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '~' || c == '-';
}

bool
path_segment_ok(const char *segment, size_t size)
{
	if (size == 0 || size > WEB_SEGMENT_MAX || !word(segment[0]))
		return false;
	for (size_t i = 1; i < size; i++)
		if (!word(segment[i]) && segment[i] != '.')
			return false;
	return segment[size - 1] != '.' && segment[size - 1] != '~';
}

static bool
split(struct path *path)
{
	const char *at = path->text + 1;
	const char *end = path->text + path->size;

	path->depth = 0;
	path->slash = end[-1] == '/';
	while (at < end) {
		const char *stop = memchr(at, '/', (size_t)(end - at));
		size_t size = (size_t)((stop != NULL ? stop : end) - at);

		if (!path_segment_ok(at, size) ||
		    ++path->depth > WEB_PATH_DEPTH)
			return false;
		at += size + 1;
	}
	return true;
}

enum path_result
path_parse(const char *target, size_t size, struct path *path)
{
	const char *query = memchr(target, '?', size);
	size_t raw = query != NULL ? (size_t)(query - target) : size;

	memset(path, 0, sizeof *path);
	if (raw == 0 || target[0] != '/' || raw > WEB_PATH_MAX ||
	    !printable(target, size) || !decode(target, raw, path))
		return PATH_BAD;
	return split(path) ? PATH_OK : PATH_NONE;
}

bool
path_under(const char *prefix, const struct path *path)
{
	size_t size = strlen(prefix);

	if (size < 2 || prefix[0] != '/' || prefix[size - 1] != '/')
		return false;
	if (path->size + 1 == size)
		return memcmp(prefix, path->text, size - 1) == 0;
	return path->size >= size && memcmp(prefix, path->text, size) == 0;
}

bool
path_prefix_ok(const char *prefix)
{
	struct path path;
	char slug[WEB_PREFIX_MAX];
	size_t size = strlen(prefix);

	if (size >= WEB_PREFIX_MAX ||
	    path_parse(prefix, size, &path) != PATH_OK || !path.slash ||
	    path.depth < 1 || path.depth > 2 || strcmp(path.text, prefix) != 0)
		return false;
	for (const char *at = prefix + 1; *at != '\0';) {
		size_t n = strcspn(at, "/");

		memcpy(slug, at, n);
		slug[n] = '\0';
		if (!io_slug_ok(slug))
			return false;
		at += n + 1;
	}
	return true;
}

const char *
path_extension(const struct path *path)
{
	const char *name = strrchr(path->text, '/');
	const char *dot = name != NULL ? strrchr(name, '.') : NULL;

	return dot != NULL ? dot + 1 : "";
}
